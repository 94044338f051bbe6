"""The answering pipeline as a service: in worker threads, with a bound on the work in progress."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

import anyio
from anyio.to_thread import run_sync

from index.search import Found
from index.years import years_in
from ingest.model import Corpus
from server.answering.generate import Writer
from server.answering.model import Answer, Turn
from server.answering.pipeline import Knowledge, Shown, answer, failed, steps

_LOG = logging.getLogger(__name__)
IN_PROGRESS = 4
"""Questions worked on at once; each costs about one core."""
WRITING = 16
"""Questions in progress at once where a model writes the answers: most of their time is waiting for it."""
WAITING = 64
"""Questions that may wait for their turn; more are turned away."""


class NotReady(RuntimeError):
    """The knowledge is still being loaded, or could not be."""


class Busy(RuntimeError):
    """More questions are waiting than will be answered in reasonable time."""


class Service:
    """Answers questions from the knowledge that was loaded last."""

    def __init__(self, load: Callable[[], Knowledge], writer: Writer | None = None) -> None:
        self._load = load
        self._writer = writer
        self._knowledge: Knowledge | None = None
        self._limiter = anyio.CapacityLimiter(WRITING if writer else IN_PROGRESS)

    def start(self) -> None:
        """Load the knowledge; blocks until it is there."""
        self._knowledge = self._load()

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

    @property
    def snapshot_id(self) -> str:
        """The snapshot that is answered from.

        :raises NotReady: nothing is loaded yet.
        """
        return self.knowledge.snapshot.id

    async def answer(self, question: str, history: Sequence[Turn]) -> Answer:
        """Answer one question.

        :raises NotReady: nothing is loaded yet.
        :raises Busy: too many questions are waiting.
        """
        self._admit()
        return await run_sync(answer, self.knowledge, question, history, self._writer, limiter=self._limiter)

    async def stream(self, question: str, history: Sequence[Turn]) -> AsyncIterator[str | Shown | Answer]:
        """The name of each step as it begins, sentences as a model writes them, and last the answer.

        :raises NotReady: nothing is loaded yet.
        :raises Busy: too many questions are waiting.
        """
        self._admit()
        knowledge = self.knowledge
        steps_of_answer = steps(knowledge, question, history, self._writer)
        try:
            while (item := await run_sync(next, steps_of_answer, None, limiter=self._limiter)) is not None:
                yield item
        except Exception:
            # The response has begun: all that can still be said is that it failed, in an answer of its own.
            _LOG.exception("answering broke off")
            yield failed(knowledge, question)
        finally:
            steps_of_answer.close()

    async def find(self, words: str) -> Found:
        """What the search finds for `words`, those of the years they name first.

        :raises NotReady: nothing is loaded yet.
        :raises Busy: too many questions are waiting.
        """
        self._admit()
        snapshot = self.knowledge.snapshot
        years = years_in(words, snapshot.default.report)
        return await run_sync(snapshot.search.find, words, years, limiter=self._limiter)

    def _admit(self) -> None:
        if self._limiter.statistics().tasks_waiting >= WAITING:
            raise Busy
