"""Reader for Markdown, by way of HTML: tables by pipes, or as HTML where cells are merged."""

from __future__ import annotations

from markdown_it import MarkdownIt

from ingest.readers.document import Document
from ingest.readers.html import read_markup
from ingest.readers.word_text import decode


def read_markdown(name: str, data: bytes) -> Document:
    """Paragraphs and tables of a Markdown file.

    :raises UnreadableFile: the file is empty, binary, in no known encoding, or without text.
    """
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable("table")
    return read_markup(name, parser.render(decode(name, data)))
