"""What every reader returns."""

from __future__ import annotations

from dataclasses import dataclass


class UnreadableFile(ValueError):
    """The file cannot be read; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph's words, layout marks removed, and the source line it starts on."""

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
    """A file's paragraphs and tables in document order."""

    name: str
    blocks: tuple[Block, ...]
