"""What asks names the words that an answer must hold."""

from __future__ import annotations

import pytest

from server.answering.lacks import (
    belongs_to_all,
    figure_stands_apart,
    gives_reason,
    is_counted_otherwise,
    is_of_a_part,
    lacks,
    lacks_any_figure,
    lacks_measure,
    lacks_names,
    money_stands_apart,
    names_another,
    only_figures_of_question,
)
from server.answering.plain import plain


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("新水厂的中标单位", "新水厂年底前主体封顶。"),
        ("少年宫是哪家公司建的？", "少年宫于5月1日开放。"),
        ("跨湖隧道总投资额", "跨湖隧道全长3公里。"),
        ("园区112家企业去年纳税总额", "园区入驻企业112家、注册资本8亿元。"),
        ("湿地公园门票多少", "湿地公园创成4A级景区。"),
        ("新来的护士一月开多少工资", "招聘护士30名。"),
        ("蜜桔一斤卖多少钱", "蜜桔综合产值3亿元。"),
        ("新馆建设资金来源", "新馆建成，新增座位200个。"),
        ("停车类诉求占比多少？", "受理诉求3.2万件。"),
        ("新馆几点关门", "新馆4月开馆，藏书120万册。"),
        ("柳河水库概算总投资", "柳河水库累计完成投资4.3亿元。"),
        ("防潮闸概算及资金来源", "防潮闸完成并投入使用，闸孔增至8孔。"),
        ("呼叫器每月扣不扣钱啊", "呼叫器是为老年人安装的应急终端。"),
        ("那几栋回迁楼一共多少层呀", "拆除危楼34栋，安置楼主体封顶。"),
        ("换渔船的钱，一年利几厘", "渔船贷单船最高300万元。"),
        ("区里有多少人口", "各专项行动涉及人口变化2.9万人次。"),
        ("新图书馆在哪条马路上？", "新图书馆建筑面积3.9万平方米。"),
        ("去年野猪伤了几个人", "野猪肇事保险赔付82万元。"),
        ("新院区好不好停车", "新院区10月底前搬迁投用。"),
        ("集市那天下午三点去还有人吗", "集市专窗：为群众代办社保、医保。"),
        ("冬泳比赛去哪里填名字", "冬泳比赛规模控制在300人以内。"),
        ("边贸按进口、出口分别多少", "边贸进出口总额27.6亿元。"),
        ("摊位怎么抽签", "设置疏导点17个，容纳流动摊贩1140户。"),
        ("全市排第几", "完成投资20亿元。"),
        ("农民收入绝对额", "农民收入增长6%左右"),
        ("生产总值增速", "生产总值320亿元。"),
        ("托育中心建设地点", "建成托育中心1个。"),
        ("新馆在哪条街上", "新馆于9月开放。"),
        ("打架最多的村是哪个", "调解纠纷120起。"),
        ("首艘母船的买方", "船厂交付首艘母船。"),
        ("拟引进博士人数", "引进的博士每月补贴3000元。"),
        ("基金二期的管理机构", "设立基金二期，规模5亿元。"),
        ("物流园门口限高多少", "物流园提供24小时淋浴和6元套餐。"),
        ("受伤的人里重伤几个", "受伤17人。"),
        ("租金一年最多准涨多少", "签订租金稳定协议的商铺152间。"),
        ("受灾人数分乡镇各是多少", "造成3个乡镇、1.2万人受灾。"),
        ("诈骗发案数（起）", "诈骗发案数下降10%以上。"),
        ("先在哪个街道试点", "试点打造15分钟服务圈，覆盖12个街道。"),
        ("东山医院有多少床位", "西湖医院床位300张。"),
        ("下一场招聘会哪天开", "举办招聘会20场。"),
        ("创新中心的牵头单位", "创新中心获批省级培育单位。"),
        ("夜市具体日期", "夜市开街，客流增长三成。"),
        ("消费券在哪领", "发放消费券2000万元。"),
        ("排污口还剩多少个没整治", "整治排污口61个。"),
        ("课后班收不收费", "课后服务覆盖全部学校。"),
        ("新门诊楼启用日期", "新门诊楼投入使用，新增床位180张。"),
        ("拆违任务定为5万平方米的测算依据", "完成5万平方米拆违任务。"),
        ("券的各行业分配比例", "发放消费券3000万元。"),
        ("夏令营几岁能去", "办好青少年夏令营12期。"),
        ("夏令营在哪报？", "办好青少年夏令营12期。"),
        ("诉求量居前三的街道", "受理诉求29.52万件。"),
        ("摘一公斤花给开多少钱", "对企业按每人1000元给予补助。"),
        ("黑石水库总库容", "黑石水库主坝填筑完成68%。"),
        ("海外仓仓储面积", "建成海外仓4个。"),
        ("开通后客流预测", "10月启动联调联试。"),
        ("任务分县区分解表", "防沙治沙40万亩。"),
        ("服务站143个按镇街分布", "建成镇级直播间16个、村级服务站143个。"),
        ("一份盒饭多少钱", "老年人每餐补贴3元。"),
        ("新厂一期总投资", "二期总投资6.8亿元。"),
        ("死亡人数（绝对数）", "死亡人数下降25%。"),
        ("乱停车罚多少", "设置电子围栏120个。"),
        ("招的岗位里大学生有多少", "新增就业岗位1.2万个。"),
        ("船主贷的利率是多少", "船主贷发放3亿元。"),
        ("垃圾站要搬，搬到哪边去", "启动垃圾站迁建。"),
        ("轻轨什么时候能坐上", "加快轻轨建设。"),
        ("大桥的建设单位", "加快大桥建设。"),
        ("茶园按乡镇分列面积", "茶园21万亩，其中可采16万亩。"),
    ],
)
def test_words_without_what_is_asked_for_are_found_out(asked: str, said: str) -> None:
    assert lacks(plain(asked), plain(said))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("新水厂的中标单位", "新水厂由城建集团承建。"),
        ("少年宫是与哪家单位共建的", "少年宫由县教育局与县妇联共建。"),
        ("跨湖隧道总投资额", "跨湖隧道总投资12亿元。"),
        ("冷链园（海鲜批发新址）交易分区", "冷链园设活鲜、冰鲜、干货、加工四个交易区。"),
        ("区里有多少人口", "年末常住人口75.7万人。"),
        ("海域分层设权分哪几层", "海域按水面、水体、海床、底土分层设立使用权。"),
        ("挂牌的两家馆是哪两家", "京报馆、福州新馆成功挂牌。"),
        ("跨湖隧道概算总投资", "跨湖隧道完成投资3亿元，占总投资的四成。"),
        ("边贸按进口、出口分别多少", "边贸进口12亿元、出口15.6亿元。"),
        ("湿地公园门票多少", "湿地公园门票20元，老人免费。"),
        ("参加医疗保险一年要交多少钱", "个人缴费每人每年400元。"),
        ("公办园孩子占比多少？", "公办园在园幼儿占比56%"),
        ("全市排第几", "综合评价排名全市首位。"),
        ("农民收入绝对额", "农民人均可支配收入1.8万元。"),
        ("新馆在哪条街上", "新馆位于人民路12号。"),
        ("诈骗发案数（起）", "诈骗发案320起。"),
        ("先在哪个街道试点", "在青羊街道试点打造15分钟服务圈。"),
        ("哪几个镇缺水", "红石、白沙2个镇仍然缺水。"),
        ("东山医院有多少床位", "县东山医院床位300张。"),
        ("房票拿到手能买什么", "房票可购买商品住房。"),
        ("失业率是多少", "登记失业率3.1%。"),
        ("创新中心的牵头单位", "创新中心由理工大学牵头组建。"),
        ("排污口还剩多少个没整治", "整治61个，其余12个年内完成。"),
        ("招的岗位里大学生有多少", "新增岗位1.2万个，其中吸纳大学生3000人。"),
        ("船主贷的利率是多少", "船主贷利率3.1%。"),
        ("轻轨什么时候能坐上", "轻轨年底前通车。"),
        ("新中学那块地有多大", "新校区占地120亩。"),
        ("今年全县排多少个小区翻新", "改造老旧小区24个。"),
        ("投诉最多的是哪几样", "反映最集中的是噪声和停车难。"),
        ("哪些镇都通了自来水", "实施大溪、金竹2个镇城乡供水工程。"),
    ],
)
def test_words_that_hold_what_is_asked_for_are_let_be(asked: str, said: str) -> None:
    assert not lacks(plain(asked), plain(said))


