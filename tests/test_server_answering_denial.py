"""Whether the words found deny what is told, class by class, with made-up sentences."""

from __future__ import annotations

import pytest

from server.answering.denial import bears_out, denies, is_not_so, misstates


@pytest.mark.parametrize(
    ("question", "said"),
    [
        # told as done, the words tell a stage
        ("柳河水库扩容已经完工了吧", "柳河水库扩容主体封顶，计划2033年投入使用"),
        ("东湖隧道已经贯通了，收费多少", "东湖隧道完成总投资的64%"),
        ("粮库投产后谁来管", "新建粮库，项目仍处于前期论证阶段"),
        ("首台机组已经发电了吧", "首台机组计划2035年发电"),
        # told as not done or halted, the words tell it done
        ("南湖泵站因故停工了，为什么", "南湖泵站扩建工程投入运行"),
        ("数据平台去年还没建成，什么原因", "建成数据平台，接入视频2万路"),
        ("大班额问题还没解决，还剩多少个", "大班额全部消除"),
        # plans met and missed
        ("投资超额完成了年初计划，超了多少", "投资增长4.2%，低于年初8%的计划目标"),
        ("就业任务去年没完成吧", "新增就业3万人，完成全年任务的126%"),
        ("客流已经完全恢复了吧", "客流恢复到疫情前的71%"),
        # directions
        ("营商环境名次后退了两位，问题出在哪", "营商环境评价列第三位，较上年前移两位"),
        ("城乡差距是不是又拉大了", "城乡收入比缩小至1.84"),
        ("社零为什么涨得这么猛", "社会消费品零售总额402亿元，同比下降0.8%"),
        ("停电时间不降反升，为什么", "户均停电时间由9小时压降到6小时"),
        ("供暖是不是晚了5天", "新增供热面积126万平方米，提前5天供暖"),
        # grades, extents
        ("北山景区已经是国家级的了吧", "北山景区入选省级名录"),
        ("柳镇古城是5A级景区，门票多少", "柳镇古城创建国家4A级旅游景区"),
        ("信访件是不是全部办结了", "43件信访件办结42件，剩余1件正按序时推进"),
        ("服务中心只改造了一半，剩下的在哪", "13个服务中心全部完成标准化改造"),
        ("所有企业都配上管家了，怎么没人来", "为260家重点企业配备管家"),
        # never and none
        ("去年是不是发生过一起较大事故", "连续八年未发生较大及以上事故"),
        ("那场暴雨是不是淹死人了，几个", "成功应对强降雨，实现零伤亡"),
        ("去年又冒出来不少新违建是吧", "连续三年实现新生违建零增长"),
        ("停工的楼一套都没交付，是这样吗", "交付停工楼盘3个、2760套"),
        ("水质才Ⅲ类，是哪家厂排的", "断面水质稳定达到Ⅱ类"),
        ("143个项目都完工了，花了多少钱", "确定项目143个，已开工98个、完工39个，其余正在推进"),
        ("农贸市场还在改造，什么时候完工", "农贸市场完成改造并重新开业"),
        ("检测中心是不是不建了，为什么取消", "检测中心因设备延期，投用时间推迟至6月"),
        ("粮库开工以后招了多少工人", "粮库完成可研审查，总投资3亿元"),
        # who pays, kept or changed, awarded
        ("换电梯全靠业主自掏腰包，对吗", "更换老旧电梯326台，利用国债资金4890万元"),
        ("改造费用由财政全额补贴，是吗", "推动企业改造，改造费用补贴30%"),
        ("奖励还是每人2万元没变，对吧", "奖励标准由每人2万元提高到3万元"),
        ("装电梯的补贴今年砍掉了吧", "加装电梯110部，补贴标准保持每部64万元不变"),
        ("模范城的称号丢了没评上吧", "再次获评省级模范城"),
        ("东湖公园是不是向北扩的", "东湖公园南扩工程开放"),
    ],
)
def test_words_that_say_otherwise_deny(question: str, said: str) -> None:
    assert denies(question, said, year=2031)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("柳河水库扩容已经完工了吧，库容多少", "柳河水库扩容完工，库容120万立方米"),
        ("南湖泵站是不是投入运行了", "南湖泵站扩建工程投入运行"),
        ("就业任务完成了吧，超了多少", "新增就业3万人，完成全年任务的126%"),
        ("投资没完成计划吧，差多少", "投资低于年初8%的计划目标"),
        ("城乡差距缩小了吧", "城乡收入比缩小至1.84"),
        ("事故起数和死的人都少了吧", "事故起数和死亡人数分别下降18%和12%，未发生较大及以上事故"),
        ("发生较大事故没有", "未发生较大及以上事故"),
        ("暖气检修是不要钱的吧，要查多少户", "老旧散热器免费检修4万户"),
        ("养老中心每条街都有了，还要盖几家", "建设养老中心3家，实现10个街道全覆盖"),
        ("母基金设好了，投了几支子基金", "设立规模20亿元的母基金，首批投向4支子基金"),
        ("失业率是多少", "失业率2.35%"),
        ("如果涨到5%，算达标吗", "控制在3%以内"),
        ("", ""),
    ],
)
def test_words_that_bear_out_or_leave_open_do_not_deny(question: str, said: str) -> None:
    assert not denies(question, said, year=2031)


