r"""Reader for plain text, and for the text that extractors write from Word files.

In such text a line is a paragraph. A table cell starts with a tab, goes on over the following lines, and an empty
line ends the row. Cells covered by a vertical merge come out empty. Tables pasted from a spreadsheet are read too: lines
that follow each other, each a row with a tab between its cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.readers.document import Block, Cell, Document, Paragraph, Table, UnreadableFile
from ingest.readers.words import BLANK, clean, join_lines

_LAYOUT_MARK = re.compile(r"\[(?:bookmark|hyperlink|comment|image|footnote|endnote)\s*:[^\]\n]*\]", re.IGNORECASE)
_FEWEST_CELLS = 3
"""Cells of a row in a table pasted line by line."""
_ENCODINGS = ("utf-8-sig", "gb18030")


def read_text(name: str, data: bytes) -> Document:
    """Paragraphs and tables of extracted text.

    :raises UnreadableFile: the file is empty, binary or in no known encoding.
    """
    lines = [_LAYOUT_MARK.sub("", line) for line in decode(name, data).splitlines()]
    blocks: list[Block] = []
    position = 0
    while position < len(lines):
        if lines[position].startswith("\t"):
            rows, position_after = _table_lines(lines, position)
            blocks.append(Table(merge_covered(rows), line=position + 1))
            position = position_after
            continue
        pasted = _pasted_rows(lines, position)
        if len(pasted) > 1:
            blocks.append(Table(merge_covered(pasted), line=position + 1))
            position += len(pasted)
            continue
        text = clean(lines[position])
        if text:
            blocks.append(Paragraph(text, line=position + 1))
        position += 1
    if not blocks:
        raise UnreadableFile(f"{name}: the file holds no text")
    return Document(name, tuple(blocks))


def decode(name: str, data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or GB18030.

    :raises UnreadableFile: the file is empty, binary or in no known encoding.
    """
    if not data.strip():
        raise UnreadableFile(f"{name}: the file is empty")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\x00" in data:
        raise UnreadableFile(f"{name}: the file is binary, not text; save it as UTF-8 text")
    else:
        encodings = _ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.replace("\r\n", "\n").replace("\x0c", "\n").replace("\x0b", "\n")
    raise UnreadableFile(f"{name}: neither UTF-8 nor GB18030; save it as UTF-8 text")


def _table_lines(lines: list[str], start: int) -> tuple[list[list[Cell]], int]:
    """The rows that start at line index `start`, and the index of the first line after the table."""
    rows: list[list[Cell]] = []
    row: list[tuple[list[str], int]] = []
    position = start
    while position < len(lines):
        line = lines[position]
        if line.startswith("\t"):
            cells = line[1:].split("\t")
            row.extend(([clean(cell)], position + 1) for cell in cells)
        elif not line.strip(BLANK):
            if not _row_follows(lines, position):
                break
            rows.append(_cells(row))
            row = []
        elif line[0] in BLANK and rows and len(row) >= len(rows[0]):
            break
        else:
            row[-1][0].append(clean(line))
        position += 1
    if row:
        rows.append(_cells(row))
    return rows, position


def _pasted_rows(lines: list[str], start: int) -> list[list[Cell]]:
    """The lines from `start` on that are rows of at least so many cells that they cannot be a heading and its number."""
    rows: list[list[Cell]] = []
    for number, line in enumerate(lines[start:], start + 1):
        cells = line.split("\t")
        if not line.strip(BLANK) or len(cells) < _FEWEST_CELLS:
            break
        rows.append([Cell(clean(cell), number) for cell in cells])
    return rows


def _row_follows(lines: list[str], position: int) -> bool:
    return position + 1 < len(lines) and lines[position + 1].startswith("\t")


def _cells(row: list[tuple[list[str], int]]) -> list[Cell]:
    return [Cell(join_lines(parts), line) for parts, line in row]


def merge_covered(rows: Sequence[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """Put back the merged cells, by position.

    An empty cell left of a row's first words continues the cell above it. A row in which more than the first cell is
    so continued is a further line of the row above, and its other empty cells continue that row's too.
    """
    merged: list[tuple[Cell, ...]] = []
    for row in rows:
        above = merged[-1] if merged else ()
        lead = next((i for i, cell in enumerate(row) if cell.text), 0)
        covered = set(range(min(lead, len(above))))
        if lead > 1 and len(row) == len(above):
            covered = set(range(len(row)))
        merged.append(tuple(above[i] if i in covered and not cell.text else cell for i, cell in enumerate(row)))
    return tuple(merged)
