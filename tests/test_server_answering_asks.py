from __future__ import annotations

import pytest

from server.answering.asks import Ask, asks_of, split_parts


@pytest.mark.parametrize(
    ("question", "ask"),
    [
        ("登记失业率是多少？", Ask.NUMBER),
        ("新建几处公园", Ask.NUMBER),
        ("注册资本多少亿元", Ask.MONEY),
        ("什么时候开放？", Ask.DATE),
        ("白纸坊消防站在哪里？", Ask.PLACE),
        ("由哪个部门负责？", Ask.BODY),
        ("咨询电话是多少？", Ask.CONTACT),
        ("申请条件是什么？", Ask.CONDITION),
        ("各街道分别有多少？", Ask.ROSTER),
        ("哪个街道的老年人最多？", Ask.EXTREME),
        ("PM2.5为什么没有达标？", Ask.REASON),
        ("有哪些约束性指标？", Ask.LIST),
        ("第五立面是什么？", Ask.DEFINITION),
        ("“一键呼”是什么意思", Ask.DEFINITION),
        ("获得了什么称号？", Ask.NAME),
        ("怎么治理背街小巷？", Ask.HOW),
        ("登记失业率是约束性指标吗？", Ask.YES_NO),
        ("老旧小区改造", Ask.FACT),
    ],
)
def test_a_question_asks_for_its_type(question: str, ask: Ask) -> None:
    assert ask in asks_of(question)


@pytest.mark.parametrize(
    ("question", "ask"),
    [
        ("金融街论坛有几大成果", Ask.DATE),
        ("那么具体安排是", Ask.YES_NO),
        ("那出戏的戏名谁记得", Ask.PERSON),
        ("热线电话谁知道", Ask.PERSON),
        ("潮汐小学能收多少娃", Ask.MONEY),
        ("什么是第五立面", Ask.YES_NO),
        ("一键呼是什么", Ask.NUMBER),
        ("几乎完成的工作", Ask.NUMBER),
    ],
)
def test_words_that_only_look_like_a_cue_ask_for_nothing(question: str, ask: Ask) -> None:
    assert ask not in asks_of(question)


@pytest.mark.parametrize(
    ("question", "asking", "context"),
    [
        ("我妈七十多了，一键呼怎么装？", "一键呼怎么装？", "我妈七十多了，"),
        ("登记失业率，是多少？", "登记失业率，是多少？", ""),
        ("老旧小区改造", "老旧小区改造", ""),
        ("失业率是多少？谢谢。", "失业率是多少？", "谢谢。"),
        ("", "", ""),
    ],
)
def test_the_story_is_told_apart_from_what_is_asked(question: str, asking: str, context: str) -> None:
    parts = split_parts(question)
    assert (parts.asking, parts.context) == (asking, context)
