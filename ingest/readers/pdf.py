"""Reader for PDF: tables by their ruled lines, paragraphs by indents and short last lines.

A PDF holds characters at places; words, lines, paragraphs and cells are put together from where they stand.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pdfplumber
from pdfplumber.page import Page

from ingest.readers.document import Block, Cell, Document, Paragraph, Table, UnreadableFile
from ingest.readers.words import clean, join_lines

PAGE_LIMIT = 1000
CHARACTER_LIMIT = 2_000_000
_TOLERANCE = 2.5
"""Points by which two edges that are drawn as one may differ."""
_PAGE_NUMBER = re.compile(r"[-–—\s·]*第?\s*\d{1,4}\s*页?(?:\s*[/,，共]+\s*\d{1,4}\s*页?)?[-–—\s·]*")
_MARGIN = 0.09
"""The share of a page's height, at its head and at its foot, where running titles and page numbers stand."""
_NUMBERED = re.compile(r"[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d{1,3}[.．、]\s*\D|附件")
_UNPARTED = re.compile(r"[“‘（《(]*(?:[\x21-\x7e]+|.)[，。；：、！？”’）》)%％]*")
_LEADING = 2
"""So many leading cells must be empty for a row not to be a row of its own: a first cell alone is merged downwards."""
_Character = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of running text, where it begins and ends, and the size of its characters."""

    text: str
    left: float
    right: float
    top: float
    size: float
    page: int


@dataclass(frozen=True, slots=True)
class _Ruled:
    """A table on one page: its column edges, its rows, and whether it stands first or last on the page."""

    edges: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    top: float
    page: int


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What stands on one page, from top to bottom."""

    items: tuple[_Line | _Ruled, ...]
    height: float
    is_picture: bool


def read_pdf(name: str, data: bytes) -> Document:
    """Paragraphs and tables of a PDF; running titles and page numbers are left out.

    :raises UnreadableFile: no PDF, one with a password, a damaged or an oversized one, or scanned pages without text.
    """
    if b"%PDF-" not in data[:1024]:
        raise UnreadableFile(f"{name}: not a PDF file; check how it was saved")
    try:
        sheets = _sheets(name, data)
    except UnreadableFile:
        raise
    except MemoryError as error:
        raise UnreadableFile(f"{name}: the PDF is too large to be read") from error
    except Exception as error:  # what the libraries below raise for a damaged file is open-ended
        reason = "it is protected by a password" if "assword" in f"{type(error)}{error!r}" else "it is damaged"
        raise UnreadableFile(f"{name}: the PDF cannot be read, {reason}; export it anew from Word") from error
    pictures = [number for number, sheet in enumerate(sheets, 1) if sheet.is_picture]
    if len(pictures) * 2 > len(sheets) or not any(sheet.items for sheet in sheets):
        raise UnreadableFile(
            f"{name}: the pages are scanned pictures without text; recognise their text first (OCR), or take the Word file"
        )
    blocks = tuple(_blocks([list(sheet.items) for sheet in _without_running(sheets)]))
    if not blocks:
        raise UnreadableFile(f"{name}: the file holds no text")
    return Document(name, blocks, tuple((page, "the page is a picture without text; not read") for page in pictures))


def _sheets(name: str, data: bytes) -> list[_Sheet]:
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        if len(pdf.pages) > PAGE_LIMIT:
            raise UnreadableFile(f"{name}: more than {PAGE_LIMIT} pages; is it one report?")
        sheets: list[_Sheet] = []
        characters = 0
        for number, page in enumerate(pdf.pages, 1):
            characters += len(page.chars)
            if characters > CHARACTER_LIMIT:
                raise UnreadableFile(f"{name}: more than {CHARACTER_LIMIT} characters; is it one report?")
            sheets.append(_sheet(page, number))
            page.close()
        return sheets


def _sheet(page: Page, number: int) -> _Sheet:
    # What stands askew is a watermark; what stands twice in one place is printed bold.
    straight = page.filter(lambda o: o["object_type"] != "char" or o["upright"]).dedupe_chars()
    found = [table for table in straight.find_tables() if len(table.cells) > 1]
    boxes = [table.bbox for table in found]
    free = [c for c in straight.chars if not any(_inside(c, box) for box in boxes)]
    ruled = (_ruled(table.cells, [c for c in straight.chars if _inside(c, table.bbox)], number) for table in found)
    items: list[_Line | _Ruled] = [*_lines(free, number), *(table for table in ruled if table is not None)]
    area = float(page.width * page.height) or 1.0
    covered = max((float(i["width"] * i["height"]) for i in page.images), default=0.0) / area
    return _Sheet(
        tuple(sorted(items, key=lambda item: item.top)), float(page.height), not straight.chars and covered > 0.3
    )