@pytest.mark.parametrize(
    ("asked", "said", "expected"),
    [
        ("走访的820家企业中民营企业多少家", "走访各类企业820家。", True),
        ("走访的820家企业中民营企业多少家", "走访企业820家，其中民营企业610家。", False),
        ("走访了多少家企业", "走访各类企业820家。", False),
        ("今年900个车位比去年多多少", "新建车位900个。", False),
    ],
)
def test_a_number_that_the_question_tells_itself_is_no_answer(asked: str, said: str, expected: bool) -> None:
    assert only_figures_of_question(plain(asked), plain(said)) is expected


@pytest.mark.parametrize(
    ("asked", "said", "expected"),
    [
        ("改造的那10家是哪些酒店", "拆违90处、2万平方米，改造酒店10家。", True),
        ("5条大修的道路，路名？", "改善秩序，实施5条道路大中修。", True),
        ("撤掉的是哪两个乡", "红石、白沙、青山3个乡缺水。", True),
        ("另外五个区是哪些", "成为全市6个试验区之一。", True),
        ("治理的6条山洪沟是哪六条", "完成河流治理28公里、山洪沟治理6条。", True),
        ("滞后的4项是啥", "指标51项，4项滞后并已制定措施。", True),
        ("首发的2个许可凭证，对应哪两个行业", "首发2个许可凭证，推出46个场景，打造样板社区和议事厅。", True),
        ("改造的10家是哪些酒店", "改造东湖饭店、西山宾馆等10家酒店。", False),
        ("5座水库叫什么", "加固龙王水库等5座水库。", False),
        ("打通了哪两条路", "打通振兴路、文昌路2条断头路。", False),
        ("哪三个方面", "一是强产业；二是惠民生；三是保安全。", False),
        ("新建了几座桥", "新建桥梁3座。", False),
        ("“四个行动”具体是哪四个", "锚定名城、新城、水城、花城定位，实施“四个行动”。", True),
    ],
)
def test_names_stand_beside_their_count(asked: str, said: str, expected: bool) -> None:
    assert lacks_names(plain(asked), plain(said)) is expected


