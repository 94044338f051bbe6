"""Question → evidence: the legs, fused."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from itertools import zip_longest
from time import perf_counter

from index.embedder import Embedder, Embedding, Vectors
from index.entries import Entry
from index.late import Asked, Match, TokenIndex
from index.legs import Legs
from index.lexical import LexicalIndex
from index.names import NameHit, NameIndex
from index.part import part_of
from index.stored import Entries
from index.synonyms import expand

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

    `asked` are the question's tokens, which the matches of the evidence compare, of the embedding `model`.
    """

    evidence: tuple[Evidence, ...]
    rejected: tuple[Evidence, ...]
    names: tuple[NameHit, ...]
    asked: Asked
    model: str
    timings_ms: dict[str, float]


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

    def find(self, question: str, years: Sequence[int] = (), k: int = 10, whole: str = "") -> Found:
        """The `k` best rows for `question`; rows that speak of one of `years` are preferred.

        :param whole: the question that this one is a part of, which was searched for before.
        """
        clock = _Clock()
        embedding = self._embed(question, whole)
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
        matches = dict(zip(rows, self._tokens.matches(asked, rows), strict=True))
        late = {row: match.score for row, match in matches.items()}
        clock.lap("late")
        ranked = self._fuse({"dense": dense, "lexical": lexical, "late": late, "name": named}, matches, years)
        clock.lap("fuse")
        return Found(tuple(ranked[:k]), tuple(ranked[k:]), tuple(names), asked, self._embedder.model, clock.laps)

    def tokens_of(self, text: str) -> Vectors:
        """The vectors of a text's tokens, shape (tokens, dimension)."""
        return self._embedder.embed_query(text).tokens

    def _embed(self, question: str, whole: str) -> Embedding:
        part = part_of(self._embedder.embed_query(whole), whole, question) if whole else None
        return part or self._embedder.embed_query(question)

    def _fuse(
        self, legs: dict[str, dict[int, float]], matches: dict[int, Match], years: Sequence[int]
    ) -> list[Evidence]:
        scaled = {
            "dense": _scale(legs["dense"]),
            "lexical": _share_of_best(legs["lexical"]),
            "late": _scale(legs["late"]),
            "name": legs["name"],
        }
        ranked = []
        weighted = [(WEIGHTS[leg], scores) for leg, scores in scaled.items()]
        for row, match in matches.items():
            score = sum([weight * scores.get(row, 0.0) for weight, scores in weighted])
            score += YEAR_WEIGHT * _year_fit(self.entries.table.year(row), years)
            said = {leg: scores[row] for leg, scores in legs.items() if row in scores}
            ranked.append(Evidence(row, score, said, match, self.entries))
        return sorted(ranked, key=lambda evidence: (-evidence.score, evidence.row))


def in_turn(found: Sequence[Found], k: int) -> Found:
    """What several searches found as one: the best of each, then the second of each, …; their scores do not compare."""
    first = found[0]
    if len(found) == 1:
        return first
    merged = [e for rank in zip_longest(*(one.evidence for one in found)) for e in rank if e is not None]
    rejected = tuple(e for one in found for e in one.rejected)
    laps = {name: sum(one.timings_ms[name] for one in found) for name in first.timings_ms}
    return Found(tuple(merged[:k]), (*merged[k:], *rejected), first.names, first.asked, first.model, laps)


def _named(hits: Sequence[NameHit], found: Set[int]) -> dict[int, float]:
    """The rows that the question names; where very many reports have the name, those found by another leg first."""
    if len(hits) > _CANDIDATES:
        hits = sorted(hits, key=lambda hit: hit.row not in found)[:_CANDIDATES]
    return {hit.row: hit.score for hit in hits}


def _year_fit(year: int | None, wanted: Sequence[int]) -> int:
    if year is None or not wanted:
        return 0
    return 1 if year in wanted else -1


def _scale(scores: dict[int, float]) -> dict[int, float]:
    """Scores stretched to 0…1: cosines of one model lie in a narrow band."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    return {row: (score - low) / (high - low) if high > low else 1.0 for row, score in scores.items()}


def _share_of_best(scores: dict[int, float]) -> dict[int, float]:
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
