"""Results → the scorecard: every figure with its interval, goal and gate, and what changed against another run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Literal, TypeVar

import numpy as np

from eval.metrics import wants_answer
from eval.run import Result
from eval.stats import Array, Interval, Statistic, bootstrap, holm, mcnemar, paired_permutation, wilson

Value = bool | float | tuple[float, ...]
"""What one item adds: a verdict, a figure, or counts; None elsewhere means that the figure does not apply to it."""
Kind = Literal["rate", "mean", "counts", "median"]
State = Literal["pass", "open", "fail"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure. `gate` is for the interval's worse end, but for `exact` figures, whose value itself must reach it."""

    name: str
    section: str
    kind: Kind
    value: Callable[[Result], Value | None]
    goal: float | None = None
    gate: float | None = None
    lower_is_better: bool = False
    exact: bool = False
    statistic: Statistic = lambda sums: sums[:, 0] / sums[:, 1]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the scorecard; `value` is None where no item has the figure."""

    name: str
    section: str
    n: int
    right: int | None
    value: float | None
    low: float | None
    high: float | None
    goal: float | None
    gate: float | None
    lower_is_better: bool
    state: State | None


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of two runs on the same items: the difference with its interval, and a paired test."""

    name: str
    n: int
    before: float
    after: float
    delta: float
    low: float
    high: float
    p: float
    p_holm: float | None


ItemValues = Mapping[str, Mapping[str, Value]]
"""Item id → metric name → value."""


def refusal_cell(result: Result) -> tuple[float, ...]:
    """One item of the refusal table: refused and to be refused, refused only, to be refused only, neither.

    A corrected false premise is a right non-answer.
    """
    due = not wants_answer(result.item)
    refused = not result.score.answered or (due and result.score.refusal_right)
    return (
        float(refused and due),
        float(refused and not due),
        float(due and not refused),
        float(not refused and not due),
    )


def truthfulness(result: Result) -> float:
    """+1 where right, -1 where wrong, 0 where an answerable question was refused (CRAG)."""
    if result.score.right:
        return 1.0
    return 0.0 if wants_answer(result.item) and not result.score.answered else -1.0


def _wanted(value: Callable[[Result], T | None]) -> Callable[[Result], T | None]:
    """Over answerable items only."""
    return lambda result: value(result) if wants_answer(result.item) else None


def _precision(sums: Array) -> Array:
    return np.asarray(sums[:, 0] / (sums[:, 0] + sums[:, 1]))


def _f1(sums: Array) -> Array:
    return np.asarray(2 * sums[:, 0] / (2 * sums[:, 0] + sums[:, 1] + sums[:, 2]))


def _answerable_f1(sums: Array) -> Array:
    return np.asarray(2 * sums[:, 3] / (2 * sums[:, 3] + sums[:, 1] + sums[:, 2]))


def _f1_rg(sums: Array) -> Array:
    return np.asarray((_f1(sums) + _answerable_f1(sums)) / 2)


def _refused(result: Result) -> bool:
    return refusal_cell(result)[0] + refusal_cell(result)[1] > 0


def _recall_at(k: int) -> Callable[[Result], float | None]:
    return _wanted(lambda r: r.score.evidence_recall[k] if r.score.evidence_recall else None)


def _correct_premise(result: Result) -> bool | None:
    return result.score.strict if result.item.expected == "correct_premise" else None


