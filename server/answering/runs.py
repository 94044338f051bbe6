"""A sentence → the runs of its clauses, each of which may be the answer."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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


def runs_of(text: str, sentence: Span) -> tuple[tuple[Span, ...], tuple[Run, ...]]:
    """The clauses of a sentence, and every run of them that is a candidate, by their first and then their last clause."""
    clauses = tuple(split_clauses(text, sentence))
    runs = []
    for first, clause in enumerate(clauses):
        for last in lasts_of(first, len(clauses)):
            span = Span(clause.start, clauses[last].end)
            runs.append(Run(span, last - first + 1, fold(span.of(text))))
    return clauses, tuple(runs)


@lru_cache(256)
def places_of(clauses: int) -> NDArray[np.intp]:
    """Two lines: the first clause of each run of a sentence with so many, and the one behind its last."""
    places = [(first, last + 1) for first in range(clauses) for last in lasts_of(first, clauses)]
    return np.array(places, dtype=np.intp).reshape(-1, 2).T


def lasts_of(first: int, clauses: int) -> list[int]:
    """The last clauses of the runs that begin with clause number `first`."""
    lasts = list(range(first, min(first + LONGEST_RUN, clauses)))
    return [*lasts, clauses - 1] if first == 0 and clauses > LONGEST_RUN else lasts
