"""How sure the figures are: intervals, paired tests, and how well trust tells right answers from wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, permutation_test, rankdata

RESAMPLES = 10_000
SEED = 20240101
_Z = 1.959963984540054
"""The standard normal's 97.5 % point."""

Array = NDArray[np.float64]
Statistic = Callable[[Array], Array]
"""Column sums of shape (resamples, columns) → one figure a resample."""


class Interval(NamedTuple):
    """A 95 % interval."""

    low: float
    high: float


class Point(NamedTuple):
    """One point of a risk-coverage curve: what is answered at this trust, and which share of it is wrong."""

    trust: float
    coverage: float
    risk: float


def wilson(right: int, n: int) -> Interval:
    """Wilson's score interval of a rate p = right / n.

    (p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n), z = 1.96; 0…1 where n is 0.
    """
    if n == 0:
        return Interval(0.0, 1.0)
    p, z2 = right / n, _Z * _Z
    centre = p + z2 / (2 * n)
    half = _Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Interval(max(0.0, (centre - half) / (1 + z2 / n)), min(1.0, (centre + half) / (1 + z2 / n)))


def mcnemar(before: Sequence[bool], after: Sequence[bool]) -> float:
    """Exact McNemar test of two rates on the same items: the two-sided p-value.

    Of the b + c items whose verdict changed, b got worse; p is that of b out of b + c under a fair coin.
    """
    worse = sum(bool(b) and not a for b, a in zip(before, after, strict=True))
    better = sum(bool(a) and not b for b, a in zip(before, after, strict=True))
    if worse + better == 0:
        return 1.0
    return float(binomtest(worse, worse + better, 0.5).pvalue)


def paired_permutation(before: Sequence[float], after: Sequence[float], resamples: int = RESAMPLES) -> float:
    """Paired permutation test of two means on the same items: the two-sided p-value.

    Each item's two figures change places with probability ½; p is the share of such tables whose mean difference
    lies as far from 0 as the one seen. All 2ⁿ tables are taken where they are no more than `resamples`.
    """
    pairs = [(float(b), float(a)) for b, a in zip(before, after, strict=True) if b != a]
    if len(pairs) < 2:
        return 1.0
    old, new = np.array(pairs).T
    n = len(old)
    result = permutation_test(
        (new, old),
        lambda x, y, axis: np.sum(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf if 2**n <= resamples else resamples,
        rng=np.random.default_rng(SEED),
    )
    return float(min(1.0, result.pvalue))


def bootstrap(
    rows: Sequence[Sequence[float]], groups: Sequence[Hashable], statistic: Statistic, resamples: int = RESAMPLES
) -> Interval:
    """Percentile interval of `statistic` over column sums, resampling whole groups of items.

    Items of one group (questions on the same lines of the report) are right or wrong together; drawing groups with
    replacement, as many as there are, keeps that. A draw is a vector of multinomial counts w over the groups, and its
    column sums are w · S with S the sums of each group. Draws for which the figure is not defined are left out.
    """
    if not rows:
        return Interval(0.0, 1.0)
    names = {group: i for i, group in enumerate(dict.fromkeys(groups))}
    sums = np.zeros((len(names), len(rows[0])))
    np.add.at(sums, [names[group] for group in groups], np.asarray(rows, dtype=np.float64))
    draws = np.random.default_rng(SEED).multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
    with np.errstate(divide="ignore", invalid="ignore"):
        figures = statistic(draws @ sums)
    low, high = np.nanpercentile(figures, [2.5, 97.5]) if np.isfinite(figures).any() else (0.0, 1.0)
    return Interval(float(low), float(high))


def bootstrap_mean(values: Sequence[float], groups: Sequence[Hashable]) -> Interval:
    """`bootstrap` of the mean Σx / Σ1."""
    return bootstrap([(value, 1.0) for value in values], groups, lambda sums: sums[:, 0] / sums[:, 1])


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Holm's correction: sorted upwards, the i-th of m p-values times m - i (from 0), never below the one before."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    for i, (name, p) in enumerate(sorted(p_values.items(), key=lambda pair: pair[1])):
        highest = max(highest, min(1.0, p * (len(p_values) - i)))
        adjusted[name] = highest
    return adjusted


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Area under the ROC curve: how often a positive scores above a negative, a tie counting half.

    (R - n₊(n₊ + 1)/2) / (n₊·n₋), R the rank sum of the positives; None where one of the two is missing.
    """
    ups = sum(map(bool, positive))
    downs = len(positive) - ups
    if not ups or not downs:
        return None
    ranks = rankdata(scores)[np.asarray(positive, dtype=bool)]
    return float((ranks.sum() - ups * (ups + 1) / 2) / (ups * downs))


def risk_coverage(trust: Sequence[float], wrong: Sequence[bool], n: int | None = None) -> list[Point]:
    """The curve of answering only from a trust upwards: one point a distinct trust, the highest first.

    Coverage = answered / n (all questions, also those never answered), risk = wrong / answered.
    """
    total = n or len(trust)
    points: list[Point] = []
    mistakes = 0
    ordered = sorted(zip(trust, wrong, strict=True), key=lambda pair: -pair[0])
    for i, (value, is_wrong) in enumerate(ordered, 1):
        mistakes += bool(is_wrong)
        if i == len(ordered) or ordered[i][0] != value:
            points.append(Point(value, i / total, mistakes / i))
    return points


def coverage_at(points: Sequence[Point], risk: float) -> float:
    """The largest coverage with no more than this risk; 0 where there is none."""
    return max((point.coverage for point in points if point.risk <= risk), default=0.0)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie, interpolated."""
    return float(np.percentile(values, 100 * share))
