from __future__ import annotations

import pytest

from ingest.corpus import ingest_file
from ingest.model import Corpus, Indicator
from server.answering.cells import plan_and_result, reached
from server.answering.draft import Draft
from server.answering.model import Status
from server.answering.table import answer_row, answer_table, gap_of_row
from server.answering.verify import holds

REPORT = """# 松江市云岭县2030年国民经济和社会发展计划执行情况与2031年计划草案的报告

## 一、2030年国民经济和社会发展计划执行情况

全县经济平稳运行。

## 二、2031年国民经济和社会发展计划

继续努力。

## 附件：2031年主要指标计划表

| 类别 | 序号 | 指标名称 | 单位 | 2030年计划 | 2030年完成 | 2031年目标 | 属性 |
|---|---|---|---|---|---|---|---|
| 经济发展 | 1 | 茶园总面积 | 万亩 | 12 | 12.6 | 13 | 预期性 |
| 经济发展 | 2 | 工业投资增速 | % | 8 | 6.5 | 7 | 预期性 |
| 经济发展 | 3 | 旅游收入增速 | % | 9左右 | 8.8 | 9 | 预期性 |
| 民生福祉 | 4 | 城镇调查失业率 | % | 5以内 | 4.6 | 5以内 | 预期性 |
| 民生福祉 | 5 | 农村供水普及率 | % | 95 | 95.0 | 95以上 | 约束性 |
| 生态环境 | 6 | 细颗粒物年均浓度 | 微克/立方米 | 30 | 33 | 31 | 约束性 |
| 生态环境 | 7 | 森林覆盖率 | % | ≥41 | 41.3 | 41.3 | 约束性 |
| 生态环境 | 8 | 能耗降低率 | % | 完成市下达任务 | 完成市下达任务 | 完成市下达任务 | 约束性 |
"""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    path = tmp_path_factory.mktemp("county") / "yunling-2031.md"
    path.write_text(REPORT, encoding="utf-8")
    return ingest_file(path)


def _row(corpus: Corpus, name: str) -> Indicator:
    return next(row for row in corpus.indicators if name in row.name)


def _text(draft: Draft | None) -> str:
    assert draft is not None
    assert all(holds(sentence) for sentence in draft.sentences)
    return "".join(sentence.text for sentence in draft.sentences)


@pytest.mark.parametrize(
    ("question", "there", "absent"),
    [
        (
            "2030年哪些指标没完成计划",
            ["共2项", "工业投资增速", "细颗粒物", "不能断定", "旅游收入增速"],
            ["失业率", "茶园"],
        ),
        ("表里超额完成的有哪几项指标", ["共3项", "茶园", "失业率", "森林"], ["供水", "细颗粒物", "旅游"]),
        ("哪些指标的完成值等于计划值（数值）", ["共1项", "供水"], ["能耗", "森林"]),
        ("2031年目标与2030年计划完全相同的指标", ["共2项", "失业率", "能耗"], ["茶园", "供水"]),
        ("2031年目标低于2030年完成的指标", ["共1项", "细颗粒物"], ["茶园", "失业率："]),
        ("约束性指标中哪些没完成计划", ["共1项", "细颗粒物"], ["工业"]),
        ("没完成计划的指标里，缺口最大的是哪一项", ["比2030年计划"], []),
        ("表中约束性指标有哪几项，共几项", ["共4项", "供水", "细颗粒物", "森林", "能耗"], ["茶园"]),
        ("指标表分几个类别", ["共3个维度", "经济发展（3项）", "民生福祉（2项）"], []),
        ("哪些维度的指标全部是约束性", ["有1个", "生态环境"], ["民生"]),
        ("哪个维度的指标最少", ["民生福祉"], ["生态"]),
        ("序号6的指标和计量单位", ["细颗粒物", "31", "计量单位为微克/立方米"], ["森林"]),
        ("工业投资增速和旅游收入增速2031年目标相差多少", ["低2个百分点", "7%", "9%"], []),
    ],
)
def test_the_table_as_a_whole_is_answered_in_code(
    county: Corpus, question: str, there: list[str], absent: list[str]
) -> None:
    said = _text(answer_table(question, county))
    assert all(words in said for words in there), said
    assert not any(words in said for words in absent), said