def _inside(character: _Character, box: Sequence[float]) -> bool:
    """Whether a character's middle lies in the box (left, top, right, bottom)."""
    x, y = (character["x0"] + character["x1"]) / 2, (character["top"] + character["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _lines(characters: Sequence[_Character], page: int) -> list[_Line]:
    """Characters grouped to lines: those whose middles lie within half a character's height of each other."""
    lines: list[list[_Character]] = []
    for character in sorted(characters, key=lambda c: (c["top"] + c["bottom"]) / 2):
        middle = (character["top"] + character["bottom"]) / 2
        last = lines[-1][-1] if lines else None
        if last is not None and middle - (last["top"] + last["bottom"]) / 2 < character["size"] / 2:
            lines[-1].append(character)
        else:
            lines.append([character])
    made = [_line(sorted(line, key=lambda c: c["x0"]), page) for line in lines]
    return [line for line in made if line.text]


def _line(characters: Sequence[_Character], page: int) -> _Line:
    inked = [c for c in characters if c["text"].strip()] or list(characters)
    return _Line(
        text=clean(_words(characters)),
        left=inked[0]["x0"],
        right=inked[-1]["x1"],
        top=min(c["top"] for c in inked),
        size=Counter(round(c["size"], 1) for c in inked).most_common(1)[0][0],
        page=page,
    )


def _words(characters: Sequence[_Character]) -> str:
    """Characters in order; a space is added only where a gap parts two Latin words."""
    pieces = [characters[0]["text"]] if characters else []
    for before, character in pairwise(characters):
        ends, begins = before["text"][-1:], character["text"][:1]
        latin = ends.isascii() and ends.isalnum() and begins.isascii() and begins.isalnum()
        gap = character["x0"] - before["x1"]
        pieces.append((" " if latin and gap > character["size"] * 0.2 else "") + character["text"])
    return "".join(pieces)


def _ruled(
    cells: Sequence[tuple[float, float, float, float]], characters: Sequence[_Character], page: int
) -> _Ruled | None:
    """A table's grid from the boxes of its cells; None where it has no words."""
    columns = _edges([x for cell in cells for x in (cell[0], cell[2])])
    levels = _edges([y for cell in cells for y in (cell[1], cell[3])])
    grid: list[list[Cell | None]] = [[None] * (len(columns) - 1) for _ in levels[1:]]
    for box in cells:
        words = [line.text for line in _lines([c for c in characters if _inside(c, box)], page)]
        cell = Cell(join_lines(words), page)
        for row in range(_nearest(levels, box[1]), _nearest(levels, box[3])):
            for column in range(_nearest(columns, box[0]), _nearest(columns, box[2])):
                grid[row][column] = cell
    rows = tuple(tuple(cell or Cell("", page) for cell in row) for row in grid)
    if not any(cell.text for row in rows for cell in row):
        return None
    return _Ruled(tuple(columns), rows, min(cell[1] for cell in cells), page)


def _edges(places: Sequence[float]) -> list[float]:
    """The distinct places, in order, those within the tolerance as one."""
    edges: list[float] = []
    for place in sorted(places):
        if not edges or place - edges[-1] > _TOLERANCE:
            edges.append(place)
    return edges


def _nearest(edges: Sequence[float], place: float) -> int:
    return min(range(len(edges)), key=lambda i: abs(edges[i] - place))


def _without_running(sheets: Sequence[_Sheet]) -> Iterator[_Sheet]:
    """Pages without their numbers and without the words that stand at the edge of every other page or more."""
    at_edge = Counter(_plain(item) for sheet in sheets for item in {*_edge_lines(sheet)})
    for sheet in sheets:
        edge = _edge_lines(sheet)
        running = {
            item
            for item in edge
            if _PAGE_NUMBER.fullmatch(item.text) or (len(sheets) > 2 and at_edge[_plain(item)] * 2 >= len(sheets))
        }
        yield _Sheet(tuple(item for item in sheet.items if item not in running), sheet.height, sheet.is_picture)


def _edge_lines(sheet: _Sheet) -> list[_Line]:
    low, high = sheet.height * _MARGIN, sheet.height * (1 - _MARGIN)
    return [item for item in sheet.items if isinstance(item, _Line) and not low <= item.top <= high]


def _plain(line: _Line) -> str:
    return re.sub(r"\d+", "", line.text)


def _blocks(pages: Sequence[Sequence[_Line | _Ruled]]) -> Iterator[Block]:
    """Lines joined to paragraphs and tables joined over page breaks."""
    items = [item for page in pages for item in page]
    layout = _Layout.of([item for item in items if isinstance(item, _Line)])
    group: list[_Line | _Ruled] = []
    for item in items:
        if group and not _belongs(item, group[-1], layout):
            yield _join(group)
            group = []
        group.append(item)
    if group:
        yield _join(group)


def _belongs(item: _Line | _Ruled, before: _Line | _Ruled, layout: _Layout) -> bool:
    """Whether an item goes on with the paragraph or the table that the one before it is part of."""
    if isinstance(item, _Line):
        return isinstance(before, _Line) and not layout.begins(item, before)
    return isinstance(before, _Ruled) and _goes_on(before, item)


def _join(group: Sequence[_Line | _Ruled]) -> Block:
    tables = [item for item in group if isinstance(item, _Ruled)]
    if tables:
        return _join_tables(tables)
    lines = [item for item in group if isinstance(item, _Line)]
    return Paragraph(join_lines([line.text for line in lines]), lines[0].page)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How running text is set: where lines begin, how far they reach, how far apart they are, whether indents are used."""

    left: float
    right: float
    gap: float
    is_indented: bool

    @classmethod
    def of(cls, lines: Sequence[_Line]) -> _Layout:
        """The layout most lines share."""
        if not lines:
            return cls(0.0, 0.0, 0.0, False)
        begun = Counter(round(line.left) for line in lines)
        left = min(place for place, count in begun.items() if count * 25 >= len(lines) or count == max(begun.values()))
        reach = sorted(line.right for line in lines)
        gaps = sorted(b.top - a.top for a, b in pairwise(lines) if a.page == b.page)
        indented = sum(1.2 * line.size < line.left - left < 3 * line.size for line in lines)
        return cls(
            left, reach[int(len(reach) * 0.8)], gaps[len(gaps) // 2] if gaps else 0.0, indented * 20 > len(lines)
        )

    def begins(self, line: _Line, before: _Line) -> bool:
        """Whether a line begins a paragraph."""
        apart = line.page == before.page and line.top - before.top > 1.3 * self.gap
        room = self.right - before.right
        ended_early = room > _first_width(line.text) * line.size + 0.3 * line.size
        if line.left > self.left + 1.2 * line.size or abs(line.size - before.size) > 0.6 or apart:
            return True
        if _NUMBERED.match(line.text) and before.text[-1] in "。！？；：”）":
            return True
        return ended_early and not (self.is_indented and room < 3 * line.size)


def _first_width(text: str) -> float:
    """How wide, in characters, what may not be parted at a line's begin is: a word or number, or a character in its marks."""
    found = _UNPARTED.match(text)
    return sum(0.55 if character.isascii() else 1.0 for character in found[0]) if found else 1.0


def _goes_on(before: _Ruled, table: _Ruled) -> bool:
    """Whether a table is the rest of the one before: on the next page, nothing between, within the same borders.

    A column that only some rows split may be there on one page alone.
    """
    few, many = sorted((before.edges, table.edges), key=len)
    same = all(min(abs(edge - other) for other in many) <= 2 * _TOLERANCE for edge in few)
    outer = abs(few[0] - many[0]) <= 2 * _TOLERANCE and abs(few[-1] - many[-1]) <= 2 * _TOLERANCE
    return table.page == before.page + 1 and same and outer


def _join_tables(parts: Sequence[_Ruled]) -> Table:
    """The parts of a table over pages as one: a repeated header is dropped, a merged cell goes on over the break."""
    edges = max((part.edges for part in parts), key=len)
    rows: list[tuple[Cell, ...]] = []
    for part in parts:
        fresh = [_spread(row, part.edges, edges) for row in part.rows]
        while rows and fresh and [c.text for c in fresh[0]] == [c.text for c in rows[0]]:
            fresh.pop(0)
        if rows and fresh:
            fresh = _over_break(rows, fresh)
        rows += fresh
    return Table(tuple(rows), parts[0].page)


def _spread(row: Sequence[Cell], own: Sequence[float], edges: Sequence[float]) -> tuple[Cell, ...]:
    """A row over the columns of the whole table."""
    middles = [(a + b) / 2 for a, b in pairwise(edges)]
    return tuple(row[min(bisect_right(own, middle) - 1, len(row) - 1)] for middle in middles)


def _over_break(rows: list[tuple[Cell, ...]], fresh: list[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """The rows after a page break, joined to those before it.

    A first row without its leading cells may be the rest of a row that the break parts, or a row of its own beside
    merged cells. One lone cell is a rest. Otherwise nothing tells: the words are kept as one cell, and no row is made.
    """
    first = fresh[0]
    filled = list(dict.fromkeys(cell for cell in first if cell.text))
    lead = next((i for i, cell in enumerate(first) if cell.text), len(first))
    above = rows[-1]
    if lead < _LEADING:
        merged = {first[i]: above[i] for i in range(lead)}
        return [tuple(merged.get(cell, cell) for cell in row) for row in fresh]
    if len(filled) == 1:
        whole = Cell(join_lines([above[lead].text, filled[0].text]), above[lead].line)
        rows[-1] = tuple(whole if cell is above[lead] else cell for cell in above)
    elif filled:
        words = [cell.text for cell in dict.fromkeys((*above, *first)) if cell.text]
        rows[-1] = (Cell(" ".join(words), above[0].line),) * len(above)
    below = dict(zip(first, rows[-1], strict=True))
    return [tuple(below.get(cell, cell) for cell in row) for row in fresh[1:]]
