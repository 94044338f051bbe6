"""A whole application over the report that ships, with scripted answers of every shape, for tests in a browser."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from fake_service import FakeService
from serving import serving

from index.search import Found, Search
from ingest.model import Corpus, Span
from server.answering.model import Answer, AnswerSentence, Citation, Origin, Status, Turn
from server.app import create_app
from server.metrics import Metrics
from server.places import Places
from server.service import Asker, Busy
from server.settings import Settings
from server.storage import Store

MARKUP = "<img src=x onerror=alert(1)><b>粗</b>"


@dataclass(frozen=True)
class Shown:
    """A sentence that comes before the whole answer."""

    sentence: AnswerSentence
    citations: Sequence[Citation]


@dataclass
class ScriptedSite(FakeService):
    """Answers by question, and is too busy for any other; remembers what history came with each."""

    corpora: Mapping[str, Corpus]
    answers: dict[str, Answer]
    asked: list[tuple[str, Sequence[Turn]]] = field(default_factory=list)
    snapshot_id: str = "s"
    search: Search | None = None

    def __post_init__(self) -> None:
        super().__init__()

    async def answer(self, question: str, history: Sequence[Turn], asker: Asker) -> Answer:
        """The scripted answer, under an id of its own."""
        self.asked.append((question, history))
        if question not in self.answers:
            raise Busy
        return self.keep(self.answers[question].model_copy(update={"id": uuid4().hex}), asker)

    async def find(self, words: str, asker: Asker) -> Found:  # noqa: ARG002
        """What the given search finds."""
        assert self.search is not None
        return self.search.find(words)

    async def stream(
        self, question: str, history: Sequence[Turn], asker: Asker
    ) -> AsyncGenerator[str | Shown | Answer, None]:
        """The steps, each sentence of a model's answer by itself, and the scripted answer."""
        answer = await self.answer(question, history, asker)
        for step in ("understand", "scope", "retrieve", "compose", "verify", "cite"):
            yield step
        if answer.mode == "llm":
            for sentence in answer.sentences:
                yield Shown(sentence, answer.citations)
        yield answer


def scripted(corpus: Corpus) -> ScriptedSite:
    """One answer of every shape."""
    places, text = Places(corpus), corpus.report.text
    plain = next(s.span for p in corpus.passages[20:] for s in p.sentences if 20 < s.span.end - s.span.start < 80)
    # A hyphen in the words must be escaped in links.
    term, row = next(t for t in corpus.terms if "-" in t.definition.of(text)), corpus.indicators[10]
    three = (_cited(places, 1, plain), _cited(places, 2, term.definition), _cited(places, 3, row.span))
    named = next(t for t in corpus.terms if len(t.uses) > 1)
    mixed = [
        _sentence(plain.of(text), "quoted", 1),
        _sentence(term.definition.of(text), "quoted", 2),
        _sentence(f"{row.name}的{row.values[0].header}是{row.values[0].text}{row.unit}。", "composed", 3),
        _sentence(row.span.of(text), "quoted", 3),
        _sentence("两项相加是 12。", "computed", 1, 3),
        _sentence(f"总的来说，{named.name}比去年更细。", "generated", 1, 2),
    ]
    answers = {
        "安排": _answer("安排", mixed[:1], citations=three[:1]),
        "全部": _answer("全部", mixed, citations=three, resolved_question="今年的全部安排", notice="数字以原文为准。"),
        "总结": _answer("总结", [mixed[5], mixed[4]], citations=three, mode="llm"),
        "明天下雨吗": _answer(
            "明天下雨吗", [_sentence("报告里没有写天气。", "composed")], status=Status.REALTIME,
            related=(places.place(plain), places.place(row.span)),
        ),
        MARKUP: _answer(MARKUP, [_sentence(MARKUP, "composed")], status=Status.CLARIFY, notice=MARKUP),
    }  # fmt: skip
    return ScriptedSite({corpus.report.id: corpus}, answers)


def _cited(places: Places, marker: int, span: Span) -> Citation:
    return Citation(marker=marker, **places.place(span).model_dump())


def _answer(question: str, sentences: Sequence[AnswerSentence], **values: object) -> Answer:
    text = "".join(s.text + "".join(f"[{marker}]" for marker in s.markers) for s in sentences)
    facts: dict[str, object] = {
        "id": "a", "status": Status.ANSWERED, "question": question, "resolved_question": question,
        "mode": "extractive", "answer": text, "sentences": tuple(sentences), "citations": (), "related": (),
        "notice": None, "snapshot": "s", "timings_ms": {},
    }  # fmt: skip
    return Answer.model_validate(facts | values)


def _sentence(text: str, origin: Origin = "quoted", *markers: int) -> AnswerSentence:
    return AnswerSentence(text=text, markers=markers, origin=origin)


@contextmanager
def running(site: ScriptedSite, data: Path, **settings: Any) -> Iterator[str]:
    """The address of the application over `site`, served while this lasts."""
    configured = Settings(data_dir=data, **{"rate_limit": "off", **settings})
    site.store, site.metrics = Store(configured.database), Metrics()
    app = create_app(cast(Any, site), configured, site.store)
    with serving(app, log_level="warning") as root:
        yield root
    site.store.close()
