"""Corpora → what the pages show: example questions, uses of a term, the indicator table, the laid-out report."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Literal
from urllib.parse import quote

from pypinyin import Style, lazy_pinyin

from index.normalise import fold
from ingest.model import Corpus, Indicator, Section, SectionKind, Span, Term
from server.answering.model import Place
from server.places import Places, Unit
from server.wording import meaning, plan, work

_SHORTEST_QUOTE = 12


def default(corpora: Mapping[str, Corpus]) -> Corpus | None:
    """The report that is meant where none is named: the first."""
    return next(iter(corpora.values()), None)


def place_href(place: Place) -> str:
    """The place's address, with a text directive where browsers will find the quote and nothing else."""
    # A browser highlights the first match on the page, within one block: short quotes and table rows would mislead it.
    if len(place.quote) < _SHORTEST_QUOTE or "\t" in place.quote or "\n" in place.quote:
        return place.url
    words = quote(place.quote, safe="!~*'()").replace("-", "%2D")
    return f"{place.url}:~:text={words}"


def count_of(indicators: Iterable[Indicator]) -> int:
    """How many indicators these rows are: one with two value rows counts once."""
    return len({row.number or row.id for row in indicators})


def example_questions(corpus: Corpus) -> list[str]:
    """Questions that this report can answer, made from its terms, indicators and plans."""
    year = corpus.report.year_planned
    planned = [i.name for i in corpus.indicators if i.planned.year == year and i.planned.number is not None]
    paragraphs = [s for s in corpus.sections if s.kind is SectionKind.PARAGRAPH and s.year == year]
    # The innermost paragraphs of the planned year are named for what will be done; those above them introduce.
    innermost = max((section.level for section in paragraphs), default=0)
    return [
        *map(meaning, _spread([term.name for term in corpus.terms if term.uses])),
        *(plan(name, year) for name in _spread(planned)),
        *(work(title, is_done=False) for title in _spread([s.title for s in paragraphs if s.level == innermost])),
    ]


def _spread(names: Sequence[str]) -> list[str]:
    """Two short names, one from each half of the list."""
    short = [name for name in names if len(name) <= 14]
    return [short[len(short) // 4], short[len(short) * 3 // 4]] if len(short) > 1 else short


def searched_words(corpus: Corpus, term: Term) -> str:
    """All that a term is found by, folded: its names, their pinyin and its initials, its definition."""
    names = [fold(name) for name in (term.name, *term.aliases)]
    sounds = [sound for name in names for sound in _sounds(name)]
    return "\n".join((*names, *sounds, fold(term.definition.of(corpus.report.text))))


@lru_cache(maxsize=4096)
def _sounds(name: str) -> tuple[str, str]:
    """A name's pinyin, and its initials."""
    return "".join(lazy_pinyin(name)), "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))


def matching_terms(corpus: Corpus, words: str) -> dict[str, tuple[bool, str]]:
    """By the id of each term: whether it is found by `words`, and all that it is found by."""
    wanted = fold(words)
    found_by = {term.id: searched_words(corpus, term) for term in corpus.terms}
    return {id_: (wanted in entry, entry) for id_, entry in found_by.items()}


Cuts = tuple[tuple[str, bool], ...]
"""Words cut in pieces, each with whether it is marked."""


@dataclass(frozen=True, slots=True)
class Use:
    """A sentence that uses a term, cut where the use begins and ends, and where it stands."""

    pieces: Cuts
    place: Place


def uses(places: Places, term: Term) -> list[Use]:
    """Every sentence of the report that uses `term`."""
    text = places.corpus.report.text
    by_unit: dict[Unit, list[Span]] = {}
    for span in term.uses:
        with suppress(LookupError):  # a table that is no plan table has no units
            by_unit.setdefault(places.unit_at(span), []).append(span)
    return [Use(tuple(_marked(text, unit.span, spans)), places.place(unit.span)) for unit, spans in by_unit.items()]


def _marked(text: str, whole: Span, marks: Sequence[Span]) -> Iterator[tuple[str, bool]]:
    position = whole.start
    for mark in marks:
        yield text[position : mark.start], False
        yield mark.of(text), True
        position = mark.end
    yield text[position : whole.end], False


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one citable unit, or words between units (`id` empty)."""

    id: str
    text: str
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, or a table whose rows are an id and cells with the columns they cover, of the laid-out report."""

    layout: Literal["heading", "subtitle", "paragraph", "entry", "row", "table"]
    pieces: tuple[Piece, ...] = ()
    level: int = 0
    rows: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()


def contents(corpus: Corpus) -> list[Section]:
    """The headings and annexes, in order."""
    kinds = (SectionKind.HEADING, SectionKind.ANNEX)
    return [s for s in corpus.sections if s.kind in kinds and s.heading.start < s.heading.end]


def parts(places: Places) -> list[Part]:
    """The whole canonical text in order: headings, paragraphs, glossary entries, tables."""
    laid_out: list[Part] = []
    for is_table, group in groupby(_lines(places), key=lambda part: part.layout == "row"):
        lines = [*group]
        laid_out += [_table(places.corpus, lines)] if is_table else lines
    return laid_out


def _lines(places: Places) -> Iterator[Part]:
    text, waiting, position = places.corpus.report.text + "\n", deque(places.units), 0
    while position < len(text):
        end = text.index("\n", position)
        inside: list[Unit] = []
        while waiting and waiting[0].span.start < end:
            inside.append(waiting.popleft())
            end = max(end, text.index("\n", inside[-1].span.end))
        if text[position:end].strip():
            yield _line(places.corpus, Span(position, end), inside)
        position = end + 1


def _table(corpus: Corpus, lines: Sequence[Part]) -> Part:
    """Where some rows split the name in two cells, the name of every other row covers both columns."""
    rows = [(line.pieces[0].id, "".join(piece.text for piece in line.pieces).split("\t")) for line in lines]
    width = max(len(cells) for _, cells in rows)
    groups = {indicator.id: indicator.group for indicator in corpus.indicators if indicator.group}
    wide = next((cells.index(groups[row]) for row, cells in rows if groups.get(row) in cells), width)
    return Part("table", rows=tuple((row, tuple(_covering(cells, width, wide))) for row, cells in rows))


def _covering(cells: Sequence[str], width: int, wide: int) -> Iterator[tuple[str, int]]:
    for column, cell in enumerate(cells):
        yield cell, 1 + width - len(cells) if column == min(wide, len(cells) - 1) else 1


def _line(corpus: Corpus, line: Span, units: Sequence[Unit]) -> Part:
    words, pieces = line.of(corpus.report.text), tuple(_pieces(corpus, line, units))
    heading = corpus.section.get(units[0].id) if units else None
    if heading is not None:
        return Part("heading", pieces, heading.level)
    if units and units[0].kind == "term":
        return Part("entry", pieces)
    if "\t" in words and all(unit.kind == "indicator" for unit in units):
        return Part("row", pieces)
    is_annex_title = not units and any(s.kind is SectionKind.ANNEX and s.title == words for s in corpus.sections)
    return Part("subtitle" if is_annex_title else "paragraph", pieces)


def _pieces(corpus: Corpus, line: Span, units: Sequence[Unit]) -> Iterator[Piece]:
    text = corpus.report.text
    position = line.start
    for unit in units:
        if position < unit.span.start:
            yield Piece("", text[position : unit.span.start])
        words, section = unit.span.of(text), corpus.section[unit.section]
        yield Piece(unit.id, words, section.kind is SectionKind.PARAGRAPH and words.rstrip("。") == section.title)
        position = unit.span.end
    if position < line.end:
        yield Piece("", text[position : line.end])