METRICS: tuple[Metric, ...] = (
    Metric("CorrectCited", "answer", "rate", _wanted(lambda r: r.score.correct_cited), 0.93, 0.88),
    Metric("Strict", "answer", "rate", _wanted(lambda r: r.score.strict), 0.95, 0.90),
    Metric("KFR", "answer", "mean", _wanted(lambda r: r.score.key_fact_recall)),
    Metric("NumExact", "answer", "rate", _wanted(lambda r: r.score.num_exact), 0.97, 0.90),
    Metric("PremiseCorrected", "answer", "rate", _correct_premise),
    Metric("Truthfulness", "answer", "mean", truthfulness, 0.90, 0.84),
    Metric("SelfContained", "answer", "rate", lambda r: r.score.self_contained),
    Metric("Verbosity", "answer", "median", _wanted(lambda r: r.score.verbosity), None, 2.5, lower_is_better=True),
    Metric("NumFaithful", "citation", "mean", lambda r: r.score.num_faithful, 1.0, 1.0, exact=True),
    Metric("QuoteExact", "citation", "rate", lambda r: r.score.quote_exact, 1.0, 1.0, exact=True),
    Metric("CiteResolves", "citation", "rate", lambda r: r.score.cite_resolves, 1.0, 1.0, exact=True),
    Metric("CiteCoverage", "citation", "mean", lambda r: r.score.cite_coverage, 1.0, 1.0, exact=True),
    Metric("CiteRecall", "citation", "mean", _wanted(lambda r: r.score.cite_recall if r.score.answered else None)),
    Metric("CitePrecision", "citation", "mean", _wanted(lambda r: r.score.cite_precision)),
    Metric("CiteF1", "citation", "mean", _wanted(lambda r: r.score.cite_f1), 0.95, 0.92),
    Metric("CiteF1 (all answerable)", "citation", "mean", _wanted(lambda r: r.score.cite_f1 or 0.0)),
    Metric("OverCite", "citation", "mean", _wanted(lambda r: r.score.over_cite), lower_is_better=True),
    Metric("EvRecall@1", "retrieval", "mean", _recall_at(1)),
    Metric("EvRecall@3", "retrieval", "mean", _recall_at(3)),
    Metric("EvRecall@5", "retrieval", "mean", _recall_at(5), 0.98),
    Metric("EvRecall@10", "retrieval", "mean", _recall_at(10)),
    Metric("EvRecall@1000chars", "retrieval", "mean", _wanted(lambda r: r.score.evidence_recall_chars)),
    Metric("MRR@10", "retrieval", "mean", _wanted(lambda r: r.score.reciprocal_rank), 0.93),
    Metric("nDCG@10", "retrieval", "mean", _wanted(lambda r: r.score.ndcg), 0.94),
    Metric("RefusalRight", "refusal", "rate", lambda r: r.score.refusal_right),
    Metric("RefusalPrecision", "refusal", "rate", lambda r: not wants_answer(r.item) if _refused(r) else None),
    Metric("RefusalRecall", "refusal", "rate", lambda r: None if wants_answer(r.item) else _refused(r), 0.967, 0.88),
    Metric("RefusalF1", "refusal", "counts", refusal_cell, statistic=_f1),
    Metric("AnswerableF1", "refusal", "counts", refusal_cell, statistic=_answerable_f1),
    Metric("F1_RG", "refusal", "counts", refusal_cell, 0.95, 0.90, statistic=_f1_rg),
    Metric("FalseRefusal", "refusal", "rate", _wanted(_refused), 0.028, 0.065, lower_is_better=True),
)
HELD = ("Strict", "CorrectCited", "RefusalRight")
"""What a change may not lower significantly."""
EXACT = ("NumFaithful", "QuoteExact", "CiteResolves")
"""What must be 1 in every run."""


def scorecard(results: Sequence[Result], names: Sequence[str] = ()) -> list[Row]:
    """The figures of one run, over the questions as they were written; those of `names` only where there are any."""
    return [_row(metric, results) for metric in METRICS if not names or metric.name in names]


def item_values(results: Sequence[Result]) -> dict[str, dict[str, Value]]:
    """What every item adds to every figure, rounded as it is stored: all that a later comparison needs."""
    pairs = {r.item.id: [(metric.name, metric.value(r)) for metric in METRICS] for r in results}
    return {
        item: {name: _rounded(value) for name, value in values if value is not None} for item, values in pairs.items()
    }


def _rounded(value: Value) -> Value:
    return value if isinstance(value, tuple) else round(float(value), 6)


def compare(before: ItemValues, after: ItemValues, groups: Mapping[str, str]) -> list[Change]:
    """Every figure of two runs, over the items that have it in both; `groups` of items are resampled together."""
    changes = [change for metric in METRICS if (change := _change(metric, before, after, groups))]
    corrected = holm({change.name: change.p for change in changes if change.name in HELD})
    return [_corrected(change, corrected.get(change.name)) for change in changes]


