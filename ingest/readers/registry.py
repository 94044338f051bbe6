"""Chooses the reader by the file's suffix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingest.readers.document import Document, UnreadableFile
from ingest.readers.word_text import read_text

_READERS: dict[str, Callable[[str, bytes], Document]] = {".txt": read_text}


def suffixes() -> tuple[str, ...]:
    """The suffixes that can be read."""
    return tuple(_READERS)


def read(path: Path) -> Document:
    """Read one report file.

    :raises UnreadableFile: no such file, a kind that is not read, or content that is not what its suffix says.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile(f"{path}: cannot read '{path.suffix}' files; supported: {', '.join(_READERS)}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror or error}") from error
    return reader(str(path), data)
