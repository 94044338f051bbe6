"""Results taken apart: where failures come from, by kind of question, refusals, trust, noise families, time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.metrics import wants_answer
from eval.run import Result
from eval.scorecard import refusal_cell
from eval.stats import Interval, Point, auroc, coverage_at, mcnemar, percentile, risk_coverage, wilson
from server.answering.pipeline import STEPS

FAILURES = (
    "not retrieved",
    "retrieved, not selected",
    "selected, wrong",
    "wrongly refused",
    "wrongly answered",
    "wrong citation",
)
RISK = 0.02
OTHER_SCRIPT = ("english", "pinyin")
"""Families that are no longer Chinese writing, and so no part of RobustAcc."""
MOST_DROP = {"paraphrase": 0.03, "colloquial": 0.03, "keyword": 0.03, "english": 0.10, "pinyin": 0.15, "filler": 0.02}
MOST_DROP |= {"typo_sound": 0.05, "typo_shape": 0.05, "typo_swap": 0.05, "typo_drop": 0.05}
MOST_DROP |= {"traditional": 0.01, "taiwan": 0.01, "full_width": 0.0, "no_marks": 0.0, "han_digits": 0.0}
"""How far right answers may drop in a family; what is not named here may not drop."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many of some items are right."""

    name: str
    right: int
    n: int
    interval: Interval


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one noise family beside the same items as they were written."""

    family: str
    metric: str
    n: int
    clean: float
    noisy: float
    p: float

    @property
    def drop(self) -> float:
        """How much is lost; below 0 where the noise helped."""
        return self.clean - self.noisy


@dataclass(frozen=True, slots=True)
class Risk:
    """How well trust tells: answerable from not (AUROC), and what may be answered at 2 % risk."""

    n: int
    auroc: float | None
    coverage: float
    points: tuple[Point, ...]


def failure(result: Result) -> str:
    """Why an item failed, one of FAILURES; '' where it did not."""
    score = result.score
    if not wants_answer(result.item):
        return "" if score.refusal_right else "wrongly answered"
    if score.correct_cited:
        return ""
    if score.strict:
        return "wrong citation"
    found = bool(score.evidence_recall) and (score.evidence_recall or {})[10] == 1
    if not score.answered:
        return "wrongly refused" if found or not result.searched else "not retrieved"
    if score.cite_recall == 1:
        return "selected, wrong"
    return "retrieved, not selected" if found else "not retrieved"


def budget(results: Sequence[Result]) -> dict[str, int]:
    """How many failures there are of every kind; together they are all failures."""
    labels = [failure(result) for result in results]
    return {name: labels.count(name) for name in FAILURES}


def counts(results: Sequence[Result], key: Callable[[Result], str]) -> list[Count]:
    """Right items by some property, the largest group first."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for result in results:
        groups[key(result)].append(not failure(result))
    rows = [Count(name, sum(v), len(v), wilson(sum(v), len(v))) for name, v in groups.items()]
    return sorted(rows, key=lambda row: (-row.n, row.name))


def refusal_matrix(results: Sequence[Result]) -> tuple[int, int, int, int]:
    """Refused and due, refused though answerable, answered though not answerable, answered and answerable."""
    cells = [refusal_cell(result) for result in results]
    a, b, c, d = (int(sum(cell[i] for cell in cells)) for i in range(4))
    return a, b, c, d


def risk(results: Sequence[Result]) -> Risk | None:
    """Trust against verdicts; None where the pipeline gave no trust.

    Coverage is of all questions that trust was worked out for, so the curve ends at the answer rate.
    """
    known = [(r, r.trust) for r in results if r.trust is not None]
    if not known:
        return None
    given = [(trust, not r.score.right) for r, trust in known if r.score.answered]
    points = risk_coverage([t for t, _ in given], [w for _, w in given], len(known))
    area = auroc([trust for _, trust in known], [wants_answer(r.item) for r, _ in known])
    return Risk(len(known), area, coverage_at(points, RISK), tuple(points))


def robustness(clean: Sequence[Result], noisy: Sequence[Result]) -> list[Cell]:
    """Every family by every figure, paired with the same items as they were written."""
    base = {result.item.id: result for result in clean}
    families = list(dict.fromkeys(result.variant for result in noisy))
    cells = []
    for family in families:
        pairs = [(base[r.item.id], r) for r in noisy if r.variant == family and r.item.id in base]
        cells += [cell for name, value in _VERDICTS.items() if (cell := _cell(family, name, value, pairs))]
    return cells


def robust_accuracy(clean: Sequence[Result], noisy: Sequence[Result]) -> Count:
    """RobustAcc: items right as written and in every family of Chinese writing."""
    right = {result.item.id: result.score.right for result in clean}
    for result in noisy:
        if result.variant not in OTHER_SCRIPT and result.item.id in right:
            right[result.item.id] &= result.score.right
    return Count("RobustAcc", sum(right.values()), len(right), wilson(sum(right.values()), len(right)))


def consistency(clean: Sequence[Result], noisy: Sequence[Result]) -> float:
    """Share of noisy questions with the verdict and the first cited unit of the question as it was written."""
    base = {result.item.id: result for result in clean}
    same = [_same(base[r.item.id], r) for r in noisy if r.item.id in base]
    return sum(same) / len(same) if same else 1.0


def latency(results: Sequence[Result]) -> dict[str, tuple[float, float, float, float]]:
    """Milliseconds by stage and in all: p50, p95, p99, the longest."""
    stages: dict[str, list[float]] = {"total": []}
    names = [name for name, _ in STEPS]
    for result in results:
        timings = result.answer.timings_ms
        stages["total"].append(sum(timings.get(name, 0.0) for name in names))
        for name, ms in timings.items():
            stages.setdefault(name, []).append(ms)
    return {
        name: (percentile(ms, 0.5), percentile(ms, 0.95), percentile(ms, 0.99), max(ms))
        for name, ms in stages.items()
        if ms
    }


_VERDICTS: dict[str, Callable[[Result], bool | None]] = {
    "right": lambda r: r.score.right,
    "Strict": lambda r: r.score.strict if wants_answer(r.item) else None,
    "CorrectCited": lambda r: r.score.correct_cited if wants_answer(r.item) else None,
    "RefusalRight": lambda r: r.score.refusal_right,
    "evidence in top 5": lambda r: r.score.evidence_recall[5] == 1 if r.score.evidence_recall else None,
}


def _cell(
    family: str, name: str, value: Callable[[Result], bool | None], pairs: Sequence[tuple[Result, Result]]
) -> Cell | None:
    both = [(value(a), value(b)) for a, b in pairs]
    kept = [(bool(a), bool(b)) for a, b in both if a is not None and b is not None]
    if not kept:
        return None
    old, new = [a for a, _ in kept], [b for _, b in kept]
    return Cell(family, name, len(kept), sum(old) / len(old), sum(new) / len(new), mcnemar(old, new))


def _same(one: Result, other: Result) -> bool:
    units = [r.answer.citations[0].url if r.answer.citations else "" for r in (one, other)]
    return one.score.right == other.score.right and units[0] == units[1]
