"""Coverage-guided fuzzing with atheris: `fuzz.py TARGET -max_total_time=SECONDS CORPUS`. A finding ends with code 77."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ingest", "server", "index", "docx", "pdfplumber", "pdfminer", "markdown_it"]):
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


def _verify(data: bytes) -> None:
    given = atheris.FuzzedDataProvider(data)
    start, length = given.ConsumeIntInRange(0, 250), given.ConsumeIntInRange(1, 60)
    words = REPORT.report.text[start : start + length]
    said = clean(given.ConsumeUnicodeNoSurrogates(60))
    span = next(p.span for p in REPORT.passages)
    source = Source(REPORT, span)
    quoted = holds(DraftSentence(text=words + said, sources=(source,), origin="quoted"))
    assert not quoted or not said or said.rstrip("。") in source.text or (words + said).strip("。") in source.text
    holds(DraftSentence(text=said + words, sources=(source,), origin="composed"))
    personal_data(said)


TARGETS = {**{suffix: _reader(suffix) for suffix in READERS}, "verify": _verify}

if __name__ == "__main__":
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
