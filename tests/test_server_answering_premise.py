from __future__ import annotations

import pytest

from server.answering.premise import contradicts


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("登记失业率是5%吗", "登记失业率2.35%"),
        ("地区生产总值下降了多少", "地区生产总值同比增长5.8%"),
        ("为什么消费下滑了", "综合撬动消费、增加消费增量"),
        ("为什么排名全市第二", "在全市评价中排名第一"),
        ("拆了三亿元的违建", "投入2亿元"),
        ("为什么取消课后服务", "新增课后服务课程"),
        ("为什么缩短游客停留时间", "延长游客停留时间"),
        ("唯一的示范区在哪里", "西城区成为全市6个综合改革试验区之一"),
        ("建成１００个驿站是真的吗", "建成268个分类驿站"),
    ],
)
def test_a_premise_that_the_words_deny_is_seen(question: str, said: str) -> None:
    assert contradicts(question, said)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("登记失业率是2.35%吗", "登记失业率2.35%"),
        ("登记失业率是多少", "登记失业率2.35%"),
        ("2024年登记失业率是多少", "2023年登记失业率2.35%"),
        ("地区生产总值增长了多少", "地区生产总值同比增长5.8%"),
        ("排名第一的是什么", "在全市评价中排名第一"),
        ("为70岁以上老人做了什么", "新增家庭床位300张"),
        ("第3条胡同", "获评第1名"),
        ("注册资本413.2亿元是怎么来的", "注册资本413.2亿元"),
        ("拿出1亿元", "拨付资金10000万元"),
        ("能耗下降多少", "能耗降低3%，下降2%"),
        ("", ""),
    ],
)
def test_a_premise_that_holds_or_is_left_open_is_let_be(question: str, said: str) -> None:
    assert not contradicts(question, said)
