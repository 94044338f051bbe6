"""Run the web server: build what is missing, load, say where it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from socket import socket

import uvicorn

from index.build import ProgressBar, build_snapshot, is_current
from index.embedder import SentenceTransformerEmbedder
from index.snapshot import SnapshotStore
from server.answering.generate import Writer
from server.answering.pipeline import Knowledge
from server.app import create_app
from server.breaker import Breaker
from server.llm import OpenAiModel
from server.service import Service
from server.settings import Settings


def load_knowledge(settings: Settings, bar: ProgressBar) -> Knowledge:
    """Open the snapshot of the configured reports and model, building it first where it is missing or outdated."""
    store = SnapshotStore(settings.data_dir)
    embedder = SentenceTransformerEmbedder(settings.embedding_model)
    if not is_current(settings.reports_dir, store, embedder.model):
        build_snapshot(settings.reports_dir, store, embedder, bar)
    return Knowledge.of(store.open(embedder))


def load_writer(settings: Settings) -> Writer | None:
    """What writes answers, where a language model is configured; nothing is sent to it yet."""
    if not settings.llm_base_url:
        return None
    model = OpenAiModel(settings.llm_base_url, settings.llm_model, settings.llm_api_key, settings.llm_timeout)
    return Writer(model, Breaker(), settings.llm_context_tokens)


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
    app = create_app(Service(lambda: load_knowledge(settings, bar), load_writer(settings)), settings, baseline)
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, timeout_keep_alive=15, server_header=False
    )
    _AnnouncingServer(config, lambda: say(f"PlanQA is ready: http://{host}:{port}")).run()


class _AnnouncingServer(uvicorn.Server):
    """uvicorn's server, which says when its sockets are open."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()
