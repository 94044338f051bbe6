"""Run the web server: build what is missing, load, say where it is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from socket import socket

import uvicorn

from index.build import ProgressBar, build_snapshot, is_current
from index.embedder import Embedder, SentenceTransformerEmbedder
from index.manifest import SnapshotError
from index.milvus import connect
from index.snapshot import Snapshot, SnapshotStore
from ingest.readers import UnreadableFile
from server import logs
from server.answering.generate import Writer
from server.answering.pipeline import Knowledge
from server.app import create_app
from server.breaker import Breaker
from server.connection import HEADER_LIMIT, PatientProtocol
from server.llm import ChatModel, OpenAiModel
from server.service import ANSWER_SECONDS, Service
from server.settings import Settings
from server.storage import Store
from server.tracing import tracer

_LOG = logging.getLogger(__name__)
GRACE_SECONDS = 20
"""How long requests in progress may take to end when the server is told to stop."""
CONNECTIONS = 1000
"""Connections open at once; more get 503."""


class Loader:
    """Opens the published snapshot of the configured model; the first time it builds what is missing or outdated."""

    def __init__(
        self, settings: Settings, bar: ProgressBar, embedder: Callable[[str], Embedder] = SentenceTransformerEmbedder
    ) -> None:
        self._settings = settings
        self._bar = bar
        self._store = SnapshotStore(settings.data_dir, connect(settings.vector_store))
        self._make_embedder = embedder
        self._embedder: Embedder | None = None

    def __call__(self) -> Knowledge:
        """The knowledge of the published snapshot.

        :raises ModelUnavailable: the model cannot be loaded.
        :raises UnreadableFile: a report cannot be read, and nothing was published before.
        :raises SnapshotError: what is published cannot be opened.
        """
        if self._embedder is None:
            embedder = self._make_embedder(self._settings.embedding_model)
            snapshot = self._first(embedder)
            self._embedder = embedder
        else:
            snapshot = self._open(self._embedder)
        if self._settings.place not in snapshot.default.report.place:
            _LOG.warning(
                "PLANQA_PLACE: no report of '%s' is loaded; questions without a place go to %s",
                self._settings.place,
                snapshot.default.report.id,
            )
        return Knowledge.of(snapshot)

    def published(self) -> str:
        """The name of what is published; '' where nothing is."""
        return self._store.pointer()

    def _first(self, embedder: Embedder) -> Snapshot:
        """Build where reports changed; where that fails and a snapshot is there, that one is served."""
        reports = self._settings.reports_dir
        try:
            current = is_current(reports, self._store, embedder.model) and self._opened(embedder)
            if not current:
                build_snapshot(reports, self._store, embedder, self._bar)
        except (UnreadableFile, OSError) as error:
            current = self._opened(embedder)
            if not current:
                raise
            _LOG.error("the reports cannot be indexed (%s); the snapshot built before is served", error)
        return current or self._open(embedder)

    def _opened(self, embedder: Embedder) -> Snapshot | None:
        try:
            return self._open(embedder)
        except SnapshotError as error:
            _LOG.warning("%s", error)
            return None

    def _open(self, embedder: Embedder) -> Snapshot:
        return self._store.open(embedder, self._settings.place)


def load_model(settings: Settings) -> ChatModel | None:
    """The language model, where one is configured; nothing is sent to it yet."""
    if not settings.llm_base_url:
        return None
    return OpenAiModel(settings.llm_base_url, settings.llm_model, settings.llm_api_key, settings.llm_timeout)


def load_writer(settings: Settings) -> Writer | None:
    """What writes answers, where a language model is configured; nothing is sent to it yet."""
    model = load_model(settings)
    return Writer(model, Breaker(), settings.llm_context_tokens) if model else None


def load_service(settings: Settings, bar: ProgressBar, store: Store) -> Service:
    """The service as it is configured, which keeps its answers in `store`; not started yet."""
    loader, writer = Loader(settings, bar), load_writer(settings)
    # A follow-up is completed by the model before its answer is written.
    seconds = ANSWER_SECONDS + (2 * settings.llm_timeout if writer else 0)
    return Service(loader, loader.published, store, trace=tracer() or (lambda _: None), writer=writer, seconds=seconds)


def serve(
    settings: Settings,
    host: str,
    port: int,
    bar: ProgressBar,
    say: Callable[[str], None],
    baseline: Path | None = None,
) -> None:
    """Serve until interrupted; `say` gets the address when questions can be asked.

    :param baseline: the evaluation that ships, for the page about quality.
    :raises SystemExit: with code 1 where the port cannot be had or the application does not start.
    """
    logs.install(settings.secrets)
    store = Store(settings.database)
    service = load_service(settings, bar, store)
    config = uvicorn.Config(
        create_app(service, settings, store, baseline),
        host=host,
        port=port,
        http=PatientProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=GRACE_SECONDS,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=HEADER_LIMIT,
        server_header=False,
        proxy_headers=False,
    )
    try:
        _AnnouncingServer(config, lambda: say(f"PlanQA is ready: http://{host}:{port}")).run()
    finally:
        store.close()


class _AnnouncingServer(uvicorn.Server):
    """uvicorn's server, which says when its sockets are open."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()
