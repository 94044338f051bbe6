"""An extractive answer and its evidence → the same answer in a model's words, each sentence checked before it is given.

The answer without a model decides what is answered: only an answer is rewritten, and what it says and the model leaves out
is added in the report's own words. A model that is slow, broken, silent or wrong costs the asker nothing but its words.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from index.entries import Entry
from index.lexical import Tokenizer
from index.normalise import fold
from prompts.render import render
from server.answering import standalone
from server.answering.amounts import amounts
from server.answering.clean import simplify
from server.answering.details import Judged, Reply
from server.answering.draft import Draft, DraftSentence, Source
from server.answering.evidence_pack import Ground, Numbered, pack, year_source
from server.answering.matching import coverage
from server.answering.model import Origin, Status, Turn
from server.answering.questions import Query
from server.answering.reply import Claim, claims
from server.answering.support import Verdict, check
from server.answering.verify import holds
from server.answering.wording import missing, plain
from server.breaker import Breaker
from server.llm import ChatModel, End, Message, ModelFailure

_LOG = logging.getLogger(__name__)
MOST_SENTENCES = 8
"""Sentences of a reply that are looked at."""
SAID = 0.7
"""Share of an extractive sentence's content that the written ones must hold for it to be left out."""
SHOWN = ("shown", "quoted")
"""What is put on record of a sentence that was shown."""
HELD = 0.5
"""Share of each part of it, between its commas and in its lists."""
_MEMBER = re.compile(r"[、，；：。]")
_COMMA = re.compile(r",(?!\d)|(?<!\d),")
_CHANGED = "模型写的部分内容没能在报告中得到核实，已略去或换成报告原文。"
_FAILED = "语言模型暂时没有响应，以下内容直接取自报告。"
_BROKE_OFF = "语言模型没有写完，其余内容直接取自报告。"


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be answered, and what is known: evidence best first, and the answer without a model."""

    question: str
    query: Query
    evidence: Sequence[Entry]
    draft: Draft
    tokenizer: Tokenizer


@dataclass(slots=True)
class Record:
    """What became of one writing: every sentence with its verdict, why the model failed, what it cost."""

    sources: tuple[Numbered, ...] = ()
    judged: list[tuple[Claim, str]] = field(default_factory=list)
    """Each claim with `shown`, `quoted`, or the problems for which it was replaced or left out."""
    replaced: set[int] = field(default_factory=set)
    """The positions of those that the report's words took the place of."""
    failure: str = ""
    is_complete: bool = False
    prompt_tokens: int = 0
    reply_tokens: int = 0
    first_ms: float | None = None
    """Milliseconds until the first sentence that could be shown; None where there was none."""

    def reply(self) -> Reply:
        """What is kept of it."""
        sentences = tuple(
            Judged(claim.text, claim.numbers, () if outcome in SHOWN else tuple(outcome.split(",")), self._fate(i))
            for i, (claim, outcome) in enumerate(self.judged)
        )
        return Reply(sentences, self.failure, self.prompt_tokens, self.reply_tokens, self.first_ms)

    def _fate(self, position: int) -> str:
        outcome = self.judged[position][1]
        return outcome if outcome in SHOWN else "replaced" if position in self.replaced else "dropped"


def is_worth_writing(draft: Draft) -> bool:
    """Whether a model may put the answer in its own words: not where code worked it out, said yes or no, or corrected."""
    if draft.status is not Status.ANSWERED:
        return False
    return not any(s.origin == "computed" or s.text.startswith(("是的，", "不是，")) for s in draft.sentences)


class Writer:
    """A model with what keeps it honest and the asker from waiting."""

    def __init__(self, model: ChatModel, breaker: Breaker, context_tokens: int) -> None:
        self._model = model
        self._breaker = breaker
        self._budget = context_tokens

    def start(self, task: Task) -> Writing:
        """One answer, to be read sentence by sentence."""
        return Writing(task, pack(task.evidence, task.draft, self._budget), self)

    @property
    def is_resting(self) -> bool:
        """Whether the model is left alone because it failed."""
        return self._breaker.is_open

    def complete(self, question: str, history: Sequence[Turn]) -> str | None:
        """A follow-up as a question that stands alone; None where the model fails or adds words of its own."""
        reply = "".join(self.pieces(standalone.messages(question, history), Record()))
        return standalone.accepted(reply, question, history)

    def pieces(self, messages: Sequence[Message], record: Record) -> Iterator[str]:
        """The reply as it comes; a failure ends it and is put on record."""
        if not self._breaker.allows():
            record.failure = "resting"
            return
        try:
            for piece in self._model.stream(messages):
                if isinstance(piece, End):
                    record.prompt_tokens, record.reply_tokens = piece.prompt_tokens, piece.reply_tokens
                    record.is_complete = not piece.is_cut
                else:
                    yield piece
            self._breaker.succeeded()
        except ModelFailure as failure:
            record.failure = failure.reason
            self._breaker.failed(failure.rest)
            _LOG.warning("the language model failed: %s", failure.reason)


