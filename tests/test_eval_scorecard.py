"""Scores → scorecard, comparison, failure budget: worked out by hand on a few made-up results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eval.breakdown import (
    FAILURES,
    budget,
    consistency,
    counts,
    failure,
    latency,
    refusal_matrix,
    risk,
    robust_accuracy,
    robustness,
)
from eval.gold_set import GoldItem
from eval.metrics import Score
from eval.run import Result
from eval.scorecard import METRICS, Row, compare, item_values, regressions, scorecard
from server.answering.model import Answer, Status
from tests.test_eval_metrics import gold


def result(
    name: str,
    expected: str = "answer",
    right: bool = True,
    variant: str = "",
    trust: float | None = None,
    **changed: Any,
) -> Result:
    """A result that is right (or a plain refusal) but for what is changed."""
    wanted = expected in ("answer", "partial")
    answered = changed.pop("answered", right if wanted else not right)
    base: dict[str, Any] = {
        "item": name, "answered": answered, "refusal_right": answered == wanted, "right": right,
        "key_fact_recall": float(right), "strict": right, "correct_cited": right, "num_exact": None,
        "cite_recall": float(right), "cite_precision": float(right) if answered else None,
        "cite_coverage": 1.0, "over_cite": 0.0, "self_contained": True, "quote_exact": True, "cite_resolves": True,
        "wrong_document": False, "num_faithful": None, "verbosity": 1.0,
        "evidence_recall": dict.fromkeys((1, 3, 5, 10), 1.0) if wanted else None,
        "evidence_recall_chars": 1.0, "reciprocal_rank": 1.0, "ndcg": 1.0, "ranks": (1,),
    }  # fmt: skip
    item: GoldItem = gold("", id=name, group=name, expected=expected, answerable=wanted)
    answer = Answer(
        id="", status=Status.ANSWERED if answered else Status.NOT_IN_REPORT, question="", resolved_question="",
        mode="extractive", answer="", sentences=(), citations=(), related=(), notice=None, snapshot="",
        timings_ms={"understand": 1.0, "retrieve_embed": 2.0, "retrieve": 3.0},
    )  # fmt: skip
    searched = bool(changed.pop("searched", True))
    return Result(item, variant, answer, Score(**{**base, **changed}), trust, searched)


def rows(results: list[Result]) -> dict[str, Row]:
    return {row.name: row for row in scorecard(results)}


def test_refusal_figures_follow_the_table() -> None:
    """8 answered of 10 answerable, 3 refused of 4 not answerable."""
    answerable = [result(f"a{i}", right=i < 8) for i in range(10)]
    others = [result(f"u{i}", "refuse", right=i < 3) for i in range(4)]
    table = rows([*answerable, *others])
    assert refusal_matrix([*answerable, *others]) == (3, 2, 1, 8)
    assert table["RefusalPrecision"].value == pytest.approx(3 / 5)
    assert table["RefusalRecall"].value == pytest.approx(3 / 4)
    assert table["RefusalF1"].value == pytest.approx(2 * 3 / (2 * 3 + 2 + 1))
    assert table["AnswerableF1"].value == pytest.approx(2 * 8 / (2 * 8 + 2 + 1))
    assert table["F1_RG"].value == pytest.approx((6 / 9 + 16 / 19) / 2)
    assert table["FalseRefusal"].value == pytest.approx(2 / 10)
    assert table["Truthfulness"].value == pytest.approx((8 + 0 + 3 - 1) / 14)
    assert (table["Strict"].right, table["Strict"].n) == (8, 10)
    assert (table["CiteF1"].n, table["CiteF1 (all answerable)"].value) == (8, pytest.approx(0.8))


def test_a_corrected_premise_is_a_right_non_answer() -> None:
    corrected = result("p", "correct_premise", answered=True, refusal_right=True)
    assert refusal_matrix([corrected]) == (1, 0, 0, 0)
    assert failure(corrected) == ""
    assert rows([corrected])["PremiseCorrected"].right == 1


def test_a_gate_is_open_while_the_interval_holds_it() -> None:
    assert rows([result(f"a{i}") for i in range(100)])["Strict"].state == "pass"
    assert rows([result(f"a{i}", right=i < 18) for i in range(20)])["Strict"].state == "open"
    assert rows([result(f"a{i}", right=i < 10) for i in range(40)])["Strict"].state == "fail"
    assert rows([result("a", quote_exact=False), result("b")])["QuoteExact"].state == "fail"
    assert rows([])["Strict"].value is None


def test_every_failure_has_one_label() -> None:
    unfound = {1: 0.0, 3: 0.0, 5: 0.0, 10: 0.0}
    failed = [
        result("1", right=False, answered=True, evidence_recall=unfound),
        result("2", right=False, answered=True),
        result("3", right=False, answered=True, cite_recall=1.0),
        result("4", right=False),
        result("5", "refuse", right=False),
        result("6", correct_cited=False),
    ]
    assert tuple(failure(one) for one in failed) == FAILURES
    assert budget([*failed, result("7"), result("8", "refuse")]) == dict.fromkeys(FAILURES, 1)
    assert failure(result("9", right=False, evidence_recall=unfound)) == "not retrieved"
    assert failure(result("9", right=False, evidence_recall=unfound, searched=False)) == "wrongly refused"


def test_counts_are_of_right_items() -> None:
    (row,) = counts([result("a"), result("b", right=False)], lambda r: r.item.type)
    assert (row.name, row.right, row.n) == ("number_text", 1, 2)


def test_a_significant_drop_may_not_be_kept() -> None:
    before = [result(f"a{i}") for i in range(30)]
    after = [result(f"a{i}", right=i >= 10) for i in range(30)]
    groups = {r.item.id: r.item.group for r in before}
    changes = {c.name: c for c in compare(item_values(before), item_values(after), groups)}
    assert changes["Strict"].p == pytest.approx(2 * 0.5**10)
    assert changes["Strict"].p_holm == pytest.approx(3 * 2 * 0.5**10)
    assert changes["Strict"].delta == pytest.approx(-1 / 3)
    assert changes["Strict"].low < -1 / 3 < changes["Strict"].high < 0
    assert changes["KFR"].p < 0.05
    assert "F1_RG" not in changes, "there was no refusal before, so no F1 to compare with"
    assert len(regressions(scorecard(after), list(changes.values()))) >= 3
    few = compare(item_values(before), item_values([result("a0", right=False), *before[1:]]), groups)
    assert not any("fell" in reason for reason in regressions(scorecard(before), few))
    gained = compare(item_values(after), item_values(before), groups)
    assert not any("fell" in reason for reason in regressions(scorecard(before), gained))


def test_what_must_be_one_may_not_be_less() -> None:
    results = [result("a", quote_exact=False), result("b", cite_resolves=False, num_faithful=0.5)]
    reasons = regressions(scorecard(results), [])
    assert [reason.split()[0] for reason in reasons] == ["NumFaithful", "QuoteExact", "CiteResolves"]


def test_values_survive_the_baseline_file() -> None:
    values = item_values([result("a"), result("b", "refuse")])
    changes = compare(json.loads(json.dumps(values)), values, {})
    assert {change.delta for change in changes} == {0.0}
    assert {"Strict", "F1_RG", "CiteF1"} <= {change.name for change in changes} <= {metric.name for metric in METRICS}


def test_noise_is_paired_with_the_clean_question() -> None:
    clean = [result(f"a{i}", right=i < 3) for i in range(4)]
    noisy = [result(f"a{i}", right=i < 1, variant="typo_drop") for i in range(3)]
    cells = {cell.metric: cell for cell in robustness(clean, noisy) if cell.family == "typo_drop"}
    assert (cells["right"].n, cells["right"].clean, cells["right"].noisy) == (3, 1.0, pytest.approx(1 / 3))
    assert cells["right"].drop == pytest.approx(2 / 3)
    assert cells["right"].p == pytest.approx(0.5)
    english = [result("a0", right=False, variant="english")]
    assert (robust_accuracy(clean, [*noisy, *english]).right, robust_accuracy(clean, noisy).n) == (1, 4)
    assert consistency(clean, noisy) == pytest.approx(1 / 3)


def test_trust_is_read_where_there_is_one() -> None:
    assert risk([result("a")]) is None
    known = [
        result("a", trust=0.9),
        result("b", trust=0.7, right=False, answered=True),
        result("c", "refuse", trust=0.2),
        result("d", trust=0.1, right=False),
    ]
    found = risk(known)
    assert found
    assert (found.n, found.coverage) == (4, 0.25)
    assert found.auroc == pytest.approx(2 / 3)
    assert [point.coverage for point in found.points] == [0.25, 0.5]


def test_the_whole_time_is_that_of_the_steps() -> None:
    times = latency([result("a")])
    assert times["total"][0] == 4.0
    assert times["retrieve_embed"] == (2.0, 2.0, 2.0, 2.0)
