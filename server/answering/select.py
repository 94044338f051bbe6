"""Evidence → the shortest runs of clauses that answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.normalise import fold
from index.search import Evidence
from ingest.clauses import split_clauses
from ingest.model import Corpus, Passage, Span, Term
from ingest.sentences import split_sentences
from server.answering.draft import Source
from server.answering.matching import coverage
from server.answering.questions import Kind, Query
from server.answering.wants import figures_wanted, wanted_unit

IN_SENTENCE = 0.85
"""What a word counts that stands in the sentence but outside the run that is shown."""
IN_TITLE = 0.7
"""What a word counts that stands only in the titles above."""
LENGTH_COST = 0.12
"""What is taken off for every hundred characters shown."""
FIGURE_BONUS = 0.25
RETRIEVAL_SHARE = 0.35


@dataclass(frozen=True, slots=True)
class Selected:
    """A run of clauses with how well it answers; `covered` is the share of the question's words spoken of."""

    source: Source
    year: int | None
    sentence: Span
    score: float
    covered: float
    has_figure: bool


def select(query: Query, evidence: Sequence[Evidence]) -> list[Selected]:
    """The best run of every sentence in the passages and terms of `evidence`, best first."""
    best = max((item.score for item in evidence), default=1.0) or 1.0
    found = []
    for item in evidence:
        for sentence in _sentences(item):
            found.append(_best_run(query, item, sentence, item.score / best))
    return sorted(found, key=lambda selected: -selected.score)


def _sentences(evidence: Evidence) -> Iterator[Span]:
    item: Any = evidence.entry.item
    if isinstance(item, Passage):
        yield from (sentence.span for sentence in item.sentences)
    elif isinstance(item, Term):
        yield from split_sentences(evidence.entry.corpus.report.text, item.definition)


def _best_run(query: Query, evidence: Evidence, sentence: Span, retrieval: float) -> Selected:
    corpus = evidence.entry.corpus
    text = corpus.report.text
    clauses = list(split_clauses(text, sentence))
    unit = wanted_unit(query.text)
    titles = fold(_titles(corpus, evidence))
    whole = coverage(query.focus, fold(sentence.of(text)))
    above = coverage(query.focus, titles + fold(sentence.of(text)))
    best: Selected | None = None
    for first in range(len(clauses)):
        for last in range(first, len(clauses)):
            span = Span(clauses[first].start, clauses[last].end)
            words = fold(span.of(text))
            own = coverage(query.focus, words)
            covered = own + IN_SENTENCE * (whole - own) + IN_TITLE * (above - whole)
            figure = bool(figures_wanted(words, unit))
            score = covered + RETRIEVAL_SHARE * retrieval - LENGTH_COST * len(words) / 100
            score += FIGURE_BONUS * (figure if query.kind in (Kind.NUMBER, Kind.COMPARE) else 0)
            if best is None or score > best.score:
                best = Selected(Source(corpus, span), evidence.entry.year, sentence, score, covered, figure)
    assert best is not None
    return best


def _titles(corpus: Corpus, evidence: Evidence) -> str:
    item: Any = evidence.entry.item
    if isinstance(item, Term):
        return item.name
    return corpus.section[item.section].title if isinstance(item, Passage) else ""
