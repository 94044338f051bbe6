"""Running text → whole sentences."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.model import Span

_ENDS = "。！？!?"
_CLOSERS = "”’」』）)》】\"'"
_OPENERS = dict(zip("“‘「『（(《【", "”’」』）)》】", strict=True))


def split_sentences(text: str, span: Span) -> Iterator[Span]:
    """Spans of the sentences in `text[span]`, in order, without the blanks between them.

    A sentence ends at 。！？ outside quotation marks and brackets, together with the closing marks that follow it.
    An opening mark that is never closed does not hold the rest of the paragraph together.
    """
    start, position = span.start, span.start
    while position < span.end:
        character = text[position]
        if character in _OPENERS:
            close = text.find(_OPENERS[character], position, span.end)
            position = close if close != -1 and _is_short_aside(text, position, close) else position
        if text[position] in _ENDS:
            position += 1
            while position < span.end and text[position] in _CLOSERS + _ENDS:
                position += 1
            yield from _trimmed(text, Span(start, position))
            start = position
        else:
            position += 1
    yield from _trimmed(text, Span(start, span.end))


def _is_short_aside(text: str, opened: int, closed: int) -> bool:
    """Whether a quoted or bracketed aside holds no sentence end but at its very end."""
    return not any(end in text[opened : closed - 1] for end in _ENDS) and text[closed - 1] not in _ENDS


def _trimmed(text: str, span: Span) -> Iterator[Span]:
    words = text[span.start : span.end]
    if words.strip():
        yield Span(span.end - len(words.lstrip()), span.start + len(words.rstrip()))
