"""Question → evidence: the legs, fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from time import perf_counter
from typing import overload

import numpy as np
from numpy.typing import NDArray

from index.embedder import Embedder, Vectors
from index.entries import Entry
from index.late import Asked, Match, Matches, TokenIndex
from index.legs import Legs
from index.lexical import LexicalIndex
from index.names import NameHit, NameIndex
from index.part import part_of
from index.stored import Entries
from index.synonyms import expand
from index.years import year_fit

WEIGHTS = {"dense": 0.1, "lexical": 0.3, "late": 0.6, "name": 0.5}
"""What each leg's score, brought to 0…1 over this question's candidates, counts in the sum."""
YEAR_WEIGHT = 0.15
"""Added where the evidence speaks of a year asked for, taken off where it speaks of another."""
_CANDIDATES = 60


@dataclass(frozen=True, slots=True)
class Evidence:
    """One retrieved row with its fused score, higher is better, what each leg said, and its tokens' similarities."""

    row: int
    score: float
    legs: dict[str, float]
    match: Match
    entries: Sequence[Entry] = field(repr=False, compare=False)

    @property
    def entry(self) -> Entry:
        """What was retrieved."""
        return self.entries[self.row]


@dataclass(frozen=True, slots=True)
class Found:
    """The evidence for one question, best first; what was looked at and left out; milliseconds by step.

    `asked` are the question's tokens, which the matches of the evidence compare, of the embedding `model`; `matches` are
    those of all rows looked at.
    """

    question: str
    evidence: tuple[Evidence, ...]
    rejected: Sequence[Evidence]
    names: tuple[NameHit, ...]
    asked: Asked
    model: str
    matches: Matches = field(repr=False)
    timings_ms: dict[str, float]


class _Ranked(Sequence[Evidence]):
    """Rows by their fused scores, the best first, each of which becomes evidence when it is looked at."""

    def __init__(
        self,
        places: Sequence[int],
        rows: Sequence[int],
        scores: Sequence[float],
        legs: Mapping[str, Mapping[int, float]],
        matches: Matches,
        entries: Sequence[Entry],
    ) -> None:
        """`places` are where the rows stand in `rows`, in `scores` and in `matches`, that of the best first."""
        self._places, self._rows, self._scores = places, rows, scores
        self._legs, self._matches, self._entries = legs, matches, entries

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, rank: int) -> Evidence: ...
    @overload
    def __getitem__(self, rank: slice) -> Sequence[Evidence]: ...
    def __getitem__(self, rank: int | slice) -> Evidence | Sequence[Evidence]:
        if isinstance(rank, slice):
            rest = self._rows, self._scores, self._legs, self._matches, self._entries
            return _Ranked(self._places[rank], *rest)
        place = self._places[rank]
        row = self._rows[place]
        said = {leg: scores[row] for leg, scores in self._legs.items() if row in scores}
        return Evidence(row, self._scores[place], said, self._matches[place], self._entries)


class Search:
    """The legs over the rows of one report, or of all."""

    def __init__(
        self,
        entries: Entries,
        legs: Legs,
        tokens: TokenIndex,
        lexical: LexicalIndex,
        embedder: Embedder,
    ) -> None:
        self.entries = entries
        self.names = NameIndex(entries)
        self.lexical = lexical
        self.legs = legs
        self._tokens = tokens
        self._embedder = embedder

    def find(self, question: str, years: Sequence[int] = (), k: int = 10, whole: Found | None = None) -> Found:
        """The `k` best rows for `question`; rows that speak of one of `years` are preferred.

        :param whole: what was found for the question that this one is a part of.
        """
        clock = _Clock()
        part = part_of(self._embedder.embed_query(whole.question), whole.question, question) if whole else None
        embedding = part.embedding if part else self._embedder.embed_query(question)
        clock.lap("embed")
        dense = dict(self.legs.dense(embedding.vector, _CANDIDATES))
        clock.lap("dense")
        lexical = dict(self.legs.lexical(expand(question), _CANDIDATES))
        clock.lap("lexical")
        names = self.names.find(question)
        named = _named(names, {*dense, *lexical})
        clock.lap("names")
        asked = self._tokens.ask(embedding)
        rows = sorted({*dense, *lexical, *named})
        known = whole.matches.of_tokens(part.of_whole) if whole and part else {}
        matches = self._tokens.matches(asked, rows, known)
        late = dict(zip(rows, matches.scores, strict=True))
        clock.lap("late")
        legs = {"dense": dense, "lexical": lexical, "late": late, "name": named}
        scores = self._fused(legs, rows, years)
        places = np.lexsort((np.array(rows), -scores)).tolist()
        ranked = _Ranked(places, rows, scores.tolist(), legs, matches, self.entries)
        clock.lap("fuse")
        best, others = tuple(ranked[:k]), ranked[k:]
        return Found(question, best, others, tuple(names), asked, self._embedder.model, matches, clock.laps)

    def tokens_of(self, text: str) -> Vectors:
        """The vectors of a text's tokens, shape (tokens, dimension)."""
        return self._embedder.embed_query(text).tokens

    def _fused(
        self, legs: Mapping[str, Mapping[int, float]], rows: Sequence[int], years: Sequence[int]
    ) -> NDArray[np.float64]:
        """The score of each row."""
        scaled = {
            "dense": _scale(legs["dense"]),
            "lexical": _share_of_best(legs["lexical"]),
            "late": _scale(legs["late"]),
            "name": legs["name"],
        }
        scores = np.zeros(len(rows))
        for leg, said in scaled.items():
            scores += WEIGHTS[leg] * np.array([said.get(row, 0.0) for row in rows])
        if years:
            scores += YEAR_WEIGHT * np.array([year_fit(self.entries.table.year(row), years) for row in rows])
        return scores


def in_turn(found: Sequence[Found], k: int) -> Found:
    """What several searches found as one: the best of each, then the second of each, …; their scores do not compare."""
    first = found[0]
    if len(found) == 1:
        return first
    merged = [e for rank in zip_longest(*(one.evidence for one in found)) for e in rank if e is not None]
    rejected = tuple(e for one in found for e in one.rejected)
    laps = {name: sum(one.timings_ms[name] for one in found) for name in first.timings_ms}
    return replace(first, evidence=tuple(merged[:k]), rejected=(*merged[k:], *rejected), timings_ms=laps)


def _named(hits: Sequence[NameHit], found: Set[int]) -> dict[int, float]:
    """The rows that the question names; where very many reports have the name, those found by another leg first."""
    if len(hits) > _CANDIDATES:
        hits = sorted(hits, key=lambda hit: hit.row not in found)[:_CANDIDATES]
    return {hit.row: hit.score for hit in hits}


def _scale(scores: Mapping[int, float]) -> dict[int, float]:
    """Scores stretched to 0…1: cosines of one model lie in a narrow band."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    return {row: (score - low) / (high - low) if high > low else 1.0 for row, score in scores.items()}


def _share_of_best(scores: Mapping[int, float]) -> dict[int, float]:
    best = max(scores.values(), default=1.0)
    return {row: score / best for row, score in scores.items()}


class _Clock:
    """Milliseconds between laps."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, name: str) -> None:
        now = perf_counter()
        self.laps[name] = (now - self._last) * 1000
        self._last = now
