"""What a composer hands to the pipeline: sentences with the spans that say them, not yet cited or verified."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.model import Corpus, Span
from server.answering.model import Origin, Status


@dataclass(frozen=True, slots=True)
class Source:
    """A span of one report."""

    corpus: Corpus
    span: Span

    @property
    def text(self) -> str:
        """The words of the span."""
        return self.span.of(self.corpus.report.text)


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence to be shown and the words that say it."""

    text: str
    sources: tuple[Source, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Draft:
    """A composed answer, or the refusal to give one with what is nearest."""

    status: Status
    sentences: tuple[DraftSentence, ...] = ()
    related: tuple[Source, ...] = ()
    notice: str | None = None


def quoted(source: Source) -> DraftSentence:
    """The source's own words as a sentence: cut to whole words, closed with a full stop."""
    words = source.text.strip().rstrip("，；、：,;")
    return DraftSentence(words if words[-1:] in "。！？”" else f"{words}。", (trimmed(source),), "quoted")


def trimmed(source: Source) -> Source:
    """The source without blanks and without the comma or semicolon that ends it."""
    start, end = source.span
    text = source.corpus.report.text
    while end > start and text[end - 1] in "，；、：,; \t":
        end -= 1
    while start < end and text[start] in "，；、,; \t":
        start += 1
    return Source(source.corpus, Span(start, end))
