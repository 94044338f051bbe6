"""Reader for web pages and other HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html
from lxml.etree import LxmlError, _Element

from ingest.readers.document import Block, Cell, Document, Grid, Paragraph, UnreadableFile
from ingest.readers.word_text import decode
from ingest.readers.words import clean, join_lines

_SKIPPED = frozenset(
    [
        "head",
        "script",
        "style",
        "template",
        "noscript",
        "nav",
        "form",
        "button",
        "select",
        "iframe",
        "svg",
        "object",
        "video",
        "audio",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)


def read_html(name: str, data: bytes) -> Document:
    """Paragraphs and tables of a page; menus, forms, scripts and what is hidden are left out.

    :raises UnreadableFile: the file is empty, in no known encoding, not HTML, or without text.
    """
    return read_markup(name, _text(name, data))


def read_markup(name: str, text: str) -> Document:
    """Paragraphs and tables of HTML.

    :raises UnreadableFile: not HTML, or without text.
    """
    without_declaration = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    try:
        root = html.document_fromstring(without_declaration, parser=html.HTMLParser(huge_tree=False))
        blocks = tuple(_Page().blocks(root))
    except (LxmlError, ValueError, RecursionError) as error:
        raise UnreadableFile(f"{name}: not readable HTML ({error}); save the page anew") from error
    if not blocks:
        raise UnreadableFile(f"{name}: the file holds no text")
    return Document(name, blocks)


def _text(name: str, data: bytes) -> str:
    declared = _DECLARED.search(data[:4096])
    if declared and declared[1].lower() in (b"gb2312", b"gbk", b"gb18030"):
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return decode(name, data)


class _Page:
    """Collects words until a block begins or ends, and makes a paragraph of them."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._line = 1
        self._items: dict[_Element, int] = {}

    def blocks(self, root: _Element) -> Iterator[Block]:
        """The blocks below `root`, in order."""
        yield from self._walk(root)
        yield from self._paragraph()

    def _walk(self, element: _Element) -> Iterator[Block]:
        if not isinstance(element.tag, str) or element.tag in _SKIPPED or _is_hidden(element):
            return
        is_block = element.tag in _BLOCKS
        if is_block:
            yield from self._paragraph()
            self._line = element.sourceline or self._line
        if element.tag == "table" and _is_data(element):
            yield from self._table(element)
            return
        self._words += [self._number(element) if element.tag == "li" else "", element.text or ""]
        for child in element:
            yield from self._walk(child)
            self._words.append(child.tail or "")
        if is_block:
            yield from self._paragraph()

    def _number(self, item: _Element) -> str:
        """What a browser writes before an item of a numbered list."""
        parent = item.getparent()
        if parent is None or parent.tag != "ol":
            return ""
        start = parent.get("start", "1")
        first = int(start) if re.fullmatch(r"\d{1,6}", start, re.ASCII) else 1
        self._items[parent] = self._items.get(parent, first - 1) + 1
        return f"{self._items[parent]}. "

    def _paragraph(self) -> Iterator[Paragraph]:
        text = _folded("".join(self._words))
        self._words.clear()
        if text:
            yield Paragraph(text, self._line)

    def _table(self, element: _Element) -> Iterator[Block]:
        for caption in element.iter("caption"):
            text = _folded(caption.text_content())
            if text:
                yield Paragraph(text, caption.sourceline or self._line)
        grid = Grid()
        for row in element.iter("tr"):
            cells = [cell for cell in row if cell.tag in ("td", "th")]
            grid.row([(_cell(cell), _span(cell, "colspan"), _span(cell, "rowspan")) for cell in cells])
        table = grid.table(element.sourceline or self._line)
        if table is not None:
            yield table


def _is_hidden(element: _Element) -> bool:
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style", "")))


def _is_data(table: _Element) -> bool:
    """Whether a table shows data, rather than laying out the page: no table inside, several columns and rows."""
    if next(table.iterdescendants("table"), None) is not None:
        return False
    rows = [sum(cell.tag in ("td", "th") for cell in row) for row in table.iter("tr")]
    return len(rows) > 1 and max(rows) > 1


def _cell(element: _Element) -> Cell:
    lines = [block.text for block in _Page().blocks(element) if isinstance(block, Paragraph)]
    return Cell(join_lines(lines), element.sourceline or 1)


def _span(element: _Element, name: str) -> int:
    value = element.get(name, "1").strip()
    return int(value) if value.isdecimal() and 0 < int(value) < 10_000 else 1


def _folded(text: str) -> str:
    """Line breaks of the source are no words: none between Han characters, a space elsewhere."""
    lines = [clean(line) for line in text.splitlines()]
    return clean(re.sub(r"[ \t]+", " ", join_lines([line for line in lines if line])))
