"""Figures, ordinals, units and times told, against those found."""

from __future__ import annotations

import pytest

from server.answering.measured import normal, other_figure, other_order, other_ordinal, other_time, other_unit


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("污水处理率不到八成", "污水处理率达到91.5%"),
        ("帮了2.9万失业的人上岗", "帮扶1.92万名失业人员就业"),
        ("覆盖率还不到一半", "覆盖率提高到72%"),
        ("参保率已经超过九成", "参保率83%"),
        ("旅客量突破500万人次", "旅客量412万人次"),
        ("三轮消费券", "发放消费券5轮"),
        ("低保标准提高到700元", "低保标准由每月700元提高到760元"),
        ("停电时间升到6小时", "停电时间由6小时压降到4小时"),
        ("一年新建了90座充电站", "新建充电站12座，累计达到90座公厕"),
        ("去年一年就加装了80部电梯", "加装电梯30部，更换下水管道80部"),
        ("补助每人380块", "补助标准每人520元"),
        ("养老金涨了50元", "养老金由每月128元提高到138元"),
        ("净增了41户", "企业达到41户，净增3户"),
        ("人口过了80万", "常住人口68万人"),
        ("装了六千多个", "安装6.3万个"),
        ("免租五年", "硕士免租三年"),
        ("办了435场招聘会", "举办招聘会335场次"),
        ("撒了两千万的消费券", "发放消费券1500万元"),
        ("退了四千多万热费", "退费412万元"),
        ("低保涨成八百八了", "低保标准提高到每月745元"),
        ("惠民保一年一百六十九对吧", "参保费每人每年69元"),
    ],
)
def test_a_figure_that_the_words_do_not_bear_out_is_seen(told: str, said: str) -> None:
    assert other_figure(told, said)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("覆盖率八成多", "覆盖率87%"),
        ("养老金涨了10元", "养老金由每月128元提高到138元"),
        ("装了一千多个", "安装1340个"),
        ("收入过了5万", "收入5.2万元"),
        ("投资五千万", "投资5100万元"),
        ("毕业两年", "毕业三年内"),
        ("覆盖率过半", "覆盖率54.4%"),
        ("整改率九成半", "整改率95.4%"),
        ("近30%的商户", "28.5%的商户"),
        ("国企从13家并到9家", "国企由13家整合为9家"),
        ("低保标准从700元提高到760元", "低保标准由700元提高到760元"),
        ("每千人8张床位", "新增床位300张"),
        ("一个项目", "23个项目"),
        ("两个女孩", "新建12个停车场"),
        ("七八十个人", "共有300个人"),
        ("2031年开工", "新建12座"),
        ("", ""),
    ],
)
def test_a_figure_that_is_borne_out_or_counts_something_else_is_let_be(told: str, said: str) -> None:
    assert not other_figure(told, said)


def test_a_figure_that_stands_elsewhere_is_true_of_something_else() -> None:
    assert other_figure("开工的17个小区", "原定改造4个小区")
    assert not other_figure("开工的17个小区", "原定改造4个小区", "开工改造17个小区")


@pytest.mark.parametrize(
    ("told", "said", "is_other"),
    [
        ("第三次复审", "第七次复审", True),
        ("首届灯会", "第六届灯会", True),
        ("这是三年行动的最后一年了", "三年行动第二年任务", True),
        ("连续五年全破", "连续九年保持", True),
        ("全市倒数第二", "全市第二", True),
        ("第三届灯会", "第三届灯会", False),
        ("排前三位", "排第二位", False),
        ("第三次复审", "第七届灯会", False),
    ],
)
def test_ordinals_are_compared_by_what_they_count(told: str, said: str, *, is_other: bool) -> None:
    assert other_ordinal(told, said) is is_other


@pytest.mark.parametrize(
    ("told", "said", "is_other"),
    [
        ("用了8.7亿元人民币的外资", "使用外资8.7亿美元", True),
        ("审批要18个月", "审批压缩至18个工作日", True),
        ("新增车位3500平方米", "新增车位3500个", True),
        ("补助每平方米2000元", "补助标准为每亩2000元", True),
        ("一年接待6200人", "日均接待6200人次", True),
        ("投入3500万元", "投入3500万元", False),
        ("新增3500套", "新增3500个", False),
        ("每亩补2000元", "每亩2000元", False),
    ],
)
def test_the_same_number_of_another_unit_is_seen(told: str, said: str, *, is_other: bool) -> None:
    assert other_unit(told, said) is is_other


@pytest.mark.parametrize(
    ("told", "said", "is_other"),
    [
        ("早上八点才开门", "早晨5时30分开门", True),
        ("开到凌晨两点", "营业至24时", True),
        ("末班车提前到晚上7点半", "末班车延至21时30分", True),
        ("从1月1日起涨", "自7月1日起提高", True),
        ("每月1日开会", "每月15日召开", True),
        ("晚上9点半收车", "末班车延至21时30分", False),
        ("晚上九点以后", "营业至22时", False),
        ("7月1日起涨", "自7月1日起提高", False),
        ("9月开学", "9月1日开学", False),
    ],
)
def test_times_and_dates_are_compared(told: str, said: str, *, is_other: bool) -> None:
    assert other_time(told, said) is is_other


@pytest.mark.parametrize(
    ("told", "said", "is_other"),
    [
        ("进口比出口还多", "其中出口251.7亿元、进口134.5亿元", True),
        ("食品合格率比药品高", "食品抽检合格率98.9%，药品抽检合格率99.8%", True),
        ("贷款余额比存款余额还大", "存款余额2615亿元、贷款余额2894亿元", False),
        ("进口比去年多", "进口134.5亿元", False),
        ("苗木比林地少", "苗木3万株，林地5万亩", False),
    ],
)
def test_which_of_two_is_more_is_read_from_their_figures(told: str, said: str, *, is_other: bool) -> None:
    assert other_order(told, said) is is_other


def test_everyday_shares_and_units_are_written_as_a_report_does() -> None:
    assert normal("不到八成") == "不到80%"
    assert normal("三成五") == "33-37%"
    assert normal("一半") == "50%"
    assert normal("380块钱") == "380元"
    assert normal("18个工作日") == "18天"
