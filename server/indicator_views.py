"""The plan table as staff use it: rows filtered and sorted, each value with its cell, each row with what the body says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, get_args

from ingest.model import Corpus, Indicator, IndicatorValue, SectionKind, Sentence, Span
from server.answering.model import Place
from server.places import Places

Sort = Literal["table", "name", "value"]
SORTS: tuple[Sort, ...] = get_args(Sort)
_MEASURE = re.compile(r"(?:年均)?(?:增速|增幅|增长率?|降幅|下降率?|降低|数量|总量|规模|总额|浓度)$")
"""What the name of an indicator ends in and running text says otherwise."""
_GROWTH = re.compile(r"(?:增速|增幅|增长率?)$")
_OF_OTHER = re.compile(r"(?:人均|单位|万元|每|千人|农村|城镇|城乡)$")
"""What makes the name behind it the name of something else."""
_CLAUSES = re.compile(r"[^；;。！？\n]+")
_PARTS = re.compile(r"[^，,；;。！？\n]+")
_OUTCOME = re.compile(r"完成|达到|未达|超额|超过|好于|优于|保持")
"""What says how an indicator came out, where no figure does."""
_OF_ALL = re.compile(r"(?<!\d)(\d+)项[^，。；\d]{0,8}指标")
"""What speaks of so many indicators together."""


@dataclass(frozen=True, slots=True)
class ValueView:
    """One value cell and its address in the report; `bar` is its share of the row's largest value where one is drawn."""

    value: IndicatorValue
    href: str
    bar: float | None = None


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: a cell (or None) for each header, the body's words on its result, and where else the body speaks of it."""

    indicator: Indicator
    cells: tuple[ValueView | None, ...]
    result: Place | None
    mentions: tuple[Place, ...]
    place: Place

    def other(self, title: str) -> str:
        """The row's cell in a column of no meaning of its own, '' where it has none."""
        return dict(self.indicator.others).get(title, "")


@dataclass(frozen=True, slots=True)
class TableView:
    """The rows that pass the filters, by dimension where they stand in the table's order, with the choices offered."""

    headers: tuple[str, ...]
    groups: tuple[tuple[str, tuple[RowView, ...]], ...]
    dimensions: tuple[str, ...]
    attributes: tuple[str, ...]
    has_results: bool
    overall: Place | None
    """The body's words on how all indicators of the reviewed year came out."""

    @property
    def others(self) -> tuple[str, ...]:
        """The titles of the columns that have no meaning of their own, such as 责任单位."""
        return tuple(dict.fromkeys(title for row in self.rows for title, _ in row.indicator.others))

    @property
    def rows(self) -> tuple[RowView, ...]:
        """All rows in the order shown."""
        return tuple(row for _, rows in self.groups for row in rows)


def indicator_table(places: Places, dimension: str = "", attribute: str = "", sort: Sort = "table") -> TableView:
    """The table of one report; an empty filter lets everything pass."""
    everything = places.corpus.indicators
    headers = tuple(dict.fromkeys(value.header for i in everything for value in i.values))
    kept = [i for i in everything if dimension in ("", i.dimension) and attribute in ("", i.attribute)]
    # A column of the table says the result better than the body's words do.
    tells_results = any(v.role == "完成" for i in everything for v in i.values)
    views = [_row(places, i, headers, tells_results) for i in _sorted(kept, sort)]
    by_dimension = groupby(views, key=lambda row: row.indicator.dimension)
    return TableView(
        headers=headers,
        groups=tuple((name, tuple(rows)) for name, rows in by_dimension) if sort == "table" else (("", tuple(views)),),
        dimensions=tuple(dict.fromkeys(i.dimension for i in everything if i.dimension)),
        attributes=tuple(dict.fromkeys(i.attribute for i in everything if i.attribute)),
        has_results=any(row.result for row in views),
        overall=_overall(places),
    )


def _sorted(rows: Sequence[Indicator], sort: Sort) -> list[Indicator]:
    if sort == "name":
        return sorted(rows, key=lambda i: (i.name.encode("gb18030", "replace"), i.number))
    if sort == "value":
        # Values of one unit stand together, the largest first; words come last.
        return sorted(rows, key=lambda i: (i.planned.number is None, i.unit, -(i.planned.number or 0)))
    return list(rows)


