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

    from index.lexical import Tokenizer
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
    from server.answering.reply import claims
    from server.answering.support import Statement, check
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
TAG = Tokenizer([]).tags
SENTENCES = [s.span.of(REPORT.report.text) for passage in REPORT.passages for s in passage.sentences]


def _support(data: bytes) -> None:
    """No sentence that holds has a number that its source does not have."""
    given = atheris.FuzzedDataProvider(data)
    words = SENTENCES[given.ConsumeIntInRange(0, len(SENTENCES) - 1)]
    start, length = given.ConsumeIntInRange(0, len(words)), given.ConsumeIntInRange(0, 60)
    put_in = given.ConsumeUnicodeNoSurrogates(30)
    for sentence in (put_in, words[:start] + put_in + words[start + length :], words[start : start + length] + put_in):
        verdict = check(sentence, [Statement(words, "", 2023)], TAG)
        if verdict.holds:
            strange = set(re.findall(r"\d+", fold(verdict.text), re.ASCII)) - set(re.findall(r"\d+", fold(words)))
            assert strange <= {"2023"}, (verdict.text, words)


def _reply(data: bytes) -> None:
    """However a reply is cut into pieces, the same sentences are read from it."""
    given = atheris.FuzzedDataProvider(data)
    size = given.ConsumeIntInRange(1, 9)
    marks = ("[1]", "【2,3】", "<think>", "</think>", "。", "\n", "[", "］", "1.", "“", "”")
    pieces = [
        marks[at]
        if (at := given.ConsumeIntInRange(0, len(marks) + 3)) < len(marks)
        else given.ConsumeUnicodeNoSurrogates(4)
        for _ in range(given.ConsumeIntInRange(1, 40))
    ]
    text = "".join(pieces)
    whole = list(claims([text]))
    assert list(claims(text[i : i + size] for i in range(0, len(text), size))) == whole, text


TARGETS = {
    **{suffix: _reader(suffix) for suffix in READERS},
    "docx": _word,
    "verify": _verify,
    "support": _support,
    "reply": _reply,
}

if __name__ == "__main__":
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
