"""Reader for Word files (.docx): tables by grid position, automatic numbers as Word shows them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import docx
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml.etree import _Element

from ingest.readers.document import GRID_CELLS, GRID_COLUMNS, Block, Cell, Document, Paragraph, Table, UnreadableFile
from ingest.readers.word_numbers import Numbers
from ingest.readers.words import clean, join_lines

UNPACKED_LIMIT = 512 * 1024 * 1024
"""Bytes the file may have unpacked: a small archive can unpack to any size."""
_OLE = b"\xd0\xcf\x11\xe0"
_CONTAINERS = {qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml"), qn("w:smartTag"), qn("w:moveTo")}
_SKIPPED = {
    qn("w:del"),
    qn("w:moveFrom"),
    qn("w:instrText"),
    qn("w:delText"),
    qn("w:pPr"),
    qn("w:rPr"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_BREAKS = {qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:tab"): " ", qn("w:noBreakHyphen"): "-"}


def read_word(name: str, data: bytes) -> Document:
    """Paragraphs and tables of a Word file, in document order; what was deleted under review is left out.

    :raises UnreadableFile: no Word file, one with a password, a damaged or an oversized one, or one without text.
    """
    if data.startswith(_OLE):
        raise UnreadableFile(f"{name}: an old or password-protected Word file; save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
        if unpacked > UNPACKED_LIMIT:
            raise UnreadableFile(
                f"{name}: unpacks to more than {UNPACKED_LIMIT >> 20} MB; save it without its pictures"
            )
        word = docx.Document(io.BytesIO(data))
        blocks = tuple(_Body(word).blocks())
    except UnreadableFile:
        raise
    except Exception as error:  # what the libraries below raise for a damaged file is open-ended
        raise UnreadableFile(f"{name}: not a readable Word file ({error}); open it in Word and save it anew") from error
    if not blocks:
        raise UnreadableFile(f"{name}: the file holds no text; if it holds scanned pages, recognise their text first")
    return Document(name, blocks)


@dataclass
class _Body:
    """Walks the body; `line` counts the paragraphs gone by, those in tables included."""

    word: WordDocument
    line: int = 0

    def __post_init__(self) -> None:
        self._numbers = Numbers(self.word)

    def blocks(self) -> Iterator[Block]:
        yield from self._walk(self.word.element.body)

    def _walk(self, parent: _Element) -> Iterator[Block]:
        for element in parent:
            if element.tag == qn("w:p"):
                yield from self._paragraphs(element)
            elif element.tag == qn("w:tbl"):
                yield from self._table(element)
            elif element.tag in _CONTAINERS:
                yield from self._walk(element)

    def _paragraphs(self, element: _Element) -> Iterator[Paragraph]:
        self.line += 1
        for text in self._numbered(element).split("\n"):
            words = clean(text)
            if words:
                yield Paragraph(words, self.line)

    def _numbered(self, element: _Element) -> str:
        text = _text(element)
        return self._numbers.label(element) + text if text.strip() else text

    def _table(self, element: _Element) -> Iterator[Block]:
        start = self.line + 1
        rows: list[dict[int, Cell]] = []
        for row in _children(element, qn("w:tr")):
            rows.append(self._row(row, rows[-1] if rows else {}))
            if len(rows) * max(map(len, rows)) > GRID_CELLS:
                raise ValueError(f"a table of more than {GRID_CELLS} cells")
        width = max((max(row, default=-1) + 1 for row in rows), default=0)
        cells = {cell: None for row in rows for cell in row.values() if cell.text}
        if width <= 1 or len(cells) <= 1:  # a box around text, not a table
            yield from (Paragraph(cell.text, cell.line) for cell in cells)
        else:
            yield Table(tuple(tuple(r.get(i) or Cell("", start) for i in range(width)) for r in rows if r), start)

    def _row(self, element: _Element, above: dict[int, Cell]) -> dict[int, Cell]:
        row: dict[int, Cell] = {}
        column = _number(element, "w:trPr/w:gridBefore", 0)
        for tc in _children(element, qn("w:tc")):
            span = max(1, _number(tc, "w:tcPr/w:gridSpan", 1))
            if column + span > GRID_COLUMNS:
                raise ValueError(f"a table of more than {GRID_COLUMNS} columns")
            merge = _find(tc, "w:tcPr/w:vMerge")
            continues = merge is not None and merge.get(qn("w:val"), "continue") == "continue"
            cell = above.get(column) if continues else None
            self.line += 1
            cell = cell or Cell(join_lines([clean(line) for line in self._cell_lines(tc)]), self.line)
            row.update(dict.fromkeys(range(column, column + span), cell))
            column += span
        return row

    def _cell_lines(self, tc: _Element) -> Iterator[str]:
        for element in tc.iter(qn("w:p")):
            yield from self._numbered(element).split("\n")


def _children(parent: _Element, tag: str) -> Iterator[_Element]:
    """Children of a kind, those inside content controls and insertions too."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in _CONTAINERS:
            yield from _children(child, tag)


def _text(element: _Element) -> str:
    """The words of a paragraph, and of text boxes anchored in it as lines of their own."""
    pieces: list[str] = []
    for child in element:
        if child.tag in _SKIPPED or _is_hidden(child):
            continue
        if child.tag == qn("w:t"):
            pieces.append(child.text or "")
        elif child.tag == qn("w:txbxContent"):
            pieces += ["\n", *(_text(p) + "\n" for p in child.iter(qn("w:p")))]
        elif child.tag in _BREAKS:
            pieces.append(_BREAKS[child.tag])
        elif isinstance(child.tag, str):
            pieces.append(_text(child))
    return "".join(pieces)


def _is_hidden(run: _Element) -> bool:
    vanish = _find(run, "w:rPr/w:vanish")
    return vanish is not None and vanish.get(qn("w:val"), "true") not in ("0", "false", "off")


def _find(element: _Element, path: str) -> _Element | None:
    return element.find("/".join(qn(step) for step in path.split("/")))


def _number(element: _Element, path: str, default: int) -> int:
    found = _find(element, path)
    return default if found is None else int(found.get(qn("w:val"), default))
