"""How people of a region ask, read as the standard language asks."""

from __future__ import annotations

import pytest

from server.answering.dialect import standard


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("补贴一户给好多嘛", "补贴一户给多少嘛"),
        ("新修的桥有好多座", "新修的桥有多少座"),
        ("这个事归哪个管，要咋个办", "这个事归哪个管，要怎么办"),
        ("那栋楼是做啥子的", "那栋楼是干什么的"),
        ("阿拉小区好装电梯了伐？", "阿拉小区好装电梯了吗？"),
        ("要缴满几久才领得到", "要缴满多久才领得到"),
        ("门票几多钱", "门票多少钱"),
        ("新地铁好久通车", "新地铁什么时候通车"),
        ("旧年装咗几多部𠮶啲电梯", "去年装了多少部那电梯"),
        ("屋企旁边系咪要起间学校，起喺边条街", "家里旁边是不是要建间学校，建在哪条街"),
        ("呢件事该问边个局，边个负责", "这件事该问哪个局，谁负责"),
        ("一张飞几多文，细路有冇得减", "一张票多少元，孩子有没有得减"),
        ("可唔可以唔使返嚟", "可不可以不用返来"),
    ],
)
def test_words_of_asking_are_read_as_the_standard_languages(asked: str, read: str) -> None:
    assert standard(asked) == read


@pytest.mark.parametrize(
    "told",
    [
        "排队来了好多人，怎么办",
        "等了好久了还没修",
        "这么好多人要搬，补多少",
        "北伐纪念馆几点开",
        "路边几个摊位",
        "周边个别小区发起新项目的关系",
        "哪些社区有晾晒场",
        "关系怎么转",
        "飞机票多少钱",
    ],
)
def test_the_same_words_told_and_not_asked_stay(told: str) -> None:
    assert standard(told) == told
