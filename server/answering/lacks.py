"""Which words an answer must hold, told by the words that ask: pure comparisons of a question with a sentence found.

All take plain text (`plain`). They know how Chinese asks and how such reports tell, and nothing of a report.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from server.answering.claims import BUILDING_ENDS, PLACE_ENDS, named
from server.answering.matching import match
from server.answering.numbers import figures
from server.answering.plain import bigrams
from server.answering.wants import wanted_unit

MEASURED_MATCH = 0.6
"""How well a measure asked for must stand in the words found, itself or in other words."""
_HAN_COUNT = "一二两三四五六七八九十百"
_COUNTERS = "个家人户处项条座所次件名位场栋套种类批间亩吨米元年月天倍成点"
_PLACE_OF = r"(?:[路街巷]|大道|胡同|广场|片区|地块|园区|开发区|产业园|新区|社区|[乡镇村])"
_NEEDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(asks), re.compile(holds))
    for asks, holds in (
        (
            r"中标|承建|承包|施工(?:单位|方|企业)|(?:建设|运营|管理|承办|主办|托管)(?:单位|机构|公司)(?:是|名称|$|[，。？?])|(?:哪|什么)(?:一?[家个])?(?:公司|企业|单位|集团|施工队)[^，。？]{0,3}(?:(?<![共组筹创])建|修|盖|造|承|中标|施工)|谁(?:来)?(?:承?建|修|盖|造)的?(?:$|[，。？?])",
            r"中标|承建|承包|施工单位|(?:建设|运营|管理|承办|主办)单位|由[^，。；]{2,20}(?:建|修|实施|承担|施工|负责|运营|管理|承办)",
        ),
        (
            r"(?:哪(?:一)?年|什么时候|啥时候|何时|几时|多会儿)[^，。？]{0,8}(?:能|可以|才|[通开建完修竣坐用入搬交领发到])",
            r"\d年|\d+月|[上下]半年|季度|年[底内初末]|月[底初]|\d+[日天]|[今明去]年|春节|[寒暑]假|暑期|国庆|工期|每[周月日天]|已|完成|建成|开放|投用|通车|开通|启用",
        ),
        (
            r"牵头|主办方|承办方|责任(?:单位|部门|人)|主管(?:单位|部门)|归(?:谁|哪)[^，。？]{0,6}(?:管|负责)",
            r"牵头|主办|承办|负责|责任|主管|由[^，。；]{2,}",
        ),
        (
            r"具体(?:日期|时间)|几月几[日号]|(?<![好这那哪没])(?:几|哪)[号日天](?!子|[楼院线])",
            r"\d+月|\d+[日号]|[上中下]旬|月[初底末]|年[初底]|季度|每[周月日天]|周[一二三四五六日末]|\d+(?:个工作日|天|小时)|当[日天]",
        ),
        (
            r"(?:在|上|去)?哪(?:里|儿|个[^，。？]{1,6})?(?:能|可以)?(?:抢|领(?!域|先|导)|下载|预约|报名)",
            r"平台|小程序|APP|app|公众号|网站|窗口|中心|大厅|现场|银行|线上|线下|社区|街道|[路街]\d",
        ),
        (
            r"还剩|剩(?:下|余)?的?(?:有|还有)?(?:多少|几)|还欠(?:多少|几)|还有(?:多少|几)[^，。？]{0,8}(?:没|未)",
            r"剩|余|尚|还有|未|仍|欠",
        ),
        (
            r"收不收[费钱]|[要收掏花交]钱[吗么不没啊呀]?(?:$|[，。？?])|收费[吗么不没]|免不免费|学费|怎么收费|咋收费|出不出钱",
            r"费|免|元|价|收取|自付|补[贴助]|[无有]偿|承担|财政|承租|出资",
        ),
        (r"罚(?:款)?(?:多少|几)", r"罚"),
        (
            r"(?<!均)(?:[一-鿿]人|[者员生士民众])(?:的)?数(?:量)?(?=$|[，。？?是有])|人数(?=$|[，。？?是有])",
            r"(?:\d|[一二两三四五六七八九十百])[余多]?[千万亿]*[余多]?[人名位户]|%",
        ),
        (r"朝代|年代|哪(?:个)?朝", r"朝|代|世纪|时期"),
        (
            r"买[方家]|购买[方人者]|采购[方人]|卖给(?:了)?(?:谁|哪)|谁(?:来)?买(?:了|的|走)|交付给(?:了)?(?:谁|哪)|客户是(?:谁|哪)",
            r"买[方家]|购买[方人者]|采购|客户|卖给|售予|交付给|向[^，。；]{2,16}(?:出售|交付|销售)|由[^，。；]{2,16}(?:购买|购入|受让|收购)",
        ),
        (r"重伤|轻伤", r"重伤|轻伤"),
        (
            r"上限|封顶|最多(?:准|能|可以?|许)?[^，。？]{0,4}(?:涨|加(?!装|入)|提价)|最高限价",
            r"上限|封顶|最[高多]|不(?:超过|高于|得超)|以内|限",
        ),
        (r"赔(?:偿|付)?(?:多少|几)", r"赔"),
        (r"投资额|投资(?:是|有|了|额)?多少|多少投资", r"投资|造价|投入"),
        (r"造价", r"造价|投资|投入"),
        (r"纳税|缴税|交税|上税", r"税"),
        (r"票价|门票|一张票|票(?:钱|多少)", r"票价|门票|票|免费"),
        (r"工资|薪水|月薪|年薪", r"工资|薪|报酬|收入"),
        (
            r"(?:平均|人均|户均)[^，。？]{0,4}(?:收入|挣|到手)|到手(?:的?钱)?[^，。？]{0,3}(?:多少|几)|(?:收入|挣钱)线",
            r"收入[^，。；]{0,8}\d|人均|户均|[人户]均增收|工资",
        ),
        (r"月租|房租|租金", r"免租|租金|月租|房租|租赁价|每[月平][^，。；]{0,6}元"),
        (r"售价|单价|卖(?:多少|几)", r"售价|单价|每[斤公吨]|价格"),
        (
            r"资金来源|钱从哪|谁(?:来)?(?:出|掏|付|承担|负担|买单)",
            r"资金|财政|专项债|债券|投入|出资|补助|自筹|贷款|业主|缴纳|承担|负担|统筹",
        ),
        (
            r"占比(?:是|为|有|约)?(?:多少|几|$|[，。？?])|占(?:了)?(?:百分之)?(?:多少|几成?)(?![个家])",
            r"%|百分之|[一二三四五六七八九]成|一半|分之",
        ),
        (
            r"排(?:名)?(?:在)?(?:第几|老几|多少(?=[名位]|[，。？?]|$))|第几(?![年次届批期轮条章])|名次|位次|排名(?:情况)?(?:是|如何|怎样|怎么样)?(?:$|[，。？?])",
            r"第[一二三四五六七八九十\d]|首位|榜首|前列|最[优高好]|位居|末位|名列",
        ),
        (
            r"绝对[额值数]|总量(?=$|[，。？?是为有多])",
            r"(?:\d[余多]?[百千]?[万亿]*|[万亿])[余多]?(?:[元人户家吨亩件个辆张头只]|[立平]方米|公里|公顷|千瓦)|[万亿]元|[元吨人家户件]\d",
        ),
        (
            r"最[多少高低大小快好]的(?!\d)[^，。？]{0,10}(?:哪|谁|类别|类型|种类)|(?:哪|谁)[^，。？]{0,12}最[多少高低大小快]",
            r"最[多少高低大小快]|最(?:集中|突出|主要)|集中在|主要|首位|第一|居首|榜首|领跑",
        ),
        (
            r"(?<![效汇频功税利概速费])率[^，。？]{0,10}(?:多少|百分之几|几|多高)|(?<![效汇频功税利概速费])率(?:[？?。]|$)",
            r"%|百分|率[^，。；]{0,8}\d|[一二三四五六七八九两]成|全覆盖|全部|清零",
        ),
        (
            r"多少(?:个|名|位|万)?(?:人|居民|老人|学生|孩子|群众|职工|患者|游客)(?!均)",
            r"(?:\d|[一二两三四五六七八九十百])[余多]?[千万亿]*[余多]?(?:人|名|位|户)|人次|%|成|一半|半数|户均",
        ),
        (
            r"几点(?:钟)?(?:开|关|闭|上|下|到|营业|起|结束|能|放|发|抢|始)|(?:开放|营业|上班|办公|闭馆|关门)时间",
            r"\d[时点:：]|小时|全天|[早晚午]\d?",
        ),
        (
            r"(?:怎么|怎样|如何|咋)(?:个)?(?:抽签|注册|授权|约座|预订|认定|评选|评出来|评的|选出来|分配|取号|缴费|退款|收费)",
            r"抽签|注册|授权|预约|预订|认定|评[选定审]|推[选荐]|选[拔聘]|分配|摇号|取号|缴|退款|收费|费用",
        ),
        (r"多少[万亿]*元|几[百千万亿]*元|损失[^，。？]{0,4}多少", r"元"),
        (
            r"按(?:乡镇|镇街|街道|社区|区县|年龄|性别|行业|季度|月份?|类别?)(?:分|列|统计|来|看|各)|分(?:乡镇|镇街|街道|村|区县|县区|国别|年龄|性别|行业|学段|品种|类别|部门|季度|地区|学校|社区)(?:的)?(?:各|数|情况|统计|明细|人数|[，。？?]|$|来?看)|各(?:个)?(?:乡镇|街道|[镇村]|区县|社区|行业|学校|国)(?:分别|各)?(?:是|有|占)?(?:多少|几)",
            r"分别|[一-鿿]{2}\d[^，。；、]*、[一-鿿]{2,}\d",
        ),
        (r"下一?[场届次期批回轮]", r"下一?[场届次期批轮]|将于|定于|\d月\d+日"),
        (r"增速|增幅|增长率|涨幅", r"%|百分点|同步|持平|翻番|倍|分之|正增长|高于|低于|快于"),
        (
            r"地址|建设地点|选址|新址|在什么(?:位置|地方)|在哪(?:条|一条|个)(?:街|路|巷|胡同|大?道|村|乡|镇)|(?:选|建|设|定|落|盖|修)(?:在|到)了?哪(?![些个]地区)|哪几(?:个地(?:儿|方|点)|条(?:街|路|巷))|搬(?:到|去|往)了?哪|几号院",
            rf"周边|布局|位于|坐落|地处|毗邻|落户|选址(?:于|在|为|定)|(?:在|于|到)[^，。；]{{2,16}}{_PLACE_OF}|[一-鿿]{{2,6}}(?:路|街|巷|大道|胡同)(?:\d|[及和、，。；沿南北东西]|$)|{_PLACE_OF}[一-鿿]{{0,4}}(?:建成|新建|建设|设立)",
        ),
        (r"收费标准|停(?:一|车)[^，。？]{0,6}(?:收|多少钱|几块)", r"收费|元/|每(?:小时|次|月|天|日)|免费"),
    )
)
_HOW_MANY = re.compile(
    rf"多少(?!人不|年来|有|会|能)|(?<![好这那哪没])几[{_COUNTERS}]|百分之几|多[大高长远](?!的?事|程度)"
)
_TELLS_HOW_MANY = re.compile(
    rf"\d|[{_HAN_COUNT}半双][{_COUNTERS}成倍]|全[覆部面区市县都]|均|都|零|无|没有|未|不|翻番|成倍|同步|持平|首|唯一|多(?:个|家|项)|若干"
)
_PER = re.compile(
    r"(?<![第])一(?:个)?(?:斤|公斤|吨|张|月|年|次|小时|钟头|平米?|平方米?|亩|天|宿|晚|位|口人)[^，。？]{0,10}(?:多少|几[块毛元十百千万])"
)
_EACH = re.compile(r"每|全年|门票|票价|票\d|一[斤张月年次亩天个]|/|均|单[价家个户]|年度|标准|免费")
_BRACKETED = re.compile(r"[（(](?:单位[:：]?)?[万亿千百]*([一-鿿%]{1,4}?)[)）]\s*[？?]?$")
_COMPARES = re.compile(r"[比差较多少高低]了?(?:多少|几)|相差|合计|加起来|总共加|比(?:前|去|上|今)年|分别|各")
_WHICH_KIND = re.compile(
    r"哪(?:一)?(?:个|家|所|条|座|片|些|几[个家所条])?(街道|社区|行政村|村|乡镇|乡|镇|学校|中学|小学|医院|公司|银行|部门|城市|胡同|公园|酒店|网点|大学|高校|水库|车站)"
)
_KIND_ENDS = {
    "部门": "[局委办部院会]|部门",
    "城市": "市",
    "网点": "网点|[路街店]",
    "行政村": "村",
    "高校": "大学|学院",
    "学校": "[小中]学|学校|学院|大学|幼儿园|校",
    "乡镇": "[乡镇]",
    "公司": "公司|集团|企业|厂",
}
"""How the names of a kind end, where not in the kind itself."""
_NOT_A_NAME = re.compile(r"(?:\d|[各个所家条座某每该全本多些有入出下农到撤并])$")
_NAMES_WANTED = re.compile(
    r"哪|叫(?:什么|啥)|(?:项|个|条|家|处|件)[^，。？]{0,6}是(?:什么|啥|谁)|名单|名称|(?:都|分别)是(?:谁|什么|啥)|[路街校站店厂村院馆园]名(?:[？?，。]|$)|(?:请)?列(?:出|一下)?[^，。]{0,6}名"
)
_COUNT = re.compile(
    rf"(?<![第\d.])(?:(\d+)|([{_HAN_COUNT}]+))[余多]?(家|个|处|项|条|座|所|部|种|类|样|支|只|块|片|名|位|批|档|栋|届)(?!百分|多?月|小时|季度)"
)
_ENUMERATED = re.compile(r"一是|二是|[（(]一[)）]|①|第一[，、]|：[^。；]*[、；]|分别[为是]|包括|即|分为")
_MEMBERS = re.compile(
    r"((?:[^，。；、：]{2,14}、)+[^，。；、：]{2,14}?)(?:等)?(\d+|[二两三四五六七八九十]+)(?:家|个|处|项|条|座|所|种|类|大)"
)
_PART_OF = re.compile(
    r"(?:里头|里面|里边|当中|其中|[件人户个家套张辆岗位券率箱资业生款目物员]里)(?P<part>[一-鿿]{2,8}?)(?:的)?(?:能|要)?(?:有|占|分到|是|拿到|留给)了?(?:多大|多少|几)"
)
_MEASURED = re.compile(
    r"限速|限[高重宽]|利率|入住率|出租率|收益率|不良(?:贷款)?率|亩产|单产|均价|房价|水价|电价|月租|押金|保费|罚款|间隔|[首末]班车?|班次|展位|层高|高度|深度|宽度|容积率|建筑面积|学员|藏书量?|编制|坪效|月产|日产|年产|支出|存款|寿命|工期|保修|担保人|抵押|传染率|复购率|出勤率|离职率|及格率|升学率|录取率|录取线|分数线"
)
_RATE = re.compile(
    r"(?!(?:增长|下降|完成|上升|变化|同比|环比|回落|降低|提高|[一-鿿][占比概效频税功利费汇速长])率)[一-鿿]{2}率(?![先领])"
)
_REASON = re.compile(
    r"因|由于|导致|影响|受|主要是|原因|为了|(?:^|[，；。：])为(?!\d)|鉴于|考虑|旨在|以便|针对|面对|不足|不利|不够|不高|不强|不畅|困难|难|短板|矛盾|压力|推迟|延[期至后]|根据|按照|有利于|解决|推动|促进|提升|避免|防止|减少|缓解|得益于|带动|拉动|支撑|回升|基数|查[实处获]|违[反规法章]"
)
_TOGETHER = re.compile(r"[这那]?几[个家条处场所]|一共|总共|加起来|合计|[这那]些")
"""Asks of several as one."""
_OWN_NAME = 4
"""Characters at the end of a name that are its own: two before 集团 or 银行."""
_MONEY = re.compile(r"\d[\d.,]*[余多]?[十百千万亿]*[余多]?[美欧日港]?元")
_SPENT_ON = re.compile(
    r"^(?:用于|支持|投向|惠及|帮助|购买|建设|新建|改造|其中|为|向|对|实施|完成|开展|推进|给予|奖励|补贴|覆盖|发放|继续|持续|启动|全面|深入)"
)


def lacks(asked: str, said: str) -> bool:
    """Whether `said` lacks a kind of words that `asked` asks for in so many words."""
    if any(asks.search(asked) and not holds.search(said) for asks, holds in _NEEDS):
        return True
    if _PER.search(asked) and not _EACH.search(said):
        return True
    return any(test(asked, said) for test in (lacks_part, lacks_measured, lacks_unit, lacks_kind, names_another))


def lacks_part(asked: str, said: str) -> bool:
    """Whether it is asked how much of a whole something is (甲里乙有多少), and `said` has nothing of that part."""
    part = _PART_OF.search(asked)
    return part is not None and not any(pair in said for pair in bigrams(part["part"]))


def lacks_measured(asked: str, said: str) -> bool:
    """Whether a measure that nothing else stands for is asked for, such as a rate of interest, and `said` has none."""
    rates = (rate for rate in _RATE.findall(asked) if rate[:-1] not in said)
    return any(match(noun, said) < MEASURED_MATCH for noun in (*_MEASURED.findall(asked), *rates))


def lacks_unit(asked: str, said: str) -> bool:
    """Whether a unit written in brackets behind the question, as in 发案数（起）, measures nothing in `said`."""
    unit = _BRACKETED.search(asked)
    return unit is not None and not re.search(rf"\d[余多]?[十百千万亿]*[余多]?{re.escape(unit[1])}", said)


def names_another(asked: str, said: str) -> bool:
    """Whether something is asked of a hospital, school or other body by its name, and `said` only names another one."""
    for claim in (claim for claim in named(asked) if claim.sort not in BUILDING_ENDS):
        others = [other.verb for other in named(said) if other.sort == claim.sort]
        if others and not any(_is_same_name(claim.verb, other) for other in others):
            return True
    return False


def is_of_a_part(asked: str, said: str) -> bool:
    """Whether something is asked of a street or a town by its name, which `said`, a row for the whole place, has not."""
    return any(claim.sort == PLACE_ENDS and claim.verb not in said for claim in named(asked))


def _is_same_name(one: str, other: str) -> bool:
    """Whether two names may be one, long and short, or with a word before it that was read as a part of it."""
    return set(one) <= set(other) or set(other) <= set(one) or one[-_OWN_NAME:] == other[-_OWN_NAME:]


def lacks_any_figure(asked: str, said: str) -> bool:
    """Whether a number is asked for in so many words, and nothing in `said` is a number or stands for one."""
    return bool(_HOW_MANY.search(asked)) and not _TELLS_HOW_MANY.search(said)


def lacks_measure(asked: str, said: str) -> bool:
    """Whether a count of 户, 间 and the like is asked for, and nothing in `said` is counted so."""
    measure = re.search(r"(?:多少|几)([户间张辆套栋亩吨起])(?!月|来|点)|([户间张辆套栋起])数(?=$|[，。？?])", asked)
    if not measure:
        return False
    unit = {"户": "[户家]", "间": "[间个套]", "栋": "[栋座幢]"}.get(measure[1] or measure[2], measure[1] or measure[2])
    return not re.search(rf"(?:\d|[{_HAN_COUNT}])[余多]?[十百千万亿]*[余多]?{unit}", said)


def lacks_kind(asked: str, said: str) -> bool:
    """Whether one of a kind is asked for by 哪个街道 and its like, and `said` names none of that kind."""
    kind = _WHICH_KIND.search(asked)
    if not kind:
        return False
    end = _KIND_ENDS.get(kind[1], kind[1])
    if re.search(rf"[一-鿿]、[^，。；、]{{1,12}}(?:{end})", said):
        return False
    return not any(
        m.start() and re.match(r"[一-鿿A-Za-z]", said[m.start() - 1]) and not _NOT_A_NAME.search(said[: m.start()])
        for m in re.finditer(end, said)
    )


def gives_reason(said: str) -> bool:
    """Whether `said` has any word with which reasons, obstacles or aims are told."""
    return bool(_REASON.search(said))


def is_comparison(asked: str) -> bool:
    """Whether a figure told in the question is to be compared or added to, so that it may stand in the answer."""
    return bool(_COMPARES.search(asked))


def only_figures_of_question(asked: str, said: str) -> bool:
    """Whether a number is asked for and all numbers of the wanted unit in `said` are those the question itself tells."""
    unit = wanted_unit(asked)
    there = [f for f in figures(said) if not re.match(r"[年月日]", f.unit)]
    there = [f for f in there if unit is None or unit.search(f.unit)] or there
    own = {(figure.value, figure.unit) for figure in figures(asked)}
    if not there or not own or is_comparison(asked):
        return False
    return all((figure.value, figure.unit) in own for figure in there)


def lacks_names(asked: str, said: str) -> bool:
    """Whether the names of things counted in the question are asked for, and none stand beside their count in `said`.

    A list elsewhere in the sentence names something else.
    """
    wanted = _COUNT.search(asked)
    if not wanted or not _NAMES_WANTED.search(asked) or _ENUMERATED.search(said):
        return False
    number = _value(wanted)
    if any(len(re.split(r"、|和|及|与", part)) == number for part in re.split(r"[，。；：]", said)):
        return False
    return not any(_value(count) == number and _names_beside(said, count.start()) for count in _COUNT.finditer(said))


def _names_beside(said: str, at: int) -> bool:
    """Whether names are listed in the clause of the count that stands at `at`."""
    start = max(said.rfind(mark, 0, at) for mark in "，。；：") + 1
    end = min((found for mark in "，。；：" if (found := said.find(mark, at)) >= 0), default=len(said))
    before = said[start:at]
    listed = [item for item in re.split(r"、|[和与及]", said[start:end]) if item]
    names = [item for item in listed[:-1] if not re.search(r"\d", item)]
    return before.endswith("等") or bool(names)


def _value(count: re.Match[str]) -> int:
    if count[1]:
        return int(count[1])
    import cn2an  # it takes longer to import than to answer most questions, which need it not

    try:
        return int(cn2an.cn2an(count[2].replace("两", "二"), "smart"))
    except ValueError:
        return 0


def belongs_to_all(asked: str, said: str) -> bool:
    """Whether a number is asked of one of several that `said` lists and counts together: A、B、C三条…412亿元."""
    if _TOGETHER.search(asked):
        return False
    for listed in _MEMBERS.finditer(said):
        members = [re.sub(r"^.*?(?=[一-鿿]{2,8}$)", "", member) for member in listed[1].split("、")]
        named = [member for member in members if member in asked]
        if len(named) == 1 and len(members) > 1 and figures(said[listed.end() :]):
            return True
    return False


def money_stands_apart(words: Sequence[str], said: str) -> bool:
    """Whether all sums of money in `said` stand before the clause that speaks of `words`, the heaviest first, or apart."""
    parts = re.split(r"[；;。]", said)
    named = next((word for word in words if word in said), None)
    if named is None:
        return False
    return not any(_pays(part, named) for part in parts if named in part)


def _pays(part: str, named: str) -> bool:
    """Whether a sum of money stands in the clause of `named`, behind it, or right before it where it is spent on it."""
    clauses = re.split(r"[，,：]", part)
    at = next(i for i, clause in enumerate(clauses) if named in clause)
    if any(_MONEY.search(clause) for clause in clauses[at:]):
        return True
    return bool(at and _MONEY.search(clauses[at - 1]) and _SPENT_ON.match(clauses[at]))
