"""Sentences that speak of different years → each opened by its year, with the heading that says it as a source."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.model import Corpus, SectionKind, Span
from server.answering.candidates import Candidate
from server.answering.draft import DraftSentence, Source

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}年")


def with_years(pairs: Sequence[tuple[Candidate, DraftSentence]]) -> list[DraftSentence]:
    """The sentences, each opened by its year where they speak of different ones."""
    if len({candidate.year for candidate, _ in pairs} - {None}) < 2:
        return [sentence for _, sentence in pairs]
    return [_dated(candidate, sentence) for candidate, sentence in pairs]


def _dated(candidate: Candidate, sentence: DraftSentence) -> DraftSentence:
    year, corpus = f"{candidate.year}年", candidate.source.corpus
    heading = _heading_with(year, corpus, candidate.source.span)
    # A row's columns say their years themselves, which may be another one.
    says_its_own = candidate.form == "row" and _YEAR.search(sentence.text)
    if year in sentence.text or says_its_own or heading is None:
        return sentence
    return DraftSentence(f"{year}：{sentence.text}", (*sentence.sources, heading), "composed")


def _heading_with(year: str, corpus: Corpus, span: Span) -> Source | None:
    """The words of the nearest heading above `span` that name the year."""
    above = [s for s in corpus.sections if s.span.contains(span) and s.kind in (SectionKind.HEADING, SectionKind.ANNEX)]
    for section in sorted(above, key=lambda s: -s.level):
        heading = section.heading.of(corpus.report.text)
        if year in heading:
            start = section.heading.start + (heading.rfind("\n") + 1)
            return Source(corpus, Span(start, section.heading.end))
    return None