def test_what_stands_only_in_the_plan_is_not_done() -> None:
    question, said = "智慧食堂已经开到30家了吧", "新开智慧食堂30家"
    assert denies(question, said, is_plan=True, year=2032)
    assert not denies(question, said, year=2031)
    assert not denies("智慧食堂今年要开到30家吧", said, is_plan=True, year=2032)
    assert denies("智慧食堂不建了吧", said, is_plan=True, year=2032)


def test_what_ends_later_is_not_done_this_year() -> None:
    assert denies("柳河地铁今年年底就能通车吧", "柳河地铁年内开工，计划2035年建成通车", is_plan=True, year=2032)
    assert not denies("柳河地铁今年年底就能通车吧", "确保柳河地铁年底前建成通车", is_plan=True, year=2032)


@pytest.mark.parametrize(
    ("question", "said", "is_borne_out"),
    [
        ("减租是不是最长免一年", "免租最长6个月", False),
        ("方案是7.0版的吗", "出台4.0版工作方案", False),
        ("是只在高中推行吗", "推行课间15分钟", False),
        ("产值最大的是食品吗", "食品产值达到297亿元", False),
        ("目标是不是271天", "优良天数271天", False),
        ("公租房是不是全覆盖了", "公租房实现全覆盖", True),
        ("优良天数是271天吗", "优良天数271天", True),
    ],
)
def test_only_what_has_all_that_is_asked_bears_it_out(question: str, said: str, *, is_borne_out: bool) -> None:
    assert bears_out(question, said) is is_borne_out


def test_what_is_asked_neutrally_may_not_be_so() -> None:
    assert is_not_so("利率上调了吗", "利率比上年下降0.4个百分点")
    assert not denies("利率上调了吗", "利率比上年下降0.4个百分点")
    assert not is_not_so("利率下降了吗", "利率比上年下降0.4个百分点")


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
        ("2031年水稻产量为何有30万吨", "水稻产量21.4万吨"),
        ("用水总量计划1万立方米吗", "用水总量计划1亿立方米"),
        ("外贸去年不是涨了一成多吗", "外贸进出口总额3亿元，比上年下降12%"),
        ("粮食产量作为预期性指标，目标多少", "粮食产量：目标20万吨，属于约束性指标"),
        ("听说今年保险要少保些地", "农业保险承保面积扩大到40万亩"),
    ],
)
def test_a_premise_that_the_words_deny_is_seen(question: str, said: str) -> None:
    assert denies(question, said)


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
        ("若失业率为3.2%，符合目标吗", "失业率控制在3.5%以内"),
        ("空气质量提高了多少", "PM2.5浓度下降12%"),
        ("农业保险面积增长多少", "农业保险面积增长5%，赔付下降3%"),
        ("耕地面积是约束性指标还是预期性指标", "耕地面积：属于约束性指标"),
        ("我家种了5亩，能领补贴吗", "种植10亩以上的每亩补贴50元"),
        ("每千人5张床位够吗", "新增床位300张"),
        ("", ""),
    ],
)
def test_a_premise_that_holds_or_is_left_open_is_let_be(question: str, said: str) -> None:
    assert not denies(question, said)


def test_a_figure_that_other_words_on_the_question_hold_is_not_denied() -> None:
    asked, said = "去年17个小区都开工了吧，什么时候改完", "原定改造4个小区的管网"
    assert denies(asked, said)
    assert not denies(asked, said, beside="开工改造老旧小区17个")


@pytest.mark.parametrize(
    ("question", "said", "is_other"),
    [
        ("粮食产量作为预期性指标，目标多少", "粮食产量：目标20万吨，属于约束性指标", True),
        ("投资目标定为7%的依据", "固定资产投资增速：2032年计划5%", True),
        ("听说今年保险要少保些地", "承保面积扩大到40万亩", True),
        ("国企由6家扩充到11家的时间", "国企由11家整合为6家", True),
        ("投资目标是多少", "固定资产投资增速：2032年计划5%", False),
        ("投资目标定为5%的依据", "固定资产投资增速：2032年计划5%", False),
    ],
)
def test_a_row_or_an_answer_may_misstate_what_is_told(question: str, said: str, *, is_other: bool) -> None:
    assert misstates(question, said) is is_other
