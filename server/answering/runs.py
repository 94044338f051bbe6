"""A sentence → the runs of its clauses, each of which may be the answer."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from index.normalise import fold
from ingest.clauses import split_clauses
from ingest.model import Span

LONGEST_RUN = 8
"""Clauses a run may have; a longer sentence is also a run as a whole."""


class Run(NamedTuple):
    """Clauses of a sentence that follow each other: their span, how many they are, and their words folded."""

    span: Span
    clauses: int
    folded: str


@lru_cache(2048)
def runs_of(text: str, sentence: Span) -> tuple[tuple[Span, ...], tuple[Run, ...]]:
    """The clauses of a sentence, and every run of them that is a candidate, by their first and then their last clause."""
    clauses = tuple(split_clauses(text, sentence))
    runs = []
    for first, clause in enumerate(clauses):
        for last in lasts_of(first, len(clauses)):
            span = Span(clause.start, clauses[last].end)
            runs.append(Run(span, last - first + 1, fold(span.of(text))))
    return clauses, tuple(runs)


def lasts_of(first: int, clauses: int) -> list[int]:
    """The last clauses of the runs that begin with clause number `first`."""
    lasts = list(range(first, min(first + LONGEST_RUN, clauses)))
    return [*lasts, clauses - 1] if first == 0 and clauses > LONGEST_RUN else lasts
