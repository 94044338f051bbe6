"""The answering pipeline as a service: in worker threads, with a bound on the work in progress."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from threading import Lock

import anyio
from anyio.to_thread import run_sync

from ingest.model import Corpus
from server.answering.model import Answer, Turn
from server.answering.pipeline import Knowledge, answer, failed, steps

_LOG = logging.getLogger(__name__)
IN_PROGRESS = 4
"""Questions worked on at once; each costs about one core."""
WATCH_SECONDS = 1.0
"""How often a new snapshot is looked for."""
WAITING = 64
"""Questions that may wait for their turn; more are turned away."""


class NotReady(RuntimeError):
    """The knowledge is still being loaded, or could not be."""


class Busy(RuntimeError):
    """More questions are waiting than will be answered in reasonable time."""


class Service:
    """Answers questions from the knowledge that was loaded last.

    `published` names what would be loaded now. A question in progress keeps the knowledge it began with.
    """

    def __init__(self, load: Callable[[], Knowledge], published: Callable[[], str] = lambda: "") -> None:
        self._load = load
        self._published = published
        self._loaded = ""
        self._knowledge: Knowledge | None = None
        self._refreshing = Lock()
        self._limiter = anyio.CapacityLimiter(IN_PROGRESS)

    def start(self) -> None:
        """Load the knowledge; blocks until it is there."""
        knowledge = self._load()
        self._loaded, self._knowledge = self._published(), knowledge

    def refresh(self) -> bool:
        """Load anew where something else was published; where that fails, what was loaded before stays.

        Returns whether other knowledge is there now. Blocks while it loads; meanwhile questions are answered from the old.
        """
        with self._refreshing:
            name = self._published()
            if not name or name == self._loaded:
                return False
            try:
                knowledge = self._load()
            except Exception:
                _LOG.exception("snapshot %s cannot be loaded; snapshot %s goes on being served", name, self._loaded)
                return False
            self._loaded, self._knowledge = name, knowledge
            _LOG.info("snapshot %s is served", name)
            return True

    async def watch(self) -> None:
        """Look for a new snapshot for ever; one that cannot be loaded is tried again, each time after a longer while."""
        pause = WATCH_SECONDS
        while True:
            await anyio.sleep(pause)
            changed = await run_sync(self.refresh)
            failed_to = not changed and self._published() not in ("", self._loaded)
            pause = min(pause * 2, WATCH_SECONDS * 32) if failed_to else WATCH_SECONDS

    @property
    def knowledge(self) -> Knowledge:
        """What is answered from.

        :raises NotReady: nothing is loaded yet.
        """
        if self._knowledge is None:
            raise NotReady
        return self._knowledge

    @property
    def corpora(self) -> Mapping[str, Corpus]:
        """Every report by its id.

        :raises NotReady: nothing is loaded yet.
        """
        return self.knowledge.snapshot.corpora

    async def answer(self, question: str, history: Sequence[Turn]) -> Answer:
        """Answer one question.

        :raises NotReady: nothing is loaded yet.
        :raises Busy: too many questions are waiting.
        """
        self._admit()
        return await run_sync(answer, self.knowledge, question, history, limiter=self._limiter)

    async def stream(self, question: str, history: Sequence[Turn]) -> AsyncIterator[str | Answer]:
        """The name of each step as it begins, and last the answer.

        :raises NotReady: nothing is loaded yet.
        :raises Busy: too many questions are waiting.
        """
        self._admit()
        knowledge = self.knowledge
        steps_of_answer = steps(knowledge, question, history)
        try:
            while (item := await run_sync(next, steps_of_answer, None, limiter=self._limiter)) is not None:
                yield item
        except Exception:
            # The response has begun: all that can still be said is that it failed, in an answer of its own.
            _LOG.exception("answering broke off")
            yield failed(knowledge, question)

    def _admit(self) -> None:
        if self._limiter.statistics().tasks_waiting >= WAITING:
            raise Busy