class Writing:
    """One answer being written."""

    def __init__(self, task: Task, sources: Sequence[Numbered], writer: Writer) -> None:
        self._task = task
        self._sources = {source.number: source for source in sources}
        self._writer = writer
        self._shown: list[DraftSentence] = []
        self.record = Record(tuple(sources))

    def sentences(self) -> Iterator[DraftSentence]:
        """The sentences to show, in order: the model's that hold, and the report's own for the rest of the answer."""
        begun = perf_counter()
        for number, claim in enumerate(claims(self._writer.pieces(self._messages(), self.record))):
            if number >= MOST_SENTENCES or not (claim.is_whole or self.record.is_complete):
                break
            sentence = self._judge(claim)
            if sentence is not None:
                if self.record.first_ms is None:
                    self.record.first_ms = (perf_counter() - begun) * 1000
                yield self._show(sentence)
        for sentence in self._task.draft.sentences:
            if not self._is_said(sentence):
                yield self._show(sentence)

    @property
    def notice(self) -> str | None:
        """What the asker must know of how the answer came about; None where the model wrote it all."""
        if self.record.failure:
            return _BROKE_OFF if any(s.origin == "generated" for s in self._shown) else _FAILED
        is_changed = any(outcome not in SHOWN for _, outcome in self.record.judged)
        return _CHANGED if is_changed and any(s.origin == "generated" for s in self._shown) else None

    def _messages(self) -> list[Message]:
        report = self._task.evidence[0].corpus.report
        prompt = render(
            "answer",
            sources=self.record.sources,
            question=self._task.question,
            reviewed=report.year_reviewed,
            planned=report.year_planned,
        )
        return [Message("system", prompt.system), Message("user", prompt.user)]

    def _show(self, sentence: DraftSentence) -> DraftSentence:
        self._shown.append(sentence)
        return sentence

    def _judge(self, claim: Claim) -> DraftSentence | None:
        """The claim as a sentence to show; the report's words in its place where those answer; None where neither."""
        grounds = self._grounds(claim)
        text = simplify(claim.text)
        statements = [ground.statement for ground in grounds]
        verdict = check(text, statements, self._task.tokenizer.tags, self._task.query.years)
        sentence = self._sentence(verdict, grounds)
        outcome = ",".join(verdict.problems) or self._objection(sentence)
        if outcome:
            self.record.judged.append((claim, outcome))
            replacement = self._replacement(grounds)
            if replacement is not None:
                self.record.replaced.add(len(self.record.judged) - 1)
            return replacement
        assert sentence is not None
        self.record.judged.append((claim, "quoted" if verdict.is_quote else "shown"))
        return sentence

    def _grounds(self, claim: Claim) -> list[Ground]:
        """What the named sources state; for a sentence that names none there is, what all of them do."""
        named = [self._sources[number] for number in claim.numbers if number in self._sources]
        return [ground for source in named or self._sources.values() for ground in source.grounds]

    def _sentence(self, verdict: Verdict, grounds: Sequence[Ground]) -> DraftSentence | None:
        """The sentence with its sources, the heading that names its year among them; None where it has none."""
        if not verdict.holds:
            return None
        used = [grounds[i] for i in verdict.used]
        sources = [ground.source for ground in used]
        for year in verdict.years:
            heading = next((h for ground in used if (h := year_source(ground, year))), None)
            if heading is None:
                return None
            sources.append(heading)
        origin: Origin = "quoted" if verdict.is_quote else "generated"
        ending = "" if verdict.text.endswith(("。", "！", "？")) else "。"
        words = _COMMA.sub("，", verdict.text).rstrip("；;，、") + ending
        return DraftSentence(words, tuple(dict.fromkeys(sources)), origin)

    def _objection(self, sentence: DraftSentence | None) -> str:
        """Why a sentence that its sources say is not shown: '' where nothing speaks against it."""
        if sentence is None:
            return "heading"
        if not holds(sentence):
            return "verbatim"
        if any(says_all(plain(shown.text), sentence) for shown in self._shown):
            return "repeated"
        return "" if self._is_on_topic(sentence) else "aside"

    def _is_on_topic(self, sentence: DraftSentence) -> bool:
        """Whether it rests on what answers without a model, or, where no number is asked for, speaks as well of the question."""
        quoted = [source for s in self._task.draft.sentences for source in s.sources]
        if any(ours.span.overlaps(theirs.span) for ours in sentence.sources for theirs in quoted):
            return True
        query = self._task.query
        if query.wants_figure or not query.asked:
            return False
        words = fold("".join(source.text for source in sentence.sources))
        answer = fold("".join(source.text for source in quoted))
        return coverage(query.asked, words) >= coverage(query.asked, answer)

    def _replacement(self, grounds: Sequence[Ground]) -> DraftSentence | None:
        """The first sentence of the answer without a model that stands in the same place and is not said yet."""
        spans = [ground.source.span for ground in grounds]
        for sentence in self._task.draft.sentences:
            is_there = any(span.contains(source.span) for source in sentence.sources[:1] for span in spans)
            if is_there and not self._is_said(sentence):
                return sentence
        return None

    def _is_said(self, sentence: DraftSentence) -> bool:
        return sentence in self._shown or says_all(plain("".join(shown.text for shown in self._shown)), sentence)


def says_all(said: str, sentence: DraftSentence) -> bool:
    """Whether `said` has the sentence's every amount, every member of a list in it, and most of its words."""
    text = plain(sentence.text)
    known = [(a.low, a.high, a.unit, a.bound) for a in amounts(said)]
    if any((a.low, a.high, a.unit, a.bound) not in known for a in amounts(text)):
        return False
    return (
        bool(said) and all(_is_held(piece, said, HELD) for piece in _MEMBER.split(text)) and _is_held(text, said, SAID)
    )


def _is_held(words: str, said: str, share: float) -> bool:
    total, absent, _ = missing(words, said)
    return total - absent >= share * total


def sources_named(claim: Claim, sources: Sequence[Numbered]) -> tuple[Source, ...]:
    """The spans behind the numbers that a claim names, as it names them, unchecked; for measuring."""
    named = [source for source in sources if source.number in claim.numbers]
    return tuple(dict.fromkeys(ground.source for source in named for ground in source.grounds))
