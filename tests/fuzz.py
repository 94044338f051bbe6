"""Coverage-guided fuzzing with atheris: `fuzz.py TARGET -max_total_time=SECONDS CORPUS`. A finding ends with code 77."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ingest", "server", "index", "docx", "pdfplumber", "pdfminer", "markdown_it"]):
    import docx

    from index.normalise import fold
    from ingest.canonical import canonicalise
    from ingest.corpus import ingest_file
    from ingest.readers import UnreadableFile
    from ingest.readers.html import read_html
    from ingest.readers.markdown import read_markdown
    from ingest.readers.pdf import read_pdf
    from ingest.readers.word import read_word
    from ingest.readers.word_text import read_text
    from server.answering.clean import clean
    from server.answering.draft import DraftSentence, Source
    from server.answering.verify import holds
    from server.privacy import personal_data

REPORT = ingest_file(Path(__file__).parent / "data" / "fengxi-2023.txt")
SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
HEAD = f'<w:document xmlns:w="{SPACE}"><w:body>'.encode()
_saved = io.BytesIO()
docx.Document().save(_saved)
EMPTY_WORD = _saved.getvalue()
READERS = {"txt": read_text, "docx": read_word, "pdf": read_pdf, "html": read_html, "md": read_markdown}


def _reader(suffix: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        try:
            document = READERS[suffix]("r", data)
        except UnreadableFile:
            return
        canonical = canonicalise(document)
        for block in canonical.blocks:
            assert block.span.of(canonical.text) or not block.span.end - block.span.start

    return read


def _packed(body: bytes) -> bytes:
    """A Word file with these bytes as its document's body."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(EMPTY_WORD)) as empty, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as made:
        for item in empty.infolist():
            content = (
                HEAD + body + b"</w:body></w:document>" if item.filename == "word/document.xml" else empty.read(item)
            )
            made.writestr(item.filename, content)
    return packed.getvalue()


def _word(data: bytes) -> None:
    READ_WORD(data)
    READ_WORD(_packed(data))


def _verify(data: bytes) -> None:
    given = atheris.FuzzedDataProvider(data)
    start, length = given.ConsumeIntInRange(0, 250), given.ConsumeIntInRange(1, 60)
    words = REPORT.report.text[start : start + length]
    said = clean(given.ConsumeUnicodeNoSurrogates(60))
    source = Source(REPORT, REPORT.passages[0].span)
    for text in (words, words + said, said + words, said):
        for origin in ("quoted", "composed"):
            shown = holds(DraftSentence(text=text, sources=(source,), origin=origin))
            strange = set(re.findall(r"(?<![\d.,])\d{3,}(?![\d.,])", fold(text), re.ASCII)) - set(
                re.findall(r"\d+", source.text)
            )
            # A quote may begin amid a number: what is quoted is taken from a span, and not checked at its edges.
            assert not (shown and {n for n in strange if origin != "quoted" or n not in source.text}), (
                text,
                source.text,
            )
    personal_data(said)


READ_WORD = _reader("docx")
TARGETS = {**{suffix: _reader(suffix) for suffix in READERS}, "docx": _word, "verify": _verify}

if __name__ == "__main__":
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
