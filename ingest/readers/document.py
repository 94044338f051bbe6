"""What every reader returns."""

from __future__ import annotations

from dataclasses import dataclass

GRID_COLUMNS = 200
GRID_CELLS = 200_000
"""A table's bounds: a few bytes can claim to span millions of columns or rows."""


class UnreadableFile(ValueError):
    """The file cannot be read; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph's words, layout marks removed, and the source line it starts on.

    In a format without lines, `line` counts paragraphs (docx) or pages (pdf).
    """

    text: str
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A table cell. A merged cell is the same object in every grid position it covers."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cells in row order, and the source line it starts on."""

    rows: tuple[tuple[Cell, ...], ...]
    line: int


Block = Paragraph | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A file's paragraphs and tables in document order; `notices` are what it holds that was not read, by line."""

    name: str
    blocks: tuple[Block, ...]
    notices: tuple[tuple[int, str], ...] = ()


class Grid:
    """Puts cells into their grid positions, row by row, where a cell may span columns and rows."""

    def __init__(self) -> None:
        self._rows: list[dict[int, Cell]] = []
        self._spanning: dict[int, tuple[Cell, int]] = {}
        self._placed = 0

    def row(self, cells: list[tuple[Cell, int, int]]) -> None:
        """Add a row of cells with the columns and the rows each spans.

        :raises ValueError: the table is larger than any table of a report.
        """
        row: dict[int, Cell] = {column: cell for column, (cell, _) in self._spanning.items()}
        self._spanning = {c: (cell, left - 1) for c, (cell, left) in self._spanning.items() if left > 1}
        column = 0
        for cell, wide, high in cells:
            while column in row:
                column += 1
            wide = max(1, min(wide, GRID_COLUMNS - column))
            for covered in range(column, column + wide):
                row[covered] = cell
                if high > 1:
                    self._spanning[covered] = (cell, high - 1)
            column += wide
            self._placed += wide
            if column >= GRID_COLUMNS or self._placed > GRID_CELLS:
                raise ValueError(f"a table of more than {GRID_COLUMNS} columns or {GRID_CELLS} cells")
        self._rows.append(row)

    def table(self, line: int) -> Table | None:
        """The table, None where it has no words; positions that no cell covers are empty cells."""
        rows = [row for row in self._rows if row]
        width = max((max(row) + 1 for row in rows), default=0)
        if not any(cell.text for row in rows for cell in row.values()):
            return None
        return Table(tuple(tuple(row.get(i) or Cell("", line) for i in range(width)) for row in rows), line)
