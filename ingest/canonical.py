"""Paragraphs and tables → canonical text with offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from ingest.model import Span
from ingest.readers import Document, Paragraph
from ingest.readers.document import Cell

_SUBTITLE = re.compile(
    r"^(?=.{1,16}$).*(?:计\s*划|目\s*标|预\s*期|完\s*成|实\s*[际绩]|预\s*计|执\s*行|年|月|季|增\s*[速长幅]|总量|绝对|数值|比)"
)
"""What a title below another one says."""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph as it stands in the canonical text."""

    text: str
    span: Span
    source_line: int


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell as it stands in one row of the canonical text; `cell` tells merged cells apart from equal ones.

    It covers `width` columns of the reader's grid from `column` on.
    """

    cell: Cell
    span: Span
    column: int
    width: int


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """A table whose rows are lines of the canonical text, cells joined by one TAB in column order."""

    rows: tuple[tuple[PlacedCell, ...], ...]
    span: Span
    source_line: int


@dataclass(frozen=True, slots=True)
class CanonicalText:
    """The canonical text and where each block stands in it."""

    text: str
    blocks: tuple[Line | PlacedTable, ...]


def canonicalise(document: Document) -> CanonicalText:
    """Lay out a document: one line a paragraph, one line a table row.

    A cell merged downwards is written in every row it covers, so that each row can be quoted by itself; a cell merged
    across is written once. A header of several rows is one line: each column's titles joined, from top to bottom.
    """
    pieces: list[str] = []
    blocks: list[Line | PlacedTable] = []
    offset = 0
    for block in document.blocks:
        if isinstance(block, Paragraph):
            blocks.append(Line(block.text, Span(offset, offset + len(block.text)), block.line))
            pieces.append(block.text)
            offset += len(block.text) + 1
            continue
        start = offset
        rows = []
        for row in _one_header(block.rows):
            placed = _place_row(row, offset)
            rows.append(placed)
            pieces.append("\t".join(cell.cell.text for cell in placed))
            offset += len(pieces[-1]) + 1
        blocks.append(PlacedTable(tuple(rows), Span(start, offset - 1), block.line))
    return CanonicalText("\n".join(pieces), tuple(blocks))


def _place_row(row: tuple[Cell, ...], offset: int) -> tuple[PlacedCell, ...]:
    placed: list[PlacedCell] = []
    column = 0
    for _, group in groupby(row, key=id):
        cells = list(group)
        placed.append(PlacedCell(cells[0], Span(offset, offset + len(cells[0].text)), column, len(cells)))
        offset += len(cells[0].text) + 1
        column += len(cells)
    return tuple(placed)


def _one_header(rows: tuple[tuple[Cell, ...], ...]) -> tuple[tuple[Cell, ...], ...]:
    """The rows of a table with its header rows folded into one."""
    first = next((i for i, row in enumerate(rows) if len(set(row)) > 1), 0)
    last = first
    while last + 2 < len(rows) and _splits(rows[last], rows[last + 1]):
        last += 1
    if last == first:
        return rows
    stacks = list(zip(*rows[first : last + 1], strict=True))
    titles = {stack: Cell("".join(cell.text for cell in dict.fromkeys(stack)), stack[0].line) for stack in stacks}
    return (*rows[:first], tuple(titles[stack] for stack in stacks), *rows[last + 1 :])


def _splits(above: tuple[Cell, ...], row: tuple[Cell, ...]) -> bool:
    """Whether a row goes on with the header above: it splits a title that spans columns, and holds only titles.

    Beside those its cells are the titles above, merged downwards, or empty.
    """
    if len(above) != len(row):
        return False
    fresh = [(title, cell) for title, cell in zip(above, row, strict=True) if cell is not title and cell.text]
    split = {cell for title, cell in fresh if above.count(title) > 1}
    return len(split) > 1 and len(fresh) < len(row) and all(_SUBTITLE.search(cell.text) for _, cell in fresh)
