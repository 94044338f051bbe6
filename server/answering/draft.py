"""What a composer hands to the pipeline: sentences with the spans that say them, not yet cited or verified."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.model import Corpus, Span
from server.answering.model import Origin, Status

_EDGES = "，；、：,;： \t"


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
    """A sentence to be shown and the words that say it; `results` are the numbers that code worked out."""

    text: str
    sources: tuple[Source, ...]
    origin: Origin
    results: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Draft:
    """A composed answer, or the refusal to give one with what is nearest; `trust` in the best candidate, 0…1."""

    status: Status
    sentences: tuple[DraftSentence, ...] = ()
    related: tuple[Source, ...] = ()
    notice: str | None = None
    trust: float | None = None


def quoted(source: Source) -> DraftSentence:
    """The source's own words as a sentence."""
    whole = trimmed(source)
    return DraftSentence(closed(whole.text), (whole,), "quoted")


def closed(words: str) -> str:
    """Words with a full stop behind them, where they have no end of their own."""
    return words if words[-1:] in "。！？" else f"{words}。"


def trimmed(source: Source) -> Source:
    """The source without the blanks and the marks between clauses at its edges."""
    start, end = source.span
    text = source.corpus.report.text
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    while start < end and text[start] in _EDGES:
        start += 1
    return Source(source.corpus, Span(start, end))
