"""Cited places → the paragraphs and table rows they stand in, the cited words marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

from ingest.model import Corpus, Report, Span
from server.answering.model import Citation, Kind, Place
from server.places import Places


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a paragraph. `marks` are the markers that cite them, `opens` those whose words begin here.

    Words that are marked without a number (what is nearest to a question) have `is_marked` alone. `is_near` says whether
    they stand in a sentence that is marked or next to one.
    """

    text: str
    is_marked: bool
    is_near: bool
    marks: tuple[int, ...] = ()
    opens: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A cited table row: each cell with its column's title ('' where the columns cannot be told), and its markers."""

    cells: tuple[tuple[str, str], ...]
    markers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One paragraph, or neighbouring rows of one table, that an answer cites; `quotes` as they are cited."""

    kind: Kind
    report: str
    title: str
    places: tuple[Place, ...]
    pieces: tuple[Piece, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def has_more(self) -> bool:
        """Whether there are words far from what is marked."""
        return any(not piece.is_near for piece in self.pieces)


@dataclass(frozen=True)
class _Cited:
    """A place in the report as it is now: the line or unit around its span."""

    place: Place
    units: Places | None

    @property
    def corpus(self) -> Corpus | None:
        return self.units.corpus if self.units else None

    @property
    def span(self) -> Span:
        return Span(self.place.start, self.place.end)

    @property
    def markers(self) -> tuple[int, ...]:
        return (self.place.marker,) if isinstance(self.place, Citation) else ()

    @cached_property
    def report(self) -> Report | None:
        """The report that holds the quote where the place says, None where it changed since."""
        report = self.corpus.report if self.corpus else None
        return report if report and self.span.of(report.text) == self.place.quote else None

    @cached_property
    def around(self) -> Span:
        """The lines that hold the quote."""
        if self.report is None:
            return self.span
        text = self.report.text
        end = text.find("\n", self.span.end)
        return Span(text.rfind("\n", 0, self.span.start) + 1, len(text) if end < 0 else end)

    @property
    def block(self) -> tuple[object, ...]:
        """What is shown together: one paragraph, or the rows of one kind of a report."""
        if self.place.kind == "indicator":
            return self.place.report, "rows"
        return self.place.report, self.around, self.place.title


def excerpts(corpora: Mapping[str, Corpus], places: Sequence[Place]) -> list[Excerpt]:
    """What to show of `places`, in the order in which they come first; places of one paragraph share an excerpt.

    A place whose words are no longer where it says, because another report was loaded since, is shown as it was quoted.
    """
    blocks: dict[tuple[object, ...], list[_Cited]] = {}
    units = {name: Places(corpus) for name, corpus in corpora.items()}
    for place in places:
        cited = _Cited(place, units.get(place.report))
        blocks.setdefault(cited.block, []).append(cited)
    return [_excerpt(block) for block in blocks.values()]


def _excerpt(block: Sequence[_Cited]) -> Excerpt:
    first = block[0]
    report = first.report.title if first.report else first.place.report
    places = tuple(cited.place for cited in block)
    if first.place.kind == "indicator":
        title = first.place.title if len(block) == 1 else first.place.title.rpartition(" › ")[0] or first.place.title
        return Excerpt(first.place.kind, report, title, places, rows=tuple(_row(cited) for cited in block))
    return Excerpt(first.place.kind, report, first.place.title, places, pieces=tuple(_pieces(block)))


def _row(cited: _Cited) -> Row:
    cells = cited.place.quote.split("\t")
    titles = [""] * len(cells)
    if cited.corpus and cited.report:
        row = next((i for i in cited.corpus.indicators if i.span.contains(cited.span)), None)
        header = row.header.of(cited.report.text).split("\t") if row else []
        if row and row.span == cited.span:
            titles = _titles(header, cells, row.group)
    return Row(tuple(zip(titles, cells, strict=True)), cited.markers)


def _titles(header: Sequence[str], cells: Sequence[str], group: str) -> list[str]:
    """A title for each cell; a name in two cells stands under one title."""
    if len(header) == len(cells):
        return list(header)
    if group in cells and len(header) == len(cells) - 1:
        at = cells.index(group)
        return [*header[: at + 1], *header[at:]]
    return [""] * len(cells)


def _pieces(block: Sequence[_Cited]) -> Iterator[Piece]:
    """The paragraph cut wherever a quote begins or ends and wherever nearness changes."""
    first = block[0]
    if first.report is None:
        for cited in block:
            yield Piece(cited.place.quote, True, True, cited.markers, cited.markers)
        return
    text, around = first.report.text, first.around
    assert first.units is not None
    near = _near(first.units, around, [cited.span for cited in block])
    edges = {around.start, around.end, *(edge for span in (*near, *(c.span for c in block)) for edge in span)}
    for start, end in pairwise(sorted(edges)):
        inside = [cited for cited in block if cited.span.contains(Span(start, end))]
        markers = [marker for cited in inside for marker in cited.markers]
        opens = [marker for cited in inside if cited.span.start == start for marker in cited.markers]
        is_near = any(span.contains(Span(start, end)) for span in near)
        yield Piece(text[start:end], bool(inside), is_near, tuple(markers), tuple(opens))


def _near(places: Places, around: Span, quotes: Sequence[Span]) -> list[Span]:
    """The stretches of `around` that are shown at once: each sentence with a quote, and its neighbours."""
    units = [unit.span for unit in places.units if around.contains(unit.span)]
    if len(units) < 2:
        return [around]
    shown = [any(unit.overlaps(quote) for quote in quotes) for unit in units]
    widened = [any(shown[max(0, i - 1) : i + 2]) for i in range(len(units))]
    # A blank between sentences, or a number before the first, belongs to the sentence behind it.
    starts = [around.start, *(unit.start for unit in units[1:]), around.end]
    stretches = [(is_near, Span(a, b)) for is_near, (a, b) in zip(widened, pairwise(starts), strict=True)]
    merged = [[span for _, span in group] for is_near, group in groupby(stretches, key=lambda s: s[0]) if is_near]
    return [Span(spans[0].start, spans[-1].end) for spans in merged]
