"""Candidates → the ones most likely to answer, by weights fitted on the dev questions (`python -m eval.fit`)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp

import numpy as np

from index.normalise import fold
from server.answering.asks import Ask
from server.answering.candidates import FEATURES, Candidate
from server.answering.cues import has_cue
from server.answering.matching import match
from server.answering.questions import Query

HARD_ASKS = (Ask.MONEY, Ask.DATE, Ask.CONTACT, Ask.CONDITION, Ask.ROSTER, Ask.EXTREME, Ask.PERSON, Ask.BODY, Ask.PLACE)
"""Types that an answer without the words they ask for does not answer."""

_LISTED = frozenset({Ask.LIST, Ask.ROSTER})
_INTERROGATIVE = re.compile(r"多少|几|什么|啥|谁|哪[里儿些家个项位]?|多大|多高|多长|如何|怎么")
_REACH = 3
"""Characters that may stand between what asks and the word it asks for, as in 占比大概是多少."""
COUNTED = re.compile(r"(?:\d+|[两二三四五六七八九十])(?:余|多)?[家个项处条座所部种类样]")
"""A count before what is to be named, as in 这6家企业叫什么."""

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
    "late_spoken",
    "late_least",
    "late_last",
    "late_noun",
    "late_rare",
    "target_late",
    "target_both",
    "hard_met",
    "both_missing",
    "both_missing_sum",
    "read",
    "read_lead",
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
    if not found:
        return []
    # Not a product of matrices: equal candidates must have equal scores, wherever they stand.
    table = np.concatenate([c.features for c in found]).reshape(len(found), -1)
    scores = (table * weights.row()).sum(axis=1).tolist()
    scored = map(Ranked, found, scores)
    return sorted(scored, key=lambda ranked: (-ranked.score, ranked.candidate.source.span))


def trust(query: Query, ranked: Sequence[Ranked], weights: Weights) -> float:
    """How likely the first candidate answers, 0…1."""
    if not ranked:
        return 0.0
    values = trust_features(query, ranked)
    return 1 / (1 + exp(-weights.trust_bias - sum(weights.trust.get(n, 0.0) * v for n, v in values.items())))


def _targets(query: Query) -> list[int]:
    """Which of the words asked say what is to be told of the topic: those next to what asks, else the last noun."""
    asking = fold(query.asking)
    spans = [(at, at + len(word.word)) if (at := asking.rfind(word.word)) >= 0 else None for word in query.asked]
    found: set[int] = set()
    for interrogative in _INTERROGATIVE.finditer(asking):
        before = [(span[1], i) for i, span in enumerate(spans) if span and span[1] <= interrogative.start()]
        behind = [(span[0], i) for i, span in enumerate(spans) if span and span[0] >= interrogative.end()]
        if before and interrogative.start() - max(before)[0] <= _REACH:
            found.add(max(before)[1])
        if behind and min(behind)[0] - interrogative.end() <= 1:
            found.add(min(behind)[1])
    if not found and not _INTERROGATIVE.search(asking):
        found.update([i for i, word in enumerate(query.asked) if word.noun][-1:])
    return sorted(found)


def _rarest(query: Query, candidate: Candidate) -> float:
    """How far the rarest words are from being met."""
    lacks = (word.weight * (1 - met) for met, word in zip(candidate.met, query.asked, strict=True))
    return max(lacks, default=0.0) / 5


def _wants_list(query: Query) -> bool:
    """Whether several things are to be named: by the type of the question, or by a count before what is to be named."""
    return bool(_LISTED & set(query.asks)) or (Ask.NAME in query.asks and bool(COUNTED.search(query.asking)))


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
    words = fold(candidate.words)
    matches = [match(word.word, words) for word in query.asked]
    nouns = [m for m, word in zip(matches, query.asked, strict=True) if word.noun]
    targets = _targets(query)
    exact = sum(m == 1 for m in matches) / len(matches) if matches else 0.0
    values = (
        best.score,
        best.score - other.score if other else 0.0,
        covered,
        told if query.told else covered,
        max((word.weight for word in query.asked), default=0.0) * (1 - covered) / 5,
        9 * (candidate.evidence.legs.get("dense", 0.6) - 0.75),
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
        max((1 - matches[i] for i in targets), default=0.0),
        candidate.meaning,
        min(candidate.met, default=1.0),
        candidate.met[-1] if candidate.met else 1.0,
        min((met for met, word in zip(candidate.met, query.asked, strict=True) if word.noun), default=1.0),
        _rarest(query, candidate),
        max((1 - candidate.met[i] for i in targets), default=0.0),
        max(((1 - matches[i]) * (1 - candidate.met[i]) for i in targets), default=0.0),
        bool(hard) and all(has_cue(ask, sentence) for ask in hard),
        max(((1 - m) * (1 - met) for m, met in zip(matches, candidate.met, strict=True)), default=0.0),
        sum((1 - m) * (1 - met) for m, met in zip(matches, candidate.met, strict=True)),
        candidate.feature("read"),
        candidate.feature("read") - other.candidate.feature("read") if other else 0.0,
    )
    return dict(zip(TRUST_FEATURES, map(float, values), strict=True))