def regressions(rows: Sequence[Row], changes: Sequence[Change]) -> list[str]:
    """Why this run may not be kept: a significant drop of a held figure, or an exact figure below 1."""
    exact = [(row.name, row.value) for row in rows if row.name in EXACT and row.value is not None]
    reasons = [f"{name} is {value:.4f}, not 1" for name, value in exact if value < 1]
    for change in changes:
        if change.p_holm is not None and change.p_holm < 0.05 and change.delta < 0:
            reasons.append(
                f"{change.name} fell from {change.before:.3f} to {change.after:.3f} (p = {change.p_holm:.3g})"
            )
    return reasons


def gate_state(metric: Metric, value: float, interval: Interval) -> State | None:
    """Pass where the interval's worse end reaches the gate, fail where even its better end does not, open between."""
    if metric.gate is None:
        return None
    if metric.exact:
        return "pass" if value >= metric.gate else "fail"
    sign = -1 if metric.lower_is_better else 1
    worse, better = sorted((sign * interval.low, sign * interval.high))
    return "pass" if worse >= sign * metric.gate else "fail" if better < sign * metric.gate else "open"


def _row(metric: Metric, results: Sequence[Result]) -> Row:
    pairs = [(value, r.item.group) for r in results if (value := metric.value(r)) is not None]
    values, groups = [value for value, _ in pairs], [group for _, group in pairs]
    right = sum(map(bool, values)) if metric.kind == "rate" else None
    figure = _figure(metric, values) if values else float("nan")
    if isnan(figure):
        empty = (None, None, None, metric.goal, metric.gate, metric.lower_is_better, None)
        return Row(metric.name, metric.section, len(values), right, *empty)
    interval = _interval(metric, values, groups)
    state = gate_state(metric, figure, interval)
    facts = (figure, interval.low, interval.high, metric.goal, metric.gate, metric.lower_is_better, state)
    return Row(metric.name, metric.section, len(values), right, *facts)


def _columns(values: Sequence[Value]) -> list[tuple[float, ...]]:
    return [tuple(value) if isinstance(value, tuple | list) else (float(value), 1.0) for value in values]


def _figure(metric: Metric, values: Sequence[Value]) -> float:
    if metric.kind == "median":
        return float(np.median(np.asarray(values, dtype=np.float64)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(metric.statistic(np.sum(_columns(values), axis=0).reshape(1, -1))[0])


def _interval(metric: Metric, values: Sequence[Value], groups: Sequence[str]) -> Interval:
    if metric.kind == "rate":
        return wilson(sum(map(bool, values)), len(values))
    if metric.kind == "median":
        rng = np.random.default_rng(0)
        numbers = np.asarray(values, dtype=np.float64)
        medians = np.median(rng.choice(numbers, size=(2000, len(numbers))), axis=1)
        return Interval(*map(float, np.percentile(medians, [2.5, 97.5])))
    return bootstrap(_columns(values), groups, metric.statistic)


def _change(metric: Metric, before: ItemValues, after: ItemValues, groups: Mapping[str, str]) -> Change | None:
    both = [i for i in after if metric.name in after[i] and metric.name in before.get(i, {})]
    if not both:
        return None
    old, new = ([run[i][metric.name] for i in both] for run in (before, after))
    was, now = _figure(metric, old), _figure(metric, new)
    if metric.kind == "median" or isnan(was) or isnan(now):
        return None
    width = len(_columns(new)[0])
    rows = [(*a, *b) for a, b in zip(_columns(old), _columns(new), strict=True)]
    interval = bootstrap(
        rows,
        [groups.get(i, i) for i in both],
        lambda s: metric.statistic(s[:, width:]) - metric.statistic(s[:, :width]),
    )
    return Change(metric.name, len(both), was, now, now - was, *interval, _p_value(metric, old, new), None)


def _p_value(metric: Metric, old: Sequence[Value], new: Sequence[Value]) -> float:
    """McNemar for verdicts (for refusal counts: whether the decision was right), a permutation test for means."""
    if metric.kind == "mean":
        return paired_permutation([row[0] for row in _columns(old)], [row[0] for row in _columns(new)])
    verdicts = [[row[0] + (row[3] if metric.kind == "counts" else 0) > 0 for row in _columns(v)] for v in (old, new)]
    return mcnemar(*verdicts)


def _corrected(change: Change, p_holm: float | None) -> Change:
    c = change
    return Change(c.name, c.n, c.before, c.after, c.delta, c.low, c.high, c.p, p_holm)
