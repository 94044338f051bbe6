"""Evidence → draft, by the kind of question, in the report's own words."""

from __future__ import annotations

from collections.abc import Sequence

from index.names import NameHit
from index.search import Evidence, Found
from ingest.model import Corpus, Indicator, Span, Term
from server.answering import table
from server.answering.draft import Draft, DraftSentence, Source, quoted
from server.answering.matching import match
from server.answering.model import Status
from server.answering.questions import Kind, Query
from server.answering.select import Selected, select

ANSWERABLE = 0.62
"""Least share of the question's words that the words shown, their sentence and its titles must speak of."""
RELATED = 3
LIST_SENTENCES = 4


def compose(query: Query, found: Found, corpus: Corpus) -> Draft:
    """The draft answer; the first composer that has one gives it."""
    entries = {evidence.row: evidence for evidence in (*found.evidence, *found.rejected)}
    named = [(hit, entries[hit.row]) for hit in found.names if hit.row in entries]
    return (
        _definition(query, named)
        or _table(query, named, corpus)
        or _described(query, found)
        or _passages(query, found)
        or refuse(Status.NOT_IN_REPORT, found)
    )


def refuse(status: Status, found: Found) -> Draft:
    """No answer, and the passages nearest to the question."""
    nearest = [_nearest(evidence) for evidence in found.evidence[:RELATED]]
    return Draft(status, related=tuple(nearest))


def _definition(query: Query, named: Sequence[tuple[NameHit, Evidence]]) -> Draft | None:
    """The whole entry, where the question names a term and asks for little else."""
    for hit, evidence in named:
        item = evidence.entry.item
        asks = query.kind is Kind.DEFINITION or (query.kind is Kind.FACT and not query.years)
        if isinstance(item, Term) and asks and not _asks_more(query, hit):
            return Draft(Status.ANSWERED, tuple(_entry(evidence.entry.corpus, item)))
    return None


def _asks_more(query: Query, hit: NameHit) -> bool:
    """Whether the question has words of weight beside the name."""
    rest = [word for word in query.focus if word.word not in hit.name and match(word.word, hit.name) < 1]
    return len(rest) > 1 or (len(rest) == 1 and query.kind is not Kind.DEFINITION)


def _entry(corpus: Corpus, term: Term) -> list[DraftSentence]:
    return [quoted(Source(corpus, Span(term.name_span.start, term.span.end)))]


def _table(query: Query, named: Sequence[tuple[NameHit, Evidence]], corpus: Corpus) -> Draft | None:
    """The row that the question names, or the rows that it describes."""
    if table.is_table_list(query.text):
        listed = table.answer_list(query.text, corpus)
        if listed:
            return listed
    rows = [(e.entry.corpus, e.entry.item) for _, e in named if isinstance(e.entry.item, Indicator)]
    fitting = [(c, i) for c, i in rows if not query.years or any(v.year in query.years for v in i.values)]
    if not fitting or query.kind in (Kind.WHY, Kind.HOW):
        return None
    return Draft(Status.ANSWERED, tuple(table.answer_row(c, i) for c, i in fitting))


def _described(query: Query, found: Found) -> Draft | None:
    """The term that the question describes without naming it."""
    if query.kind is not Kind.DEFINITION or not found.evidence:
        return None
    first = found.evidence[0].entry
    chosen = select(query, found.evidence[:1])
    if isinstance(first.item, Term) and chosen and chosen[0].covered >= ANSWERABLE:
        return Draft(Status.ANSWERED, tuple(_entry(first.corpus, first.item)))
    return None


def _passages(query: Query, found: Found) -> Draft | None:
    """The clauses that answer; for a list or a way, the sentences of the paragraph that do."""
    chosen = [s for s in select(query, found.evidence) if not query.years or s.year in (*query.years, None)]
    if not chosen or chosen[0].covered < ANSWERABLE:
        return None
    if query.kind is Kind.NUMBER and not chosen[0].has_figure:
        return None
    picked = _with_other_year(query, chosen) if query.kind in (Kind.NUMBER, Kind.COMPARE) else _several(query, chosen)
    return Draft(Status.ANSWERED, tuple(quoted(selected.source) for selected in picked))


def _with_other_year(query: Query, chosen: Sequence[Selected]) -> list[Selected]:
    """The best, and the best of another year where the question leaves the year open and that is as good."""
    best = chosen[0]
    other = next((s for s in chosen[1:] if s.year not in (best.year, None) and s.has_figure), None)
    is_open = len(query.years) != 1
    if other is None or not is_open or other.covered < 0.9 * best.covered:
        return [best]
    return sorted((best, other), key=lambda selected: selected.year or 0)


def _several(query: Query, chosen: Sequence[Selected]) -> list[Selected]:
    """The best, and for a list, a reason or a way its neighbours that cover nearly as much."""
    best = chosen[0]
    if query.kind not in (Kind.LIST, Kind.WHY, Kind.HOW):
        return [best]
    near = [s for s in chosen[:LIST_SENTENCES] if s.year == best.year and s.covered >= 0.95 * best.covered]
    return sorted(near, key=lambda selected: selected.sentence)


def _nearest(evidence: Evidence) -> Source:
    item = evidence.entry.item
    span = item.sentences[0].span if hasattr(item, "sentences") else item.span
    if isinstance(item, Term):
        span = Span(item.name_span.start, item.span.end)
    return Source(evidence.entry.corpus, span)
