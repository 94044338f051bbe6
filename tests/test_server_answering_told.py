"""A question tells, asks, or asks neutrally whether something is so; only what it tells can be wrong."""

from __future__ import annotations

import pytest

from server.answering.told import held_up, told


@pytest.mark.parametrize(
    ("question", "clauses"),
    [
        ("柳河大桥去年就通车了吧？", ["柳河大桥去年就通车了吧"]),
        ("旱厕都改完了，花了多少钱", ["旱厕都改完了"]),
        ("财政收入同比下降，未过百亿，具体完成额？", ["财政收入同比下降", "未过百亿"]),
        ("为什么失业率升高了？", ["失业率升高了"]),
        ("听说养老金降了，什么原因", ["养老金降了"]),
        ("消费券发了8批，对吗", ["消费券发了8批"]),
        ("是不是建了三座桥", ["建了三座桥"]),
        ("粮库建成后谁来管", ["粮库建成后"]),
    ],
)
def test_what_a_question_holds_as_a_fact_is_told(question: str, clauses: list[str]) -> None:
    assert told(question) == clauses


@pytest.mark.parametrize(
    "question",
    [
        "柳河大桥是否通车",
        "夜市还开不开",
        "桥修好没有",
        "今年能动工吗",
        "幼儿园建了多少所",
        "如果涨到5%，算达标吗",
        "我家交了三年房租，能不能退",
        "红黄牌预警",
        "每千人口床位数目标",
        "",
    ],
)
def test_a_question_that_only_asks_tells_nothing(question: str) -> None:
    assert told(question) == []


@pytest.mark.parametrize(
    ("question", "clauses"),
    [
        ("柳河大桥是否通车", ["柳河大桥通车"]),
        ("夜市收费不", ["夜市收费"]),
        ("房租能不能退", ["房租能退"]),
        ("今年能动工吗", ["今年能动工"]),
        ("建了多少所", []),
    ],
)
def test_what_is_asked_whether_it_is_so_is_held_up(question: str, clauses: list[str]) -> None:
    assert held_up(question) == clauses
