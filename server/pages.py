"""The pages people read, rendered by the server; every one of them works without JavaScript."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from ingest.model import Corpus
from server import display
from server import page_views as views
from server.chat_pages import HISTORY_LIMIT, Answerer, ChatPages
from server.places import Places
from server.records import Records
from server.rendering import View, error_page, render

__all__ = ["HISTORY_LIMIT", "Site", "build_router", "error_page"]

Limit = Callable[[Request], Awaitable[None]]


class Site(Answerer, Protocol):
    """What the pages read and ask."""


def build_router(site: Site, records: Records, limit: Limit) -> APIRouter:
    """All pages; `limit` raises where a client asks or writes too often."""
    router = APIRouter(include_in_schema=False)
    chat, reading = ChatPages(site, records), _Reading(site)
    pages: dict[str, Callable[..., Any]] = {
        "/": chat.chat,
        "/answers/{answer_id}": chat.answer,
        "/glossary": reading.glossary,
        "/glossary/{number}": reading.term,
        "/indicators": reading.indicators,
        "/reports": reading.reports,
        "/reports/{report_id}": reading.report,
        "/display": reading.display,
    }
    posts: dict[str, Callable[..., Any]] = {
        "/": chat.ask,
        "/answers/{answer_id}/keep": chat.keep,
        "/answers/{answer_id}/wrong": chat.wrong,
    }
    for path, endpoint in pages.items():
        router.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    for path, endpoint in posts.items():
        router.add_api_route(path, endpoint, methods=["POST"], response_model=None, dependencies=[Depends(limit)])
    router.add_api_route("/display", display.choose, methods=["POST"], response_model=None)
    return router


class _NotFoundError(Exception):
    """A report has nothing under the address asked for."""


class _Reading:
    """The endpoints of the pages about a report."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def _page(self, request: Request, template: str, report_id: str, view: Callable[[Corpus], View]) -> Response:
        """A page about one report (the newest where none is named), with the others to choose from."""
        corpora = self._site.corpora
        default = views.newest(corpora)
        corpus = corpora.get(report_id) if report_id else default
        if corpus is None:
            if corpora:
                return error_page(request, 404, "没有这份报告。")
            return error_page(request, 503, "报告还没有准备好，请稍后再来。")
        # Links between the default report's pages stay short; another report's pages name it.
        suffix = "" if corpus is default else f"?report={quote(corpus.report.id)}"
        shared = {"corpus": corpus, "reports": [c.report for c in corpora.values()], "suffix": suffix}
        try:
            return render(request, template, {**shared, **view(corpus)})
        except _NotFoundError as missing:
            return error_page(request, 404, str(missing))

    def glossary(self, request: Request, q: str = "", report: str = "") -> Response:
        """The list of terms; those that the search leaves out are hidden, so that a script can show them again."""
        q = q.strip()
        return self._page(
            request, "glossary.html", report, lambda corpus: {"q": q, "matches": views.matching_terms(corpus, q)}
        )

    def term(self, request: Request, number: str, report: str = "") -> Response:
        """One term: what it means and where the report uses it."""

        def view(corpus: Corpus) -> View:
            position = next((i for i, term in enumerate(corpus.terms) if term.number == number), None)
            if position is None:
                raise _NotFoundError("名词解释里没有这个编号。")
            places, term = Places(corpus), corpus.terms[position]
            before, _, after = (None, *corpus.terms, None)[position : position + 3]
            place = places.place(term.span)
            return {"term": term, "before": before, "after": after, "place": place, "uses": views.uses(places, term)}

        return self._page(request, "term.html", report, view)

    def indicators(self, request: Request, dimension: str = "", attribute: str = "", report: str = "") -> Response:
        """The plan table, filtered."""
        chosen = {"dimension": dimension, "attribute": attribute}
        return self._page(
            request, "indicators.html", report, lambda c: {**chosen, "table": views.indicator_table(c, **chosen)}
        )

    def reports(self, request: Request) -> Response:
        """The way to the newest report."""
        corpus = views.newest(self._site.corpora)
        return RedirectResponse(f"/reports/{quote(corpus.report.id)}", 302) if corpus else self.report(request, "")

    def report(self, request: Request, report_id: str) -> Response:
        """The report itself, every citable span with an address of its own."""
        return self._page(
            request,
            "report.html",
            report_id,
            lambda c: {"parts": views.parts(Places(c)), "contents": views.contents(c)},
        )

    def display(self, request: Request) -> Response:
        """The choices of how the pages are shown."""
        return render(request, "display.html", {"to": request.query_params.get("back", "/")})
