"""Candidates → the ones most likely to answer, by weights fitted on the dev questions (`python -m eval.fit`)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp

from index.normalise import fold
from server.answering.asks import Ask
from server.answering.candidates import FEATURES, Candidate, has_cue, titles_of
from server.answering.matching import match
from server.answering.questions import Query

HARD_ASKS = (Ask.MONEY, Ask.DATE, Ask.CONTACT, Ask.CONDITION, Ask.ROSTER, Ask.EXTREME, Ask.PERSON, Ask.BODY, Ask.PLACE)
"""Types that an answer without the words they ask for does not answer."""

_LISTED = frozenset({Ask.LIST, Ask.ROSTER})
_HOW_MANY = re.compile(
    r"(?P<before>[^，。？?、]{0,5})(?:是|为|有|达|占)?(?:多少|几|什么|啥|谁)(?P<behind>[^，。？?、]{0,5})"
)
_COUNTED = re.compile(r"(?:\d+|[两二三四五六七八九十])(?:余|多)?[家个项处条座所部种类样]")

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
    "last_missing",
    "words_missing",
    "close_but_missing",
    "soft_missing",
    "list_missing",
    "noun_missing",
    "last_noun_missing",
    "nearest_missing",
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


def _target_missing(query: Query, words: str) -> float:
    """How little `words` speak of what is counted or measured: the words right before and behind 多少 or 几."""
    near = [
        max((match(word.word, words) for word in query.asked if word.word in fold(side)), default=1.0)
        for found in _HOW_MANY.finditer(query.asking)
        for side in (found["before"], found["behind"])
        if any(word.word in fold(side) for word in query.asked)
    ]
    return 1 - min(near, default=1.0)


def _wants_list(query: Query) -> bool:
    """Whether several things are to be named: by the type of the question, or by a count before what is to be named."""
    return bool(_LISTED & set(query.asks)) or (Ask.NAME in query.asks and bool(_COUNTED.search(query.asking)))


def trust_features(query: Query, ranked: Sequence[Ranked]) -> dict[str, float]:
    """What the trust in the first candidate is judged by, in the order of TRUST_FEATURES."""
    best = ranked[0]
    candidate = best.candidate
    other = next((r for r in ranked if r.candidate.sentence != candidate.sentence), None)
    covered = candidate.spoken
    told = sum(candidate.feature(name) for name in ("told_here", "told_near"))
    sentence = candidate.sentence.of(candidate.source.corpus.report.text)
    hard = [ask for ask in query.asks if ask in HARD_ASKS]
    soft = [ask for ask in query.asks if ask not in HARD_ASKS]
    words = fold(titles_of(candidate.evidence.entry) + sentence)
    matches = [match(word.word, words) for word in query.asked]
    nouns = [m for m, word in zip(matches, query.asked, strict=True) if word.noun]
    exact = sum(m == 1 for m in matches) / len(matches) if matches else 0.0
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
        1 - matches[-1] if matches else 0.0,
        sum(m < 0.5 for m in matches) / 4,
        max((1 - m for m in matches), default=0.0) * exact,
        sum(not has_cue(ask, sentence) for ask in soft) / len(soft) if soft else 0.0,
        _wants_list(query) and candidate.form != "row" and not has_cue(Ask.ROSTER, candidate.source.text),
        max((1 - m for m in nouns), default=0.0) * exact,
        1 - nouns[-1] if nouns else 0.0,
        _target_missing(query, words),
    )
    return dict(zip(TRUST_FEATURES, map(float, values), strict=True))
