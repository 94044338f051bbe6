"""Paragraphs and tables → canonical text with offsets."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.model import Span
from ingest.readers import Document, Paragraph
from ingest.readers.document import Cell


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph as it stands in the canonical text."""

    text: str
    span: Span
    source_line: int


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell as it stands in one row of the canonical text; `cell` tells merged cells apart from equal ones."""

    cell: Cell
    span: Span


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
    across is written once.
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
        for row in block.rows:
            placed = _place_row(row, offset)
            rows.append(placed)
            pieces.append("\t".join(cell.cell.text for cell in placed))
            offset += len(pieces[-1]) + 1
        blocks.append(PlacedTable(tuple(rows), Span(start, offset - 1), block.line))
    return CanonicalText("\n".join(pieces), tuple(blocks))


def _place_row(row: tuple[Cell, ...], offset: int) -> tuple[PlacedCell, ...]:
    placed: list[PlacedCell] = []
    for position, cell in enumerate(row):
        if position and cell is row[position - 1]:
            continue
        placed.append(PlacedCell(cell, Span(offset, offset + len(cell.text))))
        offset += len(cell.text) + 1
    return tuple(placed)
