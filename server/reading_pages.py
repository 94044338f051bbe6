"""The pages about the reports: glossary, indicators, search, the report itself, and the pages about the service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlencode

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from index.search import Found
from ingest.model import Corpus
from server import page_views as views
from server.conversation import Answerer
from server.exports import FORMATS, MEDIA_TYPES, export
from server.indicator_views import SORTS, Sort, indicator_table
from server.places import Places
from server.quality import FIGURES, last_evaluation
from server.rendering import WEB, View, error_page, origin, render
from server.search_views import WORDS_LIMIT, by_kind, hits
from server.service import Asker

Limit = Callable[[Request], Awaitable[None]]
Evaluations = Callable[[], Iterable[Path]]
Address = Callable[[Request], str]
ANY_PAGE = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
"""Headers of what pages of other sites may load."""


class Site(Answerer, Protocol):
    """What the pages read and ask."""

    async def find(self, words: str, asker: Asker) -> Found:
        """What the search finds for `words`."""
        ...


class _NotFoundError(Exception):
    """A report has nothing under the address asked for."""


class ReadingPages:
    """The endpoints of the pages about a report."""

    def __init__(self, site: Site, limit: Limit, evaluations: Evaluations, address: Address) -> None:
        self._site = site
        self._limit = limit
        self._evaluations = evaluations
        self._address = address

    def _page(self, request: Request, template: str, report_id: str, view: Callable[[Corpus], View]) -> Response:
        """A page about one report (the default one where none is named), with the others to choose from."""
        corpora = self._site.corpora
        first = views.default(corpora)
        corpus = corpora.get(report_id) if report_id else first
        if corpus is None:
            if corpora:
                return error_page(request, 404, "没有这份报告。")
            return error_page(request, 503, "报告还没有准备好，请稍后再来。")
        # Links between the default report's pages stay short; another report's pages name it.
        suffix = "" if corpus is first else f"?report={quote(corpus.report.id)}"
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

    def indicators(
        self, request: Request, dimension: str = "", attribute: str = "", sort: str = "table", report: str = ""
    ) -> Response:
        """The plan table, filtered and sorted."""

        def view(corpus: Corpus) -> View:
            table = indicator_table(Places(corpus), dimension, attribute, _sort(sort))
            chosen = {"dimension": dimension, "attribute": attribute, "sort": _sort(sort)}
            given = {**chosen, "report": report}
            return {
                **chosen,
                "table": table,
                "query": urlencode({name: value for name, value in given.items() if value}),
            }

        return self._page(request, "indicators.html", report, view)

    def indicators_file(
        self,
        request: Request,
        wanted: str,
        dimension: str = "",
        attribute: str = "",
        sort: str = "table",
        report: str = "",
    ) -> Response:
        """The plan table as a file, filtered and sorted as on the page."""
        format_ = next((known for known in FORMATS if known == wanted), None)
        corpora = self._site.corpora
        corpus = corpora.get(report) if report else views.default(corpora)
        if corpus is None or format_ is None:
            return error_page(request, 404, "没有找到这个页面。")
        table = indicator_table(Places(corpus), dimension, attribute, _sort(sort))
        content = export(table, corpus.report, origin(request), self._site.snapshot_id, format_)
        name = quote(f"{corpus.report.id}-indicators.{format_}")
        return Response(
            content,
            media_type=MEDIA_TYPES[format_],
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
        )

    async def search(
        self, request: Request, q: str = "", kind: str = "", scores: str = "", report: str = ""
    ) -> Response:
        """Every passage, term and table row that matches, of one report where it is named."""
        q, found = q.strip()[:WORDS_LIMIT], []
        if q:
            await self._limit(request)
            corpora = self._site.corpora
            asker = Asker(address=self._address(request), report=report)
            ranked = await self._site.find(q, asker)
            asked = {report: corpora[report]} if report else corpora
            found = await run_sync(hits, asked, q, ranked)
        shown = [hit for hit in found if kind in ("", hit.kind)]
        view = {
            "q": q,
            "kind": kind,
            "report": report,
            "reports": [corpus.report for corpus in self._site.corpora.values()],
            "hits": shown,
            "total": len(found),
            "counts": by_kind(found),
            "has_scores": scores,
        }
        return render(request, "search.html", {**view, "limit": WORDS_LIMIT})

    def reports(self, request: Request) -> Response:
        """The way to the default report."""
        corpus = views.default(self._site.corpora)
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

    def quality(self, request: Request) -> Response:
        """What the last evaluation found, and what is known not to work."""
        hashes = {name: corpus.report.sha256 for name, corpus in self._site.corpora.items()}
        evaluation = last_evaluation(self._evaluations(), hashes)
        return render(request, "quality.html", {"evaluation": evaluation, "names": FIGURES})

    def accessibility(self, request: Request) -> Response:
        """How far the pages can be used by everybody."""
        return render(request, "accessibility.html", {})

    def widget(self) -> Response:
        """The script that puts the chat into another page."""
        return FileResponse(WEB / "static" / "widget.js", media_type="text/javascript", headers=ANY_PAGE)


def _sort(given: str) -> Sort:
    return next((known for known in SORTS if known == given), "table")
