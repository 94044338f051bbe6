"""Intervals and tests, against figures worked out by hand or printed in textbooks."""

from __future__ import annotations

import pytest

from eval.stats import (
    auroc,
    bootstrap,
    bootstrap_mean,
    coverage_at,
    holm,
    mcnemar,
    paired_permutation,
    percentile,
    risk_coverage,
    wilson,
)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(19, 20, 0.764, 0.991), (45, 50, 0.786, 0.957), (100, 100, 0.963, 1.0), (0, 10, 0.0, 0.278), (0, 0, 0.0, 1.0)],
)
def test_wilson_gives_the_published_intervals(right: int, n: int, low: float, high: float) -> None:
    assert wilson(right, n) == pytest.approx((low, high), abs=5e-4)


def test_mcnemar_is_a_fair_coin_over_the_items_that_changed() -> None:
    before, after = [True] * 6 + [False] * 10, [False] * 5 + [True] + [False] * 10
    assert mcnemar(before, after) == pytest.approx(2 * 0.5**5)
    assert mcnemar(before, before) == 1.0
    # 1 worse, 5 better: 2 * (1 + 6) / 64
    assert mcnemar([True] + [False] * 5, [False] + [True] * 5) == pytest.approx(14 / 64)


def test_the_permutation_test_takes_every_table_where_there_are_few() -> None:
    assert paired_permutation([1, 1, 1, 1], [0, 0, 0, 0]) == pytest.approx(2 / 16)
    assert paired_permutation([0.5, 0.25], [0.5, 0.25]) == 1.0
    assert paired_permutation([0.5, 0.25], [0.5, 0.75]) == 1.0
    # differences 3, 2, -1: |sum| 4 or more in ++-, +++ and their mirrors: 4 of 8
    assert paired_permutation([0, 0, 1], [3, 2, 0]) == pytest.approx(4 / 8)


def test_the_permutation_test_draws_the_same_tables_every_time() -> None:
    before, after = [0.0] * 30, [1.0] * 20 + [-1.0] * 10
    assert paired_permutation(before, after) == paired_permutation(before, after)
    assert 0.05 < paired_permutation(before, after) < 0.15


def test_the_bootstrap_keeps_groups_together() -> None:
    values = [1.0] * 50 + [0.0] * 50
    alone = bootstrap_mean(values, range(100))
    assert alone == pytest.approx((0.4, 0.6), abs=0.011)
    together = bootstrap_mean(values, [i // 10 for i in range(100)])
    assert together.high - together.low > 2.5 * (alone.high - alone.low)
    assert bootstrap_mean(values, [0] * 100) == (0.5, 0.5)
    assert bootstrap_mean(values, range(100)) == alone


def test_the_bootstrap_takes_any_figure_of_column_sums() -> None:
    f1 = bootstrap([(1, 0, 0)] * 9 + [(0, 1, 0)], range(10), lambda s: 2 * s[:, 0] / (2 * s[:, 0] + s[:, 1] + s[:, 2]))
    assert 0.7 < f1.low < 18 / 19 < f1.high == 1.0
    assert bootstrap([], [], lambda s: s[:, 0]) == (0.0, 1.0)


def test_holm_multiplies_the_smallest_by_the_number_of_tests() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})


def test_auroc_counts_the_pairs_in_the_right_order() -> None:
    assert auroc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == pytest.approx(3 / 4)
    assert auroc([0.5, 0.5], [True, False]) == pytest.approx(0.5)
    assert auroc([0.5, 0.7], [True, True]) is None


def test_risk_grows_as_less_trusted_answers_are_given() -> None:
    points = risk_coverage([0.9, 0.8, 0.8, 0.1], [False, True, False, True], n=5)
    assert [(p.trust, p.coverage) for p in points] == [(0.9, 0.2), (0.8, 0.6), (0.1, 0.8)]
    assert [p.risk for p in points] == pytest.approx([0, 1 / 3, 1 / 2])
    assert coverage_at(points, 0.02) == 0.2
    assert coverage_at(points, 0.4) == 0.6
    assert coverage_at([], 0.02) == 0.0


def test_percentiles_are_interpolated() -> None:
    assert percentile([1, 2, 3, 4], 0.5) == 2.5
