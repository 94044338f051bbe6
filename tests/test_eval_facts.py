"""Which words say a fact, and which only look like it."""

from __future__ import annotations

import pytest

from eval.facts import normalise, says
from eval.gold_set import Fact


def number(value: float, unit: str = "", *aliases: str) -> Fact:
    return Fact(kind="number", value=value, unit=unit, aliases=aliases)


@pytest.mark.parametrize(
    ("answer", "value", "unit"),
    [
        ("增长5%左右", 5, "%"),
        ("增长５％左右", 5, "%"),
        ("增长百分之五左右", 5, "%"),
        ("增长百分之五点二", 5.2, "%"),
        ("增长百分之5.2", 5.2, "%"),
        ("覆盖率达到百分之百", 100, "%"),
        ("共4.9万户", 49000, "户"),
        ("共49000户", 4.9, "万户"),
        ("收入1,012.9亿元", 1012.9, "亿元"),
        ("收入1012.9亿元", 10129000, "万元"),
        ("建成五个", 5, "个"),
        ("建成二十三条", 23, "条"),
        ("共一百零五家", 105, "家"),
        ("2万余平方米", 2, "万平方米"),
        ("增長5個百分點", 5, "个百分点"),
        ("指标\t9\t预期性", 9, "%"),
        ("指标（%） 9 预期性", 9, "%"),
        ("增长5.0%", 5, "%"),
    ],
)
def test_a_number_is_said_in_many_ways(answer: str, value: float, unit: str) -> None:
    assert says(answer, number(value, unit))


@pytest.mark.parametrize(
    ("answer", "value", "unit"),
    [
        ("共15个", 5, "个"),
        ("共十五个", 5, "个"),
        ("共5个", 15, "个"),
        ("控制在13.5%", 3.5, "%"),
        ("控制在3.55%", 3.5, "%"),
        ("控制在3%", 3.5, "%"),
        ("增长百分之十五", 5, "%"),
        ("提高3.5个百分点", 3.5, "%"),
        ("共4.9亿户", 4.9, "万户"),
        ("收入1,012.9亿元", 12.9, "亿元"),
        ("发放5万元", 5, "元"),
        ("共5家", 5, "个"),
        ("共1，5个", 15, "个"),
    ],
)
def test_another_number_is_not_it(answer: str, value: float, unit: str) -> None:
    assert not says(answer, number(value, unit))


@pytest.mark.parametrize(
    ("kind", "aliases", "answer", "said"),
    [
        ("term", ("西城小院",), "叫“西城小院”。", True),
        ("term", ("西城小院",), "叫“西城大院”。", False),
        ("phrase", ("10分钟服务圈",), "建成十分钟服务圈", True),
        ("phrase", ("10分钟服务圈",), "建成110分钟服务圈", False),
        ("date", ("2023年6月",), "二〇二三年六月开放", True),
        ("date", ("2023年6月",), "2023年16月开放", False),
        ("list_item", ("甲乙、丙丁",), "甲乙丙丁", True),
        ("phrase", ("15项",), "1，5项", False),
        ("number", ("2000余个",), "约2000余个车位", True),
    ],
)
def test_words_are_found_whole(kind: str, aliases: tuple[str, ...], answer: str, said: bool) -> None:
    fact = Fact(kind=kind, aliases=aliases, value=7 if kind == "number" else None)  # type: ignore[arg-type]
    assert says(answer, fact) is said


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("是的，已启用。", "yes"),
        ("不是，为预期性指标。", "no"),
        ("没有，零伤亡。", "no"),
        ("不仅启用了，", "no"),
        ("今年启用。", ""),
    ],
)
def test_yes_and_no_stand_at_the_beginning(answer: str, value: str) -> None:
    fact = Fact(kind="polarity", value=value)
    assert says(answer, fact)


def test_normalising_folds_widths_scripts_and_separators() -> None:
    assert normalise("１,０１２.９億元 “ 西城 ”") == "1012.9亿元西城"
