"""Paragraphs → passages: whole sentences of one paragraph, within a token budget."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.model import Passage, Section, SectionKind, Sentence, Span, content_id
from ingest.outline import Outline
from ingest.sentences import split_sentences
from ingest.tokens import count_tokens

BUDGET = 80
"""Tokens a passage may hold. A longer sentence is a passage by itself: sentences are never cut."""


def make_passages(text: str, outline: Outline, glossary: tuple[Span, ...]) -> tuple[Passage, ...]:
    """Passages of all running text in document order, without the `glossary` entries, which are terms."""
    passages: list[Passage] = []
    sentence_ids: set[str] = set()
    passage_ids: set[str] = set()
    for section in outline.sections:
        if section.kind is SectionKind.HEADING:
            continue
        for line in outline.lines.get(section.id, ()):
            if any(entry.overlaps(line.span) for entry in glossary):
                continue
            sentences = [
                Sentence(content_id("s", span.of(text), sentence_ids), span)
                for span in split_sentences(text, line.span)
            ]
            for group in _pack(text, sentences):
                passages.append(_passage(text, section, group, passage_ids))
    return tuple(passages)


def _pack(text: str, sentences: list[Sentence]) -> Iterator[list[Sentence]]:
    """Group neighbouring sentences while they fit into the budget."""
    group: list[Sentence] = []
    for sentence in sentences:
        start = group[0].span.start if group else sentence.span.start
        if group and count_tokens(text[start : sentence.span.end]) > BUDGET:
            yield group
            group = []
        group.append(sentence)
    if group:
        yield group


def _passage(text: str, section: Section, sentences: list[Sentence], ids: set[str]) -> Passage:
    span = Span(sentences[0].span.start, sentences[-1].span.end)
    return Passage(
        id=content_id("p", span.of(text), ids),
        section=section.id,
        year=section.year,
        span=span,
        sentences=tuple(sentences),
        tokens=count_tokens(span.of(text)),
    )
