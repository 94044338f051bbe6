"""The pages over an answerer that knows one answer, without a server or a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from hashlib import sha256
from html.parser import HTMLParser

from fake_service import FakeService
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from index.snapshot import in_order
from ingest.model import Corpus
from server import errors
from server.answering.model import Answer, AnswerSentence, Citation, Status, Turn
from server.pages import build_router
from server.places import Places
from server.service import Asker
from server.storage import Store

VOID = {"meta", "link", "input", "br", "img"}


class PageWords(HTMLParser):
    """The words under each id, and every inline script, style and handler."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: dict[str, str] = {}
        self.inline: list[str] = []
        self._open: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if (tag == "script" and "src" not in named) or tag == "style":
            self.inline.append(tag)
        self.inline += [name for name in named if name == "style" or name.startswith("on")]
        if named.get("id"):
            assert named["id"] not in self.words, f"two elements with the id {named['id']}"
            self.words[named["id"] or ""] = ""
        if tag not in VOID:
            self._open.append(named.get("id"))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for id_ in self._open:
            if id_:
                self.words[id_] += data


class EchoSite(FakeService):
    """Answers each question with the report's first long sentence."""

    snapshot_id = "s"

    def __init__(self, corpus: Corpus) -> None:
        super().__init__()
        self._place = Places(corpus).place(corpus.passages[3].sentences[0].span)
        self.history: Sequence[Turn] = ()
        self.corpora: Mapping[str, Corpus] = {}

    async def stream(self, question: str, history: Sequence[Turn], asker: Asker) -> AsyncIterator[str | Answer]:
        """Two steps, and the scripted answer."""
        yield "understand"
        yield "retrieve"
        yield await self.answer(question, history, asker)

    async def answer(self, question: str, history: Sequence[Turn], asker: Asker) -> Answer:
        """The scripted answer."""
        self.history, self.asker = history, asker
        citation = Citation(marker=1, **self._place.model_dump())
        sentence = AnswerSentence(text=citation.quote, markers=(1,), origin="quoted")
        answer = Answer(
            id=sha256(question.encode()).hexdigest()[:32], status=Status.ANSWERED, question=question, resolved_question=question, mode="extractive",
            answer=f"{citation.quote}[1]", sentences=(sentence,), citations=(citation,), related=(), notice=None,
            snapshot="s", timings_ms={},
        )  # fmt: skip
        return self.keep(answer, asker)


def client_over(echo: EchoSite, store: Store, *corpora: Corpus) -> TestClient:
    """A client of the pages over the given reports, without a limit; answers are kept in `store`."""

    async def unlimited(_: Request) -> None:
        return None

    by_id = {corpus.report.id: corpus for corpus in corpora}
    echo.corpora = {one.id: by_id[one.id] for one in in_order([corpus.report for corpus in corpora])}
    echo.store = store
    app = FastAPI()
    app.include_router(build_router(echo, store, unlimited))
    errors.install(app)
    return TestClient(app)