@pytest.mark.parametrize(
    "question",
    [
        "工业投资增速2031年目标是多少",
        "为什么有的指标没完成计划",
        "8项主要指标中有几项完成目标",
        "今年要建几个公园",
        "2025年哪些指标没完成计划",
        "茶园总面积和森林覆盖率今年目标相差多少",
    ],
)
def test_what_is_not_asked_of_the_whole_table_or_cannot_be_compared_is_left_to_the_search(
    county: Corpus, question: str
) -> None:
    assert answer_table(question, county) is None


@pytest.mark.parametrize(
    ("question", "name", "words"),
    [
        ("茶园总面积实际比计划多多少", "茶园", "2030年完成比2030年计划多0.6万亩"),
        ("茶园总面积去年超了多少", "茶园", "2030年完成比2030年计划多0.6万亩"),
        ("茶园总面积2031年目标较2030年实际净增多少", "茶园", "2031年目标比2030年完成多0.4万亩"),
        ("茶园总面积今年要比去年多种多少", "茶园", "2031年目标比2030年完成多0.4万亩"),
        ("茶园总面积目标比去年计划多多少", "茶园", "2031年目标比2030年计划多1万亩"),
        ("工业投资增速比计划低多少", "工业", "2030年完成比2030年计划低1.5个百分点"),
        ("旅游收入增速比计划低多少", "旅游", "“9左右”，按所列数字计算"),
        ("农村供水普及率实际比计划高多少", "供水", "2030年完成与2030年计划的数字相同"),
    ],
)
def test_a_difference_is_taken_between_the_two_columns_that_are_meant(
    county: Corpus, question: str, name: str, words: str
) -> None:
    gap = gap_of_row(question, county, _row(county, name))
    assert gap is not None
    assert words in gap.text
    assert gap.origin == "computed"
    assert holds(gap)


def test_words_are_not_subtracted_nor_columns_that_are_not_there(county: Corpus) -> None:
    assert gap_of_row("能耗降低率实际比计划高多少", county, _row(county, "能耗")) is None
    assert gap_of_row("茶园总面积2031年目标比2028年多多少", county, _row(county, "茶园")) is None


@pytest.mark.parametrize("question", ["茶园总面积各年数值", "茶园总面积三个年度值", "茶园总面积历年是多少"])
def test_all_values_are_said_where_all_are_asked(county: Corpus, question: str) -> None:
    said = answer_row(question, county, _row(county, "茶园"), ()).text
    assert all(value in said for value in ("12万亩", "12.6万亩", "13万亩"))


@pytest.mark.parametrize(
    ("name", "met"),
    [
        ("茶园", True),
        ("工业", False),
        ("旅游", None),
        ("失业率", True),
        ("供水", True),
        ("细颗粒物", False),
        ("森林", True),
    ],
)
def test_whether_a_plan_is_met_depends_on_its_bound_and_on_what_is_meant_to_fall(
    county: Corpus, name: str, met: bool | None
) -> None:
    row = _row(county, name)
    cells = plan_and_result("2030年完成计划了吗", county, row)
    assert cells is not None
    assert reached(*cells, row.name) is met


@pytest.mark.parametrize(
    "question",
    ["茶园总面积2030年没完成计划的原因", "茶园总面积作为约束性指标，目标是多少", "失业率属预期性", "森林覆盖率"],
)
def test_what_the_row_says_otherwise_is_corrected(county: Corpus, question: str) -> None:
    draft = answer_table(question, county)
    is_wrong = question.startswith("茶园")
    assert (draft is not None and draft.status is Status.ANSWERED_CORRECTION) is is_wrong
