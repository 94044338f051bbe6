"""The answering pipeline as a service: in worker threads, with a bound on the work in progress."""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Protocol, TypeVar

import anyio
from anyio.to_thread import run_sync

from index.search import Found, in_turn
from index.years import years_in
from ingest.model import Corpus
from server.answering.clean import clean
from server.answering.generate import Writer
from server.answering.model import Answer, Shown, Turn
from server.answering.pipeline import STEPS, Knowledge, answer, failed, steps
from server.gathered import Gathered
from server.limits import client_network
from server.metrics import Metrics
from server.privacy import PersonalData, personal_data, refuse_personal_data
from server.remembered import Remembered
from server.storage import GivenAnswer, StorageError

_LOG = logging.getLogger(__name__)
Done = TypeVar("Done")
IN_PROGRESS = 4
"""Questions worked on at once; each costs about one core."""
WRITING = 16
"""Questions in progress at once where a model writes the answers: most of their time is waiting for it."""
WAITING = 64
"""Questions that may wait for their turn; more are turned away."""
PER_CLIENT = 16
"""Questions of one address that may be in progress or wait; more are turned away, while others are still let in."""
ANSWER_SECONDS = 90.0
"""How long a question may be worked on."""
EACH = 24
"""Reports that are searched each by itself where none is chosen; more are searched as one."""
FOUND = 10
"""What a search finds at most, where nobody asks for more."""
_SELDOM = (50_000, 20, 100)
"""Objects made since the garbage collector last went through the youngest, and how many times for each older kind."""
WATCH_SECONDS = 1.0
"""How often a new snapshot is looked for."""


class NotReady(RuntimeError):
    """The knowledge is still being loaded, or could not be."""


class Busy(RuntimeError):
    """More questions are waiting than will be answered in reasonable time."""


class ChatOff(RuntimeError):
    """Those who run the service turned the chat off; the words are what they say instead."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the conversation, by an id of the asker's choice, and the client's address; both may be unknown.

    `report` is the one report, by its id, that they want asked; '' where the question decides.
    """

    conversation: str = ""
    address: str = ""
    report: str = ""


NOBODY = Asker()


class UnknownReport(LookupError):
    """A report was asked for that is not loaded; the message names those that are."""


class Memory(Protocol):
    """What keeps answers."""

    def save_answers(self, given: Sequence[GivenAnswer]) -> None:
        """Keep answers; one that cannot be kept does not keep the others from it.

        :raises StorageError: not all are kept.
        """
        ...

    def client_name(self, address: str) -> str:
        """A name for an address that does not give it away."""
        ...

    def chat_notice(self) -> str | None:
        """What is said instead of answering, None where the chat is on."""
        ...


