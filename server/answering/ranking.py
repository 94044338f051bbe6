"""Candidates → the ones most likely to answer, by weights fitted on the dev questions (`python -m eval.fit`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp

from server.answering.asks import Ask
from server.answering.candidates import FEATURES, Candidate, has_cue
from server.answering.questions import Query

HARD_ASKS = (Ask.MONEY, Ask.DATE, Ask.CONTACT, Ask.CONDITION, Ask.ROSTER, Ask.EXTREME, Ask.PERSON, Ask.PLACE)
"""Types that an answer without the words they ask for does not answer."""

TRUST_FEATURES = (
    "score",
    "lead",
    "asked_covered",
    "told_covered",
    "rarest_missing",
    "dense",
    "lexical",
    "named",
    "no_figure",
    "figure_here",
    "hard_missing",
    "entry",
    "row",
    "year_given",
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score, higher is better."""

    candidate: Candidate
    score: float


@dataclass(frozen=True, slots=True)
class Weights:
    """The fitted numbers: a linear score of candidates, and a logistic trust in the first of them."""

    rank: Mapping[str, float]
    trust: Mapping[str, float]
    trust_bias: float
    threshold: float

    def row(self) -> tuple[float, ...]:
        """The ranking weights in the order of FEATURES."""
        return tuple(self.rank.get(name, 0.0) for name in FEATURES)


@cache
def fitted() -> Weights:
    """The weights that ship."""
    return Weights(**json.loads(files("server.answering").joinpath("weights.json").read_text(encoding="utf-8")))


def rank(found: Sequence[Candidate], weights: Weights) -> list[Ranked]:
    """All candidates, best first; equal ones in document order."""
    row = weights.row()
    scored = [Ranked(c, sum(w * f for w, f in zip(row, c.features, strict=True))) for c in found]
    return sorted(scored, key=lambda ranked: (-ranked.score, ranked.candidate.source.span))


def trust(query: Query, ranked: Sequence[Ranked], weights: Weights) -> float:
    """How likely the first candidate answers, 0…1."""
    if not ranked:
        return 0.0
    values = trust_features(query, ranked)
    return 1 / (1 + exp(-weights.trust_bias - sum(weights.trust.get(n, 0.0) * v for n, v in values.items())))


def trust_features(query: Query, ranked: Sequence[Ranked]) -> dict[str, float]:
    """What the trust in the first candidate is judged by, in the order of TRUST_FEATURES."""
    best = ranked[0]
    candidate = best.candidate
    other = next((r for r in ranked if r.candidate.sentence != candidate.sentence), None)
    covered = sum(candidate.feature(name) for name in ("asked_here", "asked_near", "asked_above"))
    told = sum(candidate.feature(name) for name in ("told_here", "told_near"))
    sentence = candidate.sentence.of(candidate.source.corpus.report.text)
    hard = [ask for ask in query.asks if ask in HARD_ASKS]
    values = (
        best.score,
        best.score - other.score if other else 0.0,
        covered,
        told if query.told else covered,
        max((word.weight for word in query.asked), default=0.0) * (1 - covered) / 5,
        20 * (candidate.evidence.legs.get("dense", 0.8) - 0.85),
        candidate.evidence.legs.get("lexical", 0.0) / 10,
        candidate.feature("named"),
        candidate.feature("no_figure"),
        candidate.feature("figure_here"),
        sum(not has_cue(ask, sentence) for ask in hard) / len(hard) if hard else 0.0,
        candidate.form == "entry",
        candidate.form == "row",
        bool(query.years),
    )
    return dict(zip(TRUST_FEATURES, map(float, values), strict=True))
