"""Amounts are read as they are meant, however they are written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.answering.amounts import amounts, han_value, years_named


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("占89%", "89", "89", "%"),
        ("百分之八十九", "89", "89", "%"),
        ("百分之三点五", "3.5", "3.5", "%"),
        ("提高7.25个百分点", "7.25", "7.25", "个百分点"),
        ("提高7.25百分点", "7.25", "7.25", "个百分点"),
        ("1012.9亿元", "101290000000", "101290000000", "元"),
        ("5.2万人", "52000", "52000", "人"),
        ("五万二千人", "52000", "52000", "人"),
        ("52000人", "52000", "52000", "人"),
        ("52,000名", "52000", "52000", "人"),
        ("三百二十万人", "3200000", "3200000", "人"),
        ("1,325家", "1325", "1325", "个"),
        ("十五分钟", "15", "15", "分钟"),
        ("两项", "2", "2", "个"),
        ("3—5个", "3", "5", "个"),
        ("3至5个", "3", "5", "个"),
        ("三到五个", "3", "5", "个"),
        ("30%-40%", "30", "40", "%"),
        ("200-300万元", "2000000", "3000000", "元"),
        ("36微克/立方米", "36", "36", "微克/立方米"),
        ("增速-5%", "-5", "-5", "%"),
        ("479万人次", "4790000", "4790000", "人次"),
        ("为85", "85", "85", ""),
    ],
)
def test_an_amount_has_its_value_and_unit(text: str, low: str, high: str, unit: str) -> None:
    found = amounts(text)[0]
    assert (found.low, found.high, found.unit) == (Decimal(low), Decimal(high), unit)


@pytest.mark.parametrize(
    "text", ["十分重要", "千方百计", "统一规划", "一体化", "百姓", "没有", "", "2024年", "万众一心"]
)
def test_numerals_inside_words_and_years_are_no_amounts(text: str) -> None:
    assert amounts(text) == []


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("5%", ""),
        ("5%左右", "about"),
        ("约5%", "about"),
        ("为大约5%", "about"),
        ("近5万人", "nearly"),
        ("5%以上", "least"),
        ("不低于5%", "least"),
        ("至少5%", "least"),
        ("≥5%", "least"),
        ("5%以内", "most"),
        ("5%及以下", "most"),
        ("不超过5%", "most"),
        ("控制在不高于5%", "most"),
        ("超过5%", "above"),
        ("5万余人", "above"),
        ("<5%", "below"),
        ("低于5%", "below"),
        ("120个以上", "least"),
    ],
)
def test_an_amount_has_its_bound(text: str, bound: str) -> None:
    assert amounts(text)[0].bound == bound


@pytest.mark.parametrize(
    ("text", "direction", "reached"),
    [
        ("增长5%", 1, False),
        ("同比提高5个百分点", 1, False),
        ("下降5%", -1, False),
        ("降幅5%", -1, False),
        ("下降至5%", -1, True),
        ("提高到5%", 1, True),
        ("增速为5%", 1, False),
        ("增速达到5%", 1, False),
        ("实现5%的增长", 1, False),
        ("新增5人", 0, False),
        ("达5%", 0, False),
        ("下降，为5%", 0, False),
        ("增长6%、5%", 1, False),
    ],
)
def test_an_amount_has_its_direction(text: str, direction: int, reached: bool) -> None:
    found = amounts(text)[0]
    assert (found.direction, found.reached) == (direction, reached)


def test_an_amount_has_the_year_before_it_but_not_one_it_is_compared_with() -> None:
    assert [amount.year for amount in amounts("2023年为5%，2024年为6%")] == [2023, 2024]
    assert amounts("2023年较2022年增长3%")[-1].year == 2023
    assert years_named("2023年和12024年") == [2023]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("二十三", 23),
        ("一百零五", 105),
        ("十", 10),
        ("二〇二四", 2024),
        ("两千", 2000),
        ("三百二十万", 3_200_000),
        ("一亿零五万", 100_050_000),
    ],
)
def test_a_number_in_characters_has_its_value(text: str, value: int) -> None:
    assert han_value(text) == value


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.decimals(0, 99999, places=2), st.sampled_from(["%", "个", "万元", "亿元", "人次", "个百分点", "平方米"]))
def test_any_number_is_read_back(number: Decimal, unit: str) -> None:
    (found,) = amounts(f"共{number}{unit}，")
    assert found.low == number * {"万元": 10_000, "亿元": 100_000_000}.get(unit, 1)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text("0123456789,.%-—至到一二十百万亿余个年增长下降以上约 ", max_size=80))
def test_no_text_breaks_the_reading(text: str) -> None:
    for amount in amounts(text):
        assert 0 <= amount.start < amount.end <= len(text)