def test_a_sum_of_several_is_of_none_of_them() -> None:
    said = plain("机械、纺织、食品三条产业链产值达到412亿元。")
    assert belongs_to_all("食品产业链产值多少", said)
    assert not belongs_to_all("三条产业链产值多少", said)


def test_a_count_needs_its_measure() -> None:
    assert lacks_measure("搬迁涉及居民户数？", "启动12号院等2处腾退。")
    assert not lacks_measure("搬迁了多少户", "搬迁居民61户213人。")


def test_money_stands_with_what_it_is_paid_for() -> None:
    said = plain("低保标准提高到每月880元，“安康保”参保21万人；安排资金2亿元，用于老旧小区改造。")
    assert money_stands_apart(["安康保"], said)
    assert not money_stands_apart(["低保"], said)
    assert not money_stands_apart(["老旧小区"], said)
    assert not money_stands_apart(["图书馆"], said)


def test_a_name_with_more_or_fewer_words_is_the_same() -> None:
    assert not names_another("县东山医院去年床位", "东山医院床位300张")
    assert names_another("东山医院去年床位", "西湖医院床位300张")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("今年要装多少个充电桩", "做好充电桩布局规划。"),
        ("建了几所学校？", "优化学校布局，推进名校办分校。"),
        ("解决率、满意率分别是多少", "受理诉求3.2万件。"),
        ("食堂一天有多少老人吃饭", "食堂每餐不高于15元。"),
    ],
)
def test_a_number_asked_for_must_stand_there(asked: str, said: str) -> None:
    assert lacks_any_figure(plain(asked), plain(said)) or lacks(plain(asked), plain(said))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("今年要装多少个充电桩", "新装充电桩五十个。"),
        ("覆盖率是多少", "实现社区全覆盖。"),
        ("发生几起火灾", "未发生火灾。"),
        ("效率提高了多少", "办理时长压缩3天。"),
        ("食堂一天有多少老人吃饭", "日均服务3900人次。"),
    ],
)
def test_words_that_stand_for_a_number_are_enough(asked: str, said: str) -> None:
    assert not lacks_any_figure(plain(asked), plain(said))
    assert not lacks(plain(asked), plain(said))


def test_a_row_for_the_whole_place_tells_nothing_of_a_street() -> None:
    assert is_of_a_part("东风街道的供热合格率", "安全保障 供热合格率 %")
    assert not is_of_a_part("各街道的供热合格率", "安全保障 供热合格率 %")
    assert is_of_a_part("16—24岁青年调查失业率", "民生 城镇调查失业率 %")
    assert is_of_a_part("云岭县2031年生产总值", "经济 地区生产总值 亿元")
    assert not is_of_a_part("全县生产总值", "经济 地区生产总值 亿元")


def test_a_row_that_counts_otherwise_tells_no_count_of_another_kind() -> None:
    assert is_counted_otherwise("建成高标准农田多少亩", "")
    assert not is_counted_otherwise("建成高标准农田多少亩", "万亩")
    assert not is_counted_otherwise("外贸做了多少个亿", "亿元")


def test_a_name_is_the_same_with_or_without_its_rank() -> None:
    assert not names_another("区二医院为什么没开", "区第二人民医院推迟启用")
    assert names_another("区二医院为什么没开", "区第一人民医院推迟启用")


def test_what_was_found_out_is_a_reason() -> None:
    assert gives_reason("对两次被查实缺斤短两的3家店依法吊销许可。")
    assert not gives_reason("新馆建成开放。")


@pytest.mark.parametrize(
    ("asked", "said", "apart"),
    [
        ("白河蓄能电站规划装机规模", "新增装机12万千瓦；争取白河蓄能电站列入规划。", True),
        ("白河蓄能电站装机有多少", "新增装机12万千瓦；争取白河蓄能电站列入规划。", True),
        ("白河蓄能电站装机有多少", "争取白河蓄能电站列入规划，装机12万千瓦；修路3条。", False),
        ("白河蓄能电站礼拜几能参观", "新增装机12万千瓦；白河蓄能电站每周五开放。", False),
        ("红河蓄能电站装机有多少", "新增装机12万千瓦；争取白河列入规划。", False),
    ],
)
def test_a_number_of_another_part_of_the_sentence_is_no_answer(asked: str, said: str, *, apart: bool) -> None:
    assert figure_stands_apart(asked, ["蓄能电站"], said) is apart
