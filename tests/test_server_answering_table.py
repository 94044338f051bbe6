from __future__ import annotations

import re

import pytest

from ingest.model import Corpus, Indicator
from server.answering.other_names import is_other_name
from server.answering.table import answer_list, answer_row, row_name, with_unit
from server.answering.verify import holds


def _row(corpus: Corpus, name: str) -> Indicator:
    return next(row for row in corpus.indicators if name in row.name)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("85", "家", "85家"),
        ("5左右", "%", "5%左右"),
        ("<3.5", "%", "<3.5%"),
        ("稳定在98.5以上", "%", "稳定在98.5%以上"),
        ("3,120", "人", "3,120人"),
        ("达到市级要求", "微克/立方米", "达到市级要求"),
        ("1", "", "1"),
        ("-", "万元/人", "-"),
    ],
)
def test_a_unit_stands_behind_its_number(value: str, unit: str, words: str) -> None:
    assert with_unit(value, unit) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("登记失业率", ("<3.5%", "预期性")),
        ("高质量上市挂牌企业数量", ("85家",)),
        ("细颗粒物", ("达到", "市级要求", "约束性")),
        ("全员劳动生产率", ("没有列出数值",)),
        ("药品抽检合格率", ("食品药品", "99%以上", "约束性")),
    ],
)
def test_a_row_is_said_with_its_value_its_unit_and_its_attribute(
    corpus: Corpus, name: str, words: tuple[str, ...]
) -> None:
    sentence = answer_row(f"{name}是多少", corpus, _row(corpus, name), ())
    assert all(word in sentence.text for word in words)
    assert row_name(_row(corpus, name)) in sentence.text
    assert sentence.origin == "composed"
    assert holds(sentence)


def test_the_dimension_is_said_only_where_it_is_asked(corpus: Corpus) -> None:
    row = _row(corpus, "登记失业率")
    assert row.dimension in answer_row("登记失业率在哪个维度", corpus, row, ()).text
    assert row.dimension not in answer_row("登记失业率是多少", corpus, row, ()).text


@pytest.mark.parametrize(
    ("question", "years", "there", "absent"),
    [
        ("粮食产量2024年完成多少", (2024,), "21.8万吨", "21.5万吨"),
        ("粮食产量2024年计划多少", (2024,), "21.5万吨", "21.8万吨"),
        ("粮食产量2024年是多少", (2024,), "21.8万吨", "计划"),
        ("粮食产量2025年目标", (2025,), "稳定在21.5万吨以上", "21.8"),
        ("粮食产量2019年", (2019,), "21.8万吨", "2019"),
    ],
)
def test_of_several_columns_those_of_the_year_and_role_are_said(
    other_corpus: Corpus, question: str, years: tuple[int, ...], there: str, absent: str
) -> None:
    sentence = answer_row(question, other_corpus, _row(other_corpus, "粮食产量"), years)
    assert there in sentence.text
    assert absent not in sentence.text
    assert holds(sentence)


def test_an_empty_cell_is_said_to_be_empty_and_a_dash_to_be_a_dash(other_corpus: Corpus) -> None:
    forest = answer_row("2024年计划是多少", other_corpus, _row(other_corpus, "森林覆盖率"), (2024,))
    assert "没有列出数值" in forest.text


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("计划表里约束性指标有哪些？", 7),
        ("预期性指标一共有多少项？", 13),
        ("附件里“绿色发展”维度有哪几项指标", 3),
        ("计划表一共有多少项指标？", 20),
        ("哪些指标的计划是100%？", 2),
        ("哪些指标的计划是与经济增长同步？", 1),
        ("约束性指标 项数 计划表", 7),
        ("计划表 计划值 100% 指标", 2),
        ("计划表中目标值为100%的指标名称", 2),
        ("共享发展维度的约束性指标有哪些", 0),
    ],
)
def test_rows_are_counted_and_listed_by_what_the_question_names(corpus: Corpus, question: str, count: int) -> None:
    draft = answer_list(question, corpus)
    if not count:
        assert draft is None
        return
    assert draft is not None
    (sentence,) = draft.sentences
    assert sentence.text.startswith(f"共{count}项：")
    assert len(set(re.findall(r"(\d+) ", sentence.text))) == count
    assert len(sentence.sources) >= count
    assert holds(sentence)


@pytest.mark.parametrize(
    "question",
    ["登记失业率是多少", "2023年有多少项指标完成了计划", "有哪些养老服务", "指标是什么", "PM2.5指标为什么没有完成"],
)
def test_a_question_that_names_no_rows_of_the_table_gets_no_list(corpus: Corpus, question: str) -> None:
    assert answer_list(question, corpus) is None


def test_a_report_without_a_table_has_no_rows_to_list(tiny_corpus: Corpus) -> None:
    assert answer_list("计划表里约束性指标有哪些？", tiny_corpus) is None


@pytest.mark.parametrize(
    ("question", "name", "other"),
    [
        ("城镇登记失业率是多少", "城镇调查失业率", True),
        ("城镇调查失业率是多少", "城镇调查失业率", False),
        ("地区生产总值今年增速多少", "地区生产总值增速", False),
        ("登记失业率", "城镇调查失业率", True),
        ("农村居民收入增速", "城镇居民人均可支配收入", True),
        ("失业率是多少", "城镇调查失业率", False),
        ("登记失业率和调查失业率", "城镇调查失业率", False),
    ],
)
def test_a_name_with_another_middle_or_a_sister_is_another_name(question: str, name: str, other: bool) -> None:
    assert is_other_name(question, name) is other
