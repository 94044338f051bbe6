"""Chooses the reader by the file's suffix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingest.readers.document import Document, UnreadableFile

Reader = Callable[[str, bytes], Document]


def _text() -> Reader:
    from ingest.readers.word_text import read_text

    return read_text


def _word() -> Reader:
    from ingest.readers.word import read_word

    return read_word


def _pdf() -> Reader:
    from ingest.readers.pdf import read_pdf

    return read_pdf


def _html() -> Reader:
    from ingest.readers.html import read_html

    return read_html


def _markdown() -> Reader:
    from ingest.readers.markdown import read_markdown

    return read_markdown


_READERS: dict[str, Callable[[], Reader]] = {
    ".txt": _text,
    ".docx": _word,
    ".pdf": _pdf,
    ".html": _html,
    ".htm": _html,
    ".md": _markdown,
}
"""Each is imported when the first file of its kind is read: the libraries behind them take longer than a look-up."""
_REMEDIES = {
    ".doc": "open it in Word, WPS or LibreOffice and save it as .docx",
    ".wps": "open it in WPS and save it as .docx",
    ".rtf": "open it in Word, WPS or LibreOffice and save it as .docx",
    ".odt": "open it in LibreOffice and save it as .docx",
    ".ofd": "export it as .docx or as a PDF with text",
}
"""Documents that are not read, and what to do about each."""
FILE_LIMIT = 64 * 1024 * 1024
"""Bytes a report file may have."""


def suffixes() -> tuple[str, ...]:
    """The suffixes that can be read."""
    return tuple(_READERS)


def is_document(path: Path) -> bool:
    """Whether a file by its suffix is a document, one that can be read or one that must be saved as another kind."""
    return path.suffix.lower() in (*_READERS, *_REMEDIES)


def read(path: Path) -> Document:
    """Read one report file.

    :raises UnreadableFile: no such file, a kind that is not read, or content that is not what its suffix says.
    """
    suffix = path.suffix.lower()
    reader = _READERS.get(suffix)
    if reader is None:
        remedy = f"; {_REMEDIES[suffix]}" if suffix in _REMEDIES else ""
        raise UnreadableFile(f"{path}: cannot read '{path.suffix}' files{remedy}; supported: {', '.join(_READERS)}")
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise UnreadableFile(f"{path}: larger than {FILE_LIMIT >> 20} MB; save it without its pictures")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror or error}") from error
    return reader()(str(path), data)
