"""Which words an answer must hold, told by the words that ask: pure comparisons of a question with a sentence found.

All take plain text (`plain`). They know how Chinese asks and how such reports tell, and nothing of a report.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.synonyms import synonyms
from server.answering.claims import BUILDING_ENDS, PLACE_ENDS, named
from server.answering.matching import match
from server.answering.needs import needs_more
from server.answering.numbers import figures
from server.answering.plain import bigrams
from server.answering.wants import wanted_unit

MEASURED_MATCH = 0.6
"""How well a measure asked for must stand in the words found, itself or in other words."""
_HAN_COUNT = "一二两三四五六七八九十百"
_COUNTERS = "个家人户处项条座所次件名位场栋套种类批间亩吨米元年月天倍成点"
_GROUP_OF_AGE = re.compile(r"\d+(?:周?岁)?[-—~～至到]\d+周?岁")
_COUNTY = re.compile(r"(?<![一-鿿])[^\W\d个各全本我该每两几这那哪]{2}[县旗](?![城域里级])")
_PHASE = re.compile(r"(?<!第)[一二三四五]期(?!间)")
_HOW_MANY = re.compile(
    rf"多少(?!人不|年来|有|会|能)|(?<![好这那哪没])几[{_COUNTERS}]|百分之几|多[大高长远](?!的?事|程度)"
)
_HOW_LARGE = re.compile(r"(?:规模|容量|面积|长度|里程|高度|数量)[？?。]*$")
_TELLS_HOW_MANY = re.compile(
    rf"\d|[{_HAN_COUNT}半双][{_COUNTERS}成倍]|全[覆部面区市县都]|均|都|零|无|没有|未|不|翻番|成倍|同步|持平|首|唯一|多(?:个|家|项)|若干"
)
_PER = re.compile(
    r"(?<![第这那近])一(?:个)?(?P<unit>斤|公斤|吨|张|月|年|次|小时|钟头|平米?|平方米?|亩|天|宿|晚|位|口人)[^，。？]{0,10}(?:多少|几[块毛元十百千万])"
)
_UNIT_OF = {
    "斤": "斤",
    "公斤": "斤",
    "吨": "吨",
    "亩": "亩",
    "小时": "小时",
    "钟头": "小时",
    "平方米": "平方米",
    "平米": "平方米",
}
"""The units of which there must be a word where something is asked for one of them."""
_EACH = re.compile(r"每|全年|门票|票价|票\d|一[斤张月年次亩天个]|/|均|单[价家个户]|年度|标准|免费")
_BRACKETED = re.compile(
    r"[（(](?:单位[:：])?[万亿千百]*(%|[元个家人户处项条座所件名场栋套辆台起例亩吨米张岁倍][次时]?|平方米|立方米|公里|公顷|公斤|千瓦时?|微克|毫克|小时|百分点|绝对[额数值])[)）]\s*[？?]?$"
)
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
    r"哪|叫(?:什么|啥)|(?:项|个|条|家|处|件)[^，。？]{0,10}是(?:干|做|管)?(?:什么|啥|谁)|名单|名称|(?:都|分别)是(?:谁|什么|啥)|[路街校站店厂村院馆园]名(?:[？?，。]|$)|(?:请)?列(?:出|一下)?[^，。]{0,6}名"
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
    r"限速|限[高重宽]|利率|入住率|出租率|收益率|不良(?:贷款)?率|亩产|单产|均价|房价|水价|电价|月租|押金|保费|罚款|间隔|[首末]班车?|班次|展位|层高|高度|深度|宽度|容积率|建筑面积|学员|藏书量?|编制|坪效|月产|日产|(?<!\d)年产(?!值)|支出|存款|寿命|工期|保修|担保人|抵押|库容|装机容量|传染率|复购率|出勤率|离职率|及格率|升学率|录取率|录取线|分数线"
)
_BROKEN_DOWN = re.compile(r"按(?!期|时|照|计划)([一-鿿]{2,3})[、和与及]([一-鿿]{2,3})(?:分别|各|来?分|统计|拆)")
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
    if needs_more(asked, said):
        return True
    per = _PER.search(asked)
    if per and not (_EACH.search(said) and _UNIT_OF.get(per["unit"], "") in said):
        return True
    return any(
        test(asked, said)
        for test in (
            lacks_part,
            lacks_measured,
            lacks_unit,
            lacks_kind,
            names_another,
            is_of_another_phase,
            lacks_breakdown,
        )
    )


def lacks_breakdown(asked: str, said: str) -> bool:
    """Whether something is asked by two of its parts (按进口、出口), and `said` does not tell both."""
    parts = _BROKEN_DOWN.search(asked)
    return parts is not None and not all(part in said for part in parts.groups())


def is_of_another_phase(asked: str, said: str) -> bool:
    """Whether something is asked of one phase (一期), and `said` only speaks of another."""
    own, there = set(_PHASE.findall(asked)), set(_PHASE.findall(said))
    return bool(own and there) and not own & there


def lacks_part(asked: str, said: str) -> bool:
    """Whether it is asked how much of a whole something is (甲里乙有多少), and `said` has nothing of that part."""
    part = _PART_OF.search(asked)
    return part is not None and not any(pair in said for pair in bigrams(part["part"]))


def lacks_measured(asked: str, said: str) -> bool:
    """Whether a measure that nothing else stands for is asked for, such as a rate of interest, and `said` has none."""
    measures = _MEASURED.findall(asked)
    rates = (rate for rate in _RATE.findall(asked) if rate[:-1] not in said)
    if any(match(noun, said) < MEASURED_MATCH for noun in (*measures, *rates)):
        return True
    # The characters of a short word stand too often apart: it must be there itself, or a synonym.
    short = (noun for noun in measures if len(noun) < 3)
    return any(all(word not in said for word in (noun, *synonyms().get(noun, ()))) for noun in short)


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
    """Whether something is asked of a town, another county or an age group, which `said`, a row for the whole, has not."""
    if any(claim.sort == PLACE_ENDS and claim.verb not in said for claim in named(asked)):
        return True
    group = _GROUP_OF_AGE.search(asked)
    return bool(group and group[0] not in said) or any(place not in said for place in _COUNTY.findall(asked))


def is_of_another_part(asked: str, said: str) -> bool:
    """Whether something is asked of a town, a village or a street that `said`, a sentence, does not name, in short either."""
    towns = (claim.verb for claim in named(asked) if claim.sort == PLACE_ENDS)
    return any(re.sub(f"(?:{PLACE_ENDS})$", "", town)[-2:] not in said for town in towns)


def _is_same_name(one: str, other: str) -> bool:
    """Whether two names may be one, long and short, or with a word before it that was read as a part of it."""
    first, second = (set(name) - set("区市县省第") for name in (one, other))
    return first <= second or second <= first or one[-_OWN_NAME:] == other[-_OWN_NAME:]


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


def is_counted_otherwise(asked: str, unit: str) -> bool:
    """Whether a count of 亩, 间 and the like is asked of a table row that counts in another unit, or in none."""
    measure = re.search(r"(?:多少|几)[十百千万]*(公里|平方米|[亩间栋辆])(?!月|来|点)", asked)
    return measure is not None and measure[1] not in unit


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
    if not wanted or not _NAMES_WANTED.search(asked):
        return False
    number = _value(wanted)
    # What is listed before the clause of the count is something else.
    named = next((said[count.start() :] for count in _COUNT.finditer(said) if _value(count) == number), "")
    start = said.rfind("，", 0, len(said) - len(named)) + 1 if named else 0
    behind = said[start:]
    if _ENUMERATED.search(behind) or any(
        len(re.split(r"、|和|及|与", part)) == number
        for part in re.split(r"[，。；：]", behind)[: 2 if named else None]
    ):
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
        if re.search(r"\d", listed[1]):
            continue
        members = [re.sub(r"^.*?(?=[一-鿿]{2,8}$)", "", member) for member in listed[1].split("、")]
        named = [member for member in members if member in asked]
        if len(named) == 1 and len(members) > 1 and figures(said[listed.end() :]):
            return True
    return False


def money_stands_apart(words: Sequence[str], said: str) -> bool:
    """Whether all sums of money in `said` stand before the clause that speaks of `words`, the heaviest first, or apart."""
    named, parts = _speaking_of(words, said)
    return bool(parts) and not any(_pays(part, named) for part in parts)


def figure_stands_apart(asked: str, words: Sequence[str], said: str) -> bool:
    """Whether a number is asked for, and the parts of `said` that speak of `words`, the heaviest first, have none."""
    if not (_HOW_MANY.search(asked) or _HOW_LARGE.search(asked)):
        return False
    _, parts = _speaking_of(words, said)
    return bool(parts) and not any(_TELLS_HOW_MANY.search(part) for part in parts)


def _speaking_of(words: Sequence[str], said: str) -> tuple[str, list[str]]:
    """The first of `words` that stands in `said`, and the parts between semicolons that have it; none where none stands."""
    named = next((word for word in words if word in said), "")
    return named, [part for part in re.split(r"[；;。]", said) if named and named in part]


def _pays(part: str, named: str) -> bool:
    """Whether a sum of money stands in the clause of `named`, behind it, or right before it where it is spent on it."""
    clauses = re.split(r"[，,：]", part)
    at = next(i for i, clause in enumerate(clauses) if named in clause)
    if any(_MONEY.search(clause) for clause in clauses[at:]):
        return True
    return bool(at and _MONEY.search(clauses[at - 1]) and _SPENT_ON.match(clauses[at]))
