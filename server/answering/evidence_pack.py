"""Evidence → numbered sources for a model, within a token budget; each with the statements that a sentence may rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.entries import Entry
from ingest.model import Corpus, Indicator, IndicatorValue, Passage, SectionKind, Span, Term
from ingest.tokens import count_tokens
from server.answering.draft import Draft, Source
from server.answering.support import Statement
from server.answering.table import row_name, with_unit

_OVERHEAD = 24
"""Tokens that the fence around a source costs."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A citable span, and what it states."""

    source: Source
    statement: Statement


@dataclass(frozen=True, slots=True)
class Numbered:
    """One source as the model sees it."""

    number: int
    title: str
    year: int | None
    text: str
    grounds: tuple[Ground, ...]


def pack(evidence: Iterable[Entry], draft: Draft, budget: int) -> tuple[Numbered, ...]:
    """The entries that fit into `budget` tokens, numbered from 1; those that the draft quotes come first."""
    quoted = [source for sentence in draft.sentences for source in sentence.sources]
    packed: list[Numbered] = []
    for entry in sorted(evidence, key=lambda entry: not any(_holds(entry, source) for source in quoted)):
        source = _numbered(len(packed) + 1, entry)
        budget -= count_tokens(source.text) + count_tokens(source.title) + _OVERHEAD
        if budget < 0 and packed:
            break
        packed.append(source)
    return tuple(packed)


def year_source(ground: Ground, year: int) -> Source | None:
    """The heading above a ground, or for a table row its header, that names the year; None where none does."""
    corpus, span = ground.source.corpus, ground.source.span
    text, words = corpus.report.text, f"{year}年"
    above = [s for s in corpus.sections if s.span.contains(span) and s.kind in (SectionKind.HEADING, SectionKind.ANNEX)]
    spans = [row.header for row in corpus.indicators if row.span == span]
    spans += [section.heading for section in sorted(above, key=lambda s: -s.level)]
    named = next((heading for heading in spans if words in heading.of(text)), None)
    if named is None:
        return None
    lines = named.of(text)
    start = named.start + (0 if "\t" in lines else lines.rfind("\n", 0, lines.index(words)) + 1)
    return Source(corpus, Span(start, named.end))


def _holds(entry: Entry, source: Source) -> bool:
    return entry.corpus.report.id == source.corpus.report.id and entry.item.span.contains(source.span)


def _numbered(number: int, entry: Entry) -> Numbered:
    grounds = tuple(_grounds(entry))
    title = grounds[0].statement.about if grounds else ""
    text = "".join(dict.fromkeys(ground.statement.text for ground in grounds))
    return Numbered(number, title.rpartition("\n")[2], entry.year, text, grounds)


def _grounds(entry: Entry) -> Iterator[Ground]:
    corpus, item = entry.corpus, entry.item
    if isinstance(item, Passage):
        about = _about(corpus, [section.title for section in corpus.path(item.section)])
        for sentence in item.sentences:
            yield _ground(corpus, sentence.span, about, item.year)
    elif isinstance(item, Term):
        yield _ground(corpus, Span(item.name_span.start, item.span.end), _about(corpus, ["名词解释", item.name]), None)
    else:
        for value in item.values:
            yield _cell(corpus, item, value)


def _ground(corpus: Corpus, span: Span, about: str, year: int | None) -> Ground:
    planned = year is not None and year == corpus.report.year_planned
    return Ground(Source(corpus, span), Statement(span.of(corpus.report.text), about, year, planned))


def _cell(corpus: Corpus, row: Indicator, value: IndicatorValue) -> Ground:
    """One value of a table row, in words; the row is what is cited."""
    facts = [f"{row_name(row)}{value.role}{with_unit(value.text, row.unit)}"]
    facts += [f"属于{row.attribute}指标"] if row.attribute else []
    about = _about(corpus, ["计划表", row.dimension, value.header])
    statement = Statement(f"{'，'.join(facts)}。", about, value.year, value.role != "完成")
    return Ground(Source(corpus, row.span), statement)


def _about(corpus: Corpus, titles: Sequence[str]) -> str:
    """The report's title and place, and on the last line the titles above the words."""
    return f"{corpus.report.title}|{corpus.report.place}\n{' › '.join(title for title in titles if title)}"