def _row(places: Places, indicator: Indicator, headers: Sequence[str], tells_results: bool) -> RowView:
    values = {value.header: value for value in indicator.values}
    place = places.place(indicator.span)
    numbers = [v.number for v in indicator.values]
    largest = max((n for n in numbers if n is not None), default=0.0)
    can_draw = len(numbers) > 1 and largest > 0 and all(n is not None and n >= 0 for n in numbers)
    cells = tuple(
        ValueView(
            values[header],
            f"{place.url}-{_column(places.corpus, indicator, values[header])}",
            (values[header].number or 0) / largest if can_draw else None,
        )
        if header in values
        else None
        for header in headers
    )
    spoken = list(_spoken(places.corpus, indicator))
    result = None if tells_results else _result(places, indicator, spoken)
    mentions = tuple(places.place(sentence.span) for _, sentence, _ in spoken)
    return RowView(indicator, cells, result, mentions, place)


def _column(corpus: Corpus, indicator: Indicator, value: IndicatorValue) -> int:
    """The column of a cell in its row, from 0."""
    return corpus.report.text.count("\t", indicator.span.start, value.span.start)


def _spoken(corpus: Corpus, indicator: Indicator) -> Iterator[tuple[int | None, Sentence, int]]:
    """The sentences of the body that name the indicator, with their year and where they do."""
    name = _core(indicator.name)
    text = corpus.report.text
    for passage in corpus.passages:
        if corpus.path(passage.section)[0].kind is SectionKind.ANNEX:
            continue
        for sentence in passage.sentences:
            at = next((at for at in _occurrences(text, sentence.span, name) if not _is_of_other(text, at)), None)
            if at is not None:
                yield passage.year, sentence, at


def _core(name: str) -> str:
    """The name without what only says how it is measured, as far as enough of it stays."""
    core = _MEASURE.sub("", re.sub(r"[（(][^）)]*[）)]", "", name))
    return core if len(core) >= 4 else name


def _occurrences(text: str, span: Span, name: str) -> Iterator[int]:
    at = text.find(name, span.start, span.end)
    while at >= 0:
        yield at
        at = text.find(name, at + 1, span.end)


def _is_of_other(text: str, at: int) -> bool:
    return _OF_OTHER.search(text, max(0, at - 2), at) is not None


def _result(places: Places, indicator: Indicator, spoken: Sequence[tuple[int | None, Sentence, int]]) -> Place | None:
    """The words of the reviewed year's part on the indicator: with a number of its unit, else that say how it came out."""
    report = places.corpus.report
    number = re.compile(rf"\d[\d.,]*{re.escape(indicator.unit)}") if indicator.unit else re.compile(r"\d")
    reviewed = [(sentence, at) for year, sentence, at in spoken if year is not None and year == report.year_reviewed]
    for sentence, at in reviewed:
        clause = _around(report.text, sentence.span, at, _CLAUSES)
        words = report.text[at : clause.end]
        if number.search(words) and _fits(indicator, words):
            return places.place(clause)
    for sentence, at in reviewed:
        part = _around(report.text, sentence.span, at, _PARTS)
        if _OUTCOME.search(part.of(report.text)) and _fits(indicator, report.text[at : part.end]):
            return places.place(part)
    return None


def _around(text: str, sentence: Span, at: int, pieces: re.Pattern[str]) -> Span:
    """The piece of a sentence that a place in it lies in."""
    return next(Span(*m.span()) for m in pieces.finditer(text, sentence.start, sentence.end) if at < m.end())


def _overall(places: Places) -> Place | None:
    """The sentence of the reviewed year's part that says of the most indicators together how they came out."""
    corpus = places.corpus
    said = [
        (int(count[1]), sentence.span)
        for passage in corpus.passages
        if passage.year is not None and passage.year == corpus.report.year_reviewed
        for sentence in passage.sentences
        if (count := _OF_ALL.search(words := sentence.span.of(corpus.report.text))) and _OUTCOME.search(words)
    ]
    return places.place(max(said, key=lambda one: one[0])[1]) if said else None


def _fits(indicator: Indicator, words: str) -> bool:
    """Whether words on an indicator of growth speak of growth."""
    return not _GROWTH.search(indicator.name) or re.search(r"增长|增速|增幅|提高|下降", words) is not None
