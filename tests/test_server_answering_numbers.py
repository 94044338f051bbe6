from __future__ import annotations

from decimal import Decimal

import pytest

from server.answering.numbers import digit_runs, figures


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("建成268个分类驿站", [("268", "个")]),
        ("同比增长5.8%", [("5.8", "%")]),
        ("提高7.25个百分点", [("7.25", "个百分点")]),
        ("完成1012.9亿元", [("101290000000", "元")]),
        ("近1.92万名", [("19200", "名")]),
        ("10万余平方米", [("100000", "平方米")]),
        ("4.9万人次", [("49000", "人次")]),
        ("3,000人", [("3000", "人")]),
        ("36微克/立方米", [("36", "微克/立方米")]),
        ("6.61万平方米、6处", [("66100", "平方米"), ("6", "处")]),
        ("8.44亿美元", [("844000000", "美元")]),
        ("2023年", [("2023", "年")]),
        ("pm2.5", [("2.5", "")]),
        ("没有数字", []),
        ("", []),
    ],
)
def test_a_figure_has_its_value_and_its_unit(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(figure.value, figure.unit) for figure in figures(text)] == [(Decimal(v), unit) for v, unit in expected]


def test_a_figure_knows_where_it_stands() -> None:
    text = "新建6处、改造12处"
    assert [text[figure.start :].startswith(figure.text) for figure in figures(text)] == [True, True]


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("增长5.8%", {"5.8"}),
        ("3,120人和3120人", {"3120"}),
        ("新建2座、升级5处", {"2", "5"}),
        ("<3.5", {"3.5"}),
        ("2023-2027年", {"2023", "2027"}),
        ("共6处。", {"6"}),
        ("23·7", {"23", "7"}),
        ("无", set()),
    ],
)
def test_every_number_is_found_whole(text: str, runs: set[str]) -> None:
    assert digit_runs(text) == runs


@pytest.mark.parametrize(("text", "runs"), [("新建公园,5处", {"5"}), ("共4家,2024年完成", {"4", "2024"})])
def test_a_number_behind_a_folded_comma_is_found(text: str, runs: set[str]) -> None:
    assert digit_runs(text) == runs