class Service:
    """Answers questions from the knowledge that was loaded last, and keeps the answers.

    `published` names what would be loaded now. A question in progress keeps the knowledge it began with.
    """

    def __init__(
        self,
        load: Callable[[], Knowledge],
        published: Callable[[], str] = lambda: "",
        memory: Memory | None = None,
        metrics: Metrics | None = None,
        trace: Callable[[Answer], None] = lambda _: None,
        writer: Writer | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._load = load
        self._published = published
        self._loaded = ""
        self._knowledge: Knowledge | None = None
        self._memory = memory
        self._trace = trace
        self.metrics = metrics or Metrics()
        self._in_progress: Counter[str] = Counter()
        self._refreshing = Lock()
        self._writer = writer
        self._remembered = Remembered()
        self._switch = Gathered(self._read_switch)
        self._kept = Gathered(self._save)
        if writer is not None:
            about = "1 while the language model is left alone because it failed"
            self.metrics.watch("planqa_model_resting", about, lambda: writer.is_resting)
        self._seconds = seconds
        self._limiter = anyio.CapacityLimiter(WRITING if writer else IN_PROGRESS)

    def start(self) -> None:
        """Load the knowledge; blocks until it is there."""
        knowledge = self._load()
        self._loaded, self._knowledge = self._published(), knowledge
        settle()

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
                self.metrics.failures.labels("snapshot").inc()
                _LOG.exception("snapshot %s cannot be loaded; snapshot %s goes on being served", name, self._loaded)
                return False
            self._loaded, self._knowledge = name, knowledge
            settle()
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
        """Every report by its id, the default one first.

        :raises NotReady: nothing is loaded yet.
        """
        return self.knowledge.snapshot.corpora

    @property
    def snapshot_id(self) -> str:
        """The snapshot that is answered from.

        :raises NotReady: nothing is loaded yet.
        """
        return self.knowledge.snapshot.id

    async def answer(self, question: str, history: Sequence[Turn], asker: Asker = NOBODY) -> Answer:
        """Answer one question; when it is returned it is kept.

        :raises NotReady: nothing is loaded yet.
        :raises Busy: too many questions are waiting, of all askers or of this one.
        :raises ChatOff: the chat is turned off.
        :raises UnknownReport: no report has the id asked for.
        :raises PersonalData: the question holds personal data; it is neither kept nor logged.
        """
        knowledge = self.knowledge
        _check_report(knowledge.snapshot.corpora, asker.report)
        question, history = self._checked(question, history)
        with self._admitted(asker):
            await self._check_switch()
            given = self._known(knowledge, question, history, asker)
            if given is None:
                work = partial(answer, knowledge, question, history, self._writer, asker.report)
                try:
                    given = await self._work(work)
                except Exception:
                    await self._keep(failed(knowledge, question), asker)
                    raise
                self._remember(knowledge, question, history, asker, given)
            await self._keep(given, asker)
        return given

    async def stream(
        self, question: str, history: Sequence[Turn], asker: Asker = NOBODY
    ) -> AsyncGenerator[str | Shown | Answer, None]:
        """The name of each step as it begins, sentences as a model writes them, and last the answer, kept by then.

        :raises NotReady: nothing is loaded yet.
        :raises Busy: too many questions are waiting, of all askers or of this one.
        :raises ChatOff: the chat is turned off.
        :raises UnknownReport: no report has the id asked for.
        :raises PersonalData: the question holds personal data; it is neither kept nor logged.
        """
        knowledge = self.knowledge
        _check_report(knowledge.snapshot.corpora, asker.report)
        question, history = self._checked(question, history)
        with self._admitted(asker):
            await self._check_switch()
            if (given := self._known(knowledge, question, history, asker)) is not None:
                for name, _ in STEPS:
                    yield name
                await self._keep(given, asker)
                yield given
                return
            steps_of_answer = steps(knowledge, question, history, self._writer, asker.report)
            try:
                while (item := await self._work(partial(next, steps_of_answer, None))) is not None:
                    if isinstance(item, Answer):
                        self._remember(knowledge, question, history, asker, item)
                        await self._keep(item, asker)
                    yield item
            except Exception:
                # The response has begun: all that can still be said is that it failed, in an answer of its own.
                _LOG.exception("answering broke off")
                broken = failed(knowledge, question)
                await self._keep(broken, asker)
                yield broken
            finally:
                # Where a step is still at work, its thread drops the rest when it is done.
                with suppress(ValueError):
                    steps_of_answer.close()

    def _known(self, knowledge: Knowledge, question: str, history: Sequence[Turn], asker: Asker) -> Answer | None:
        """The answer where the same was asked before of the same reports, and nobody writes it anew."""
        alone = not history and self._writer is None
        return self._remembered.find(knowledge.snapshot.id, asker.report, question) if alone else None

    def _remember(
        self, knowledge: Knowledge, question: str, history: Sequence[Turn], asker: Asker, given: Answer
    ) -> None:
        if not history and self._writer is None:
            self._remembered.keep(knowledge.snapshot.id, asker.report, question, given)

    async def find(self, words: str, asker: Asker = NOBODY, most: int = FOUND) -> Found:
        """What the search finds for `words`, those of the years they name first, at most `most`; of several reports in turn.

        :raises NotReady: nothing is loaded yet.
        :raises UnknownReport: no report has the id asked for.
        :raises Busy: too many questions are waiting, of all askers or of this one.
        """
        snapshot = self.knowledge.snapshot
        _check_report(snapshot.corpora, asker.report)
        reports = [asker.report] if asker.report else list(snapshot.corpora)

        def find_in_each() -> Found:
            if len(reports) > EACH:
                return snapshot.whole.find(words, years_in(words, snapshot.default.report), most)
            years = {name: years_in(words, snapshot.corpora[name].report) for name in reports}
            return in_turn([snapshot.searches[name].find(words, years[name], most) for name in reports], most)

        with self._admitted(asker):
            return await self._work(find_in_each)

    async def _work(self, step: Callable[[], Done]) -> Done:
        """Do something in a thread, as soon as one is free.

        :raises TimeoutError: it takes too long.
        """
        with anyio.fail_after(self._seconds):
            return await run_sync(step, limiter=self._limiter, abandon_on_cancel=True)

    @property
    def waiting(self) -> int:
        """Questions waiting for their turn."""
        return self._limiter.statistics().tasks_waiting

    @property
    def in_progress(self) -> int:
        """Questions worked on."""
        return int(self._limiter.borrowed_tokens)

    @contextmanager
    def _admitted(self, asker: Asker) -> Iterator[None]:
        """Let a question in; of one address only a share, so that nobody's crowd keeps the others out."""
        key = client_network(asker.address) if asker.address else ""
        if self._in_progress.total() >= self._limiter.total_tokens + WAITING or (
            key and self._in_progress[key] >= PER_CLIENT
        ):
            self.metrics.refused.labels("busy").inc()
            raise Busy
        self._in_progress[key] += 1
        try:
            yield
        finally:
            self._in_progress[key] -= 1
            if not self._in_progress[key]:
                del self._in_progress[key]

    async def _check_switch(self) -> None:
        if self._memory is not None and (notice := await self._switch.do(None)) is not None:
            self.metrics.refused.labels("chat_off").inc()
            raise ChatOff(notice)

    def _checked(self, question: str, history: Sequence[Turn]) -> tuple[str, Sequence[Turn]]:
        """The question as it is checked, answered and kept; what was said before, without what holds personal data.

        :raises PersonalData: the question holds personal data.
        """
        question = clean(question)
        try:
            refuse_personal_data(question)
        except PersonalData:
            self.metrics.refused.labels("personal_data").inc()
            raise
        return question, [turn for turn in history if turn.role != "user" or not personal_data(clean(turn.content))]

    def _read_switch(self, _: Sequence[None]) -> str | None:
        assert self._memory is not None
        try:
            return self._memory.chat_notice()
        except StorageError:
            self.metrics.failures.labels("storage").inc()
            _LOG.exception("whether the chat is on cannot be read; it stays on")
            return None

    async def _keep(self, given: Answer, asker: Asker) -> None:
        """Keep an answer, also where the asker has left meanwhile."""
        self.metrics.observe_answer(given)
        self._trace(given)
        if self._memory is not None:
            await self._kept.do((given, asker))

    def _save(self, given: Sequence[tuple[Answer, Asker]]) -> None:
        assert self._memory is not None
        try:
            self._memory.save_answers([self._as_kept(answer, asker) for answer, asker in given])
        except StorageError:
            # An answer that is true is better given than kept back; that it is not kept is seen in metrics and logs.
            self.metrics.failures.labels("storage").inc()
            _LOG.exception("of %d answers not all could be kept", len(given))

    def _as_kept(self, answer: Answer, asker: Asker) -> GivenAnswer:
        assert self._memory is not None
        client = self._memory.client_name(asker.address) if asker.address else ""
        return GivenAnswer(answer, asker.conversation, client, answer.details.to_json())


def settle() -> None:
    """Let the garbage collector pass over what is loaded now, and come seldom: it stops every question at work.

    Reports that are read later are many objects as well, none of which refers back to what refers to it.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    gc.enable()


def _check_report(corpora: Mapping[str, Corpus], report: str) -> None:
    """:raises UnknownReport: `report` names one that is not loaded."""
    if report and report not in corpora:
        raise UnknownReport(f"没有编号为“{report[:80]}”的报告，现有：{'、'.join(corpora)}。")
