"""The pages people read, rendered by the server; every one of them works without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData

from ingest.model import Corpus
from server import page_views as views
from server.answering.model import QUESTION_LIMIT, TURN_LIMIT, Answer, Turn
from server.places import Places, section_name

HISTORY_LIMIT = 10
"""Turns of a conversation that are sent along with a question; older ones are dropped."""

_WEB = Path(__file__).parent / "web"
_TURN: TypeAdapter[Turn] = TypeAdapter(Turn)
_MALFORMED = "没能读懂提交的内容，请刷新页面后重新提问。"

_View = Mapping[str, object]


class Library(Protocol):
    """What the pages read."""

    @property
    def corpora(self) -> Mapping[str, Corpus]:
        """Every report by its id."""
        ...


class Answerer(Protocol):
    """What answers a question."""

    async def answer(self, question: str, history: Sequence[Turn]) -> Answer:
        """The answer to `question`, asked after `history`."""
        ...


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a form posted; `problem` says, under its status, why it cannot be answered."""

    question: str = ""
    history: tuple[Turn, ...] = ()
    status: int = 200
    problem: str = ""

    @classmethod
    def read(cls, form: FormData) -> _Asked:
        """The question and the conversation before it."""
        question = form.get("question", "")
        if not isinstance(question, str):
            return cls(status=400, problem=_MALFORMED)
        # A browser counts a line break as one character and sends two.
        question = question.replace("\r\n", "\n").strip()
        try:
            history = tuple(_TURN.validate_json(turn) for turn in form.getlist("history") if isinstance(turn, str))
        except ValidationError:
            return cls(question, status=400, problem=_MALFORMED)
        problem = "" if question else "请先写下您的问题。"
        if len(question) > QUESTION_LIMIT:
            problem = f"问题最多写 {QUESTION_LIMIT} 个字，现在有 {len(question)} 个字，请写短一些。"
        return cls(question, history[-HISTORY_LIMIT:], 422 if problem else 200, problem)

    def after(self, answer: Answer) -> tuple[Turn, ...]:
        """The conversation with this question and its answer added."""
        reply = Turn(role="assistant", content=answer.answer[:TURN_LIMIT])
        return (*self.history, Turn(role="user", content=self.question), reply)[-HISTORY_LIMIT:]


def build_router(library: Callable[[], Library], answerer: Callable[[], Answerer]) -> APIRouter:
    """All pages, reading the library and asking the answerer of the moment."""
    pages = _Pages(library, answerer)
    router = APIRouter(include_in_schema=False)
    routes: dict[str, Callable[..., Response]] = {
        "/": pages.chat,
        "/glossary": pages.glossary,
        "/glossary/{number}": pages.term,
        "/indicators": pages.indicators,
        "/reports": pages.reports,
        "/reports/{report_id}": pages.report,
    }
    for path, endpoint in routes.items():
        router.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    router.add_api_route("/", pages.ask, methods=["POST"], response_model=None)
    return router


def error_page(status: int, message: str) -> HTMLResponse:
    """A page that says in one sentence what went wrong."""
    return _render("error.html", {"message": message}, status)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(place_href=views.place_href, runs=views.runs, section_name=section_name)
    return environment


def _render(template: str, view: _View, status: int = 200) -> HTMLResponse:
    return HTMLResponse(_templates().get_template(template).render(view), status)


class _NotFoundError(Exception):
    """A report has nothing under the address asked for."""


class _Pages:
    """The routes' endpoints."""

    def __init__(self, library: Callable[[], Library], answerer: Callable[[], Answerer]) -> None:
        self._library = library
        self._answerer = answerer

    def _page(self, template: str, report_id: str, view: Callable[[Corpus], _View], status: int = 200) -> Response:
        """A page about one report (the newest where none is named), with the others to choose from."""
        corpora = self._library().corpora
        default = views.newest(corpora)
        corpus = corpora.get(report_id) if report_id else default
        if corpus is None:
            return error_page(404, "没有这份报告。") if corpora else error_page(503, "报告还没有准备好，请稍后再来。")
        # Links between the default report's pages stay short; another report's pages name it.
        suffix = "" if corpus is default else f"?report={quote(corpus.report.id)}"
        shared = {"corpus": corpus, "reports": [c.report for c in corpora.values()], "suffix": suffix}
        try:
            return _render(template, {**shared, **view(corpus)}, status)
        except _NotFoundError as missing:
            return error_page(404, str(missing))

    def chat(self) -> Response:
        """The chat, before anything was asked."""
        return self._chat_page(_Asked())

    async def ask(self, request: Request) -> Response:
        """The chat, with the question that was posted and its answer."""
        async with request.form() as form:
            asked = _Asked.read(form)
        if asked.problem:
            return self._chat_page(asked)
        return self._chat_page(asked, await self._answerer().answer(asked.question, asked.history))

    def _chat_page(self, asked: _Asked, answer: Answer | None = None) -> Response:
        limits = {"question": QUESTION_LIMIT, "history": HISTORY_LIMIT, "turn": TURN_LIMIT}
        history = asked.after(answer) if answer else asked.history
        view = {"asked": asked, "answer": answer, "history": history, "limits": limits}
        return self._page("chat.html", "", lambda c: {**view, "examples": views.example_questions(c)}, asked.status)

    def glossary(self, q: str = "", report: str = "") -> Response:
        """The list of terms; those that the search leaves out are hidden, so that a script can show them again."""
        q = q.strip()
        return self._page("glossary.html", report, lambda corpus: {"q": q, "matches": views.matching_terms(corpus, q)})

    def term(self, number: str, report: str = "") -> Response:
        """One term: what it means and where the report uses it."""

        def view(corpus: Corpus) -> _View:
            position = next((i for i, term in enumerate(corpus.terms) if term.number == number), None)
            if position is None:
                raise _NotFoundError("名词解释里没有这个编号。")
            places, term = Places(corpus), corpus.terms[position]
            before, _, after = (None, *corpus.terms, None)[position : position + 3]
            place = places.place(term.span)
            return {"term": term, "before": before, "after": after, "place": place, "uses": views.uses(places, term)}

        return self._page("term.html", report, view)

    def indicators(self, dimension: str = "", attribute: str = "", report: str = "") -> Response:
        """The plan table, filtered."""
        chosen = {"dimension": dimension, "attribute": attribute}
        return self._page("indicators.html", report, lambda c: {**chosen, "table": views.indicator_table(c, **chosen)})

    def reports(self) -> Response:
        """The way to the newest report."""
        corpus = views.newest(self._library().corpora)
        return RedirectResponse(f"/reports/{corpus.report.id}", 302) if corpus else self.report("")

    def report(self, report_id: str) -> Response:
        """The report itself, every citable span with an address of its own."""
        return self._page(
            "report.html", report_id, lambda c: {"parts": views.parts(Places(c)), "contents": views.contents(c)}
        )
