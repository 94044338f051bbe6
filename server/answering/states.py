"""What a question tells to have become of something, held against what the words found tell of it.

Each test takes a clause told and the words found, and says whether these deny it. They know how Chinese tells that
something is done, halted, rising, for all or for none, and how such reports write it; nothing of a report.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from server.answering.doers import other_cause, other_doer
from server.answering.focus import PAIR, likeness, parts
from server.answering.found_words import Words

_BUILT = (
    r"完工|竣工|建成|落成|(?:[建修盖造弄改装拆搬清办选铺签落走]|搞|整治|分配|改造|拆迁|安置|投放|干|做)(?:好|完|成|通)|通车|开通|投用|启用|投入使用|投入运[行营]|投产|并网|"
    r"开业|开街|开诊|开馆|开园|开放|开门|交付|交房|运行|运营|上线|揭牌|挂牌|验收|发电|通水|通气|贯通|获批|批下来|评上|落地|达标|办结|清零|收官|完成(?![^，]{0,6}(?:\d|投资|主体|施工|勘察|设计|审批|报批|征收))"
)
_FINISHED = rf"(?<!主体)(?<!试)(?:{_BUILT})(?![\d前])"
_STARTED = r"动工|开工|启动|开挖|开建|开始(?!运)"
_DONE_TOLD = re.compile(
    rf"(?:{_BUILT}|{_STARTED}|铺开|齐|[装盖交通用]|到账|到位|[更]?换|覆盖|全|有|到\d[\d.%万亿]*[^，]{{0,3}}|过\d[^，]*)[^，]{{0,6}}了"
    rf"|(?:已经?|早就)[^，]{{0,12}}(?:{_BUILT}|{_STARTED}|是|有|到|过|\d)|都[^，]{{0,10}}(?:{_BUILT})|(?:{_BUILT}|{_STARTED})(?:后|以后|吧)|[\u4e00-\u9fff]{{2}}后$|[去前]年[^，]{{0,12}}了|(?:已经?|早就)[^，]+了|[\u4e00-\u9fff](?:完|好|齐|满|光|成)了"
)
_AHEAD = re.compile(
    r"今年|明年|后年|(?<![去\d])年底|下半年|将|要(?!求)|打算|计划|预计|准备|争取|会(?![展议馆客])|(?<![可性功职才智节])能(?![源力耗量效])|以后|再|继续|想|月底|目标"
)
_THEN = re.compile(r"^(?!.*(?:已|早|年|前|昨)).*就")
"""Tells what follows, not what is."""
_STAGE = re.compile(
    rf"主体|{_STARTED}|洞通|铺轨|前期|推进|加快|在建|完成\d+(?:\.\d+)?%|总投资的|完成投资|勘察|设计|通过中期|征收|签约|首批|试点|未能|尚未|仍|暂|推迟|延[期至]|顺延|计划|确保|力争|预计|复工|未按|未到位|首期|立项|批复|创建|正在|方案|论证|审查|可研"
)
_PLANNED = re.compile(r"(?<!行动)计划|力争|预计|确保|将|拟|争取|年底前|月底前|月前")
_UNDONE_TOLD = re.compile(
    r"(?:还|尚|仍|一直|迟迟|到现在)(?:没|未)|没(?!完成)[^，]{0,3}(?:建|开|通|修|交付|盖|装|动工|投|上线|解决|推|搞|启动)|(?:还|仍)(?:在|是)[^，]{0,3}(?:招标|建|修|施工|排队|盖|改造|选址|装修|整治)|停工|停[摆建]|烂尾|搁置|叫停|停止|中断|黄了|不[建办搞修]了|取消|停了|作废|没了下文|不动了"
)
_GIVEN_UP = re.compile(r"不[建办搞修]了|黄了|取消|作废")
_PUT_OFF = re.compile(r"推迟|顺延|延[至期后]|投用时间")
_NOT_BEGUN = re.compile(r"没(?:动工|开工|启动|推|搞|动)|停|取消|不[建办搞修]了|黄了|作废|搁置|中断")
_GOING = re.compile(
    rf"{_BUILT}|{_STARTED}|主体|建设|推进|推广|实施|新[增开]|扩[大展建]|延[续长]|保持|覆盖|全部|新建|培育|提高|深化|改造|支援|投入|巩固|继续|公开|上调"
)
_HALTED = re.compile(
    r"停[工止办建运]|未[能按]|尚未|未完成|推迟|顺延|取消|终止|暂[停缓不]|不予|仍[在处]|前期|论证|异议|未达|滞后|撤销|延期"
)


def only_planned(told: str, words: Words) -> bool:
    """Told as done, and the words found stand in the plan, or tell an earlier stage of it."""
    if (
        not _DONE_TOLD.search(told)
        or _THEN.search(told)
        or _AHEAD.search(told)
        or _UNDONE_TOLD.search(told)
        or _FAILED.search(told)
    ):
        return False
    if told.endswith("后") and told[-3:-1] in words.said:
        return False
    if words.is_plan:
        return likeness(told, words.near) >= SURELY
    return not re.search("超额|计划|目标|任务|指标", told) and _is_under_way(told, words)


def too_early(told: str, words: Words) -> bool:
    """Told to be finished this year or the next, and the words found name a later year, or only a stage of it."""
    ahead = _AHEAD.search(told) and re.search("就|能|会", told)
    if not ahead or not re.search(_BUILT, told) or _UNDONE_TOLD.search(told):
        return False
    later = [int(year) for year in re.findall(rf"(20\d\d)年[^，；]{{0,10}}(?:{_BUILT}|运营|投入)", words.said)]
    if words.year and any(year > words.year for year in later) and not any(str(year) in told for year in later):
        return True
    return words.is_plan and not re.search(_FINISHED, words.wide) and bool(_STAGE.search(words.wide))


def _is_under_way(told: str, words: Words) -> bool:
    """Whether the words found tell a stage of what is told as finished, or begun, and not that it is."""
    if re.search(_BUILT, told):
        done = re.search(_FINISHED, words.near)
        return bool(_STAGE.search(words.wide)) and not (done and not _PLANNED.search(words.near[: done.start()]))
    return bool(re.search(_STARTED, told) and _STAGE.search(words.wide) and not re.search(_STARTED, words.near))


def already_done(told: str, words: Words) -> bool:
    """Told as not done, halted or given up, and the words found tell it as done or, of the plan, as going on."""
    undone = _UNDONE_TOLD.search(told)
    if _GIVEN_UP.search(told) and likeness(told, words.near) >= PAIR and _PUT_OFF.search(words.wide):
        return True
    if not undone or _FAILED.search(told) or _HALTED.search(words.wide) or likeness(told, words.near) < PAIR:
        return False
    if words.is_plan:
        return bool(_NOT_BEGUN.search(told) and _GOING.search(words.near))
    goes_on = _GOING if _NOT_BEGUN.search(told) else re.compile(_FINISHED)
    return bool(goes_on.search(words.near))


_FAILED = re.compile(
    r"没(?:有|能)?(?:全部|按[时期]|如期)?(?:完成|达标|达到|实现|装够|够数|做到|办完)|未(?:能)?(?:完成|达)|不及预期|落空|泡汤|没够数|失败|没通过"
)
_REACHED = re.compile(
    r"(?<!未)(?<!未能)(?:超额|超(?:过)?(?:年初|年度|计划|目标|预期)|完成[^，。；]{0,14}(?:任务|目标|计划)的1\d\d|(?:完成|达到|实现)[^，。；]{0,8}(?:任务|目标|计划)(?!的\d)|比[^，]{0,4}计划多|提前[^，]{0,6}完成|高于[^，]{0,6}(?:目标|预期|计划)|全部完成|好于|(?:为|占)年度计划的1\d\d|完成率[达为到]*1\d\d|考核获|通过)"
)
_NOT_DONE = re.compile(r"未(?:能)?(?:达到?|完成|实现|如期|按期|开工|建成)|推迟|延至")
_MET_TOLD = re.compile(
    r"超额(?:完成)?|(?:完成|达到|实现|达成)[^，]{0,12}(?:目标|计划|任务|预期)|(?:目标|计划|任务|指标)[^，]{0,6}(?:完成|达到|实现|达成|超)|全部完成|全办完|[高超][于过][^，]{0,8}(?:计划|目标|预期|平均|年)|达标了|跑赢|(?:完全|全部|都)恢复|恢复到[^，]*水平"
)
_MISSED = re.compile(
    r"未(?:能)?(?:达到?|完成|实现)|(?:低|少|慢)于[^，]{0,12}(?:计划|目标|预期|要求|平均|增长|增速)|(?:较|比)[^，]{0,6}(?:计划|目标|预期)(?:低|少|慢)|没有完成|不及|滞后|仅完成|恢复(?:到|至|为)[^，。；]*?(?<!\d)\d{2}(?:\.\d+)?%|差距"
)


def other_outcome(told: str, words: Words) -> bool:
    """A plan is told as missed that was met, or as met that was missed."""
    if words.is_plan:
        return False
    if not _FAILED.search(told) and not _UNDONE_TOLD.search(told) and _DONE_TOLD.search(told):
        missed = (clause for clause in parts(words.said) if _NOT_DONE.search(clause))
        if any(likeness(told, clause) >= SPOKEN for clause in missed):
            return True
    if _FAILED.search(told):
        return bool(_REACHED.search(words.said)) and not _MISSED.search(words.said)
    return bool(_MET_TOLD.search(told) and _MISSED.search(words.said) and not _REACHED.search(words.said))


_WAYS = re.compile(
    r"(?P<up>不降反升|反而[升涨]|上升|升高|升到|增长|增加|增至|提高|提升|上涨|[又都还要]涨|涨[了到价得]|回升|扩大|拉大|延长|上调|调高|变[多大高长]|越来越[多高大好长]|又多|多了|暴涨|前移|猛涨|翻倍|大卖|热销|走高|飙升|比[^，]{0,8}(?:高|多))"
    r"|(?P<down>下降|降低|降[了到至]|回落|下滑|减少|缩小|缩短|下调|调低|变[少小低短]|越来越[少低小]|还?少了|倒退|后退|退了?[一两三\d]|掉[了到]|跌|压[缩减降]|收窄|萎缩|往下[调降走掉]|减产|滑|比[^，]{0,8}(?:低|少)|负增长|缩水|砍)"
)
_WAYS_SAID = re.compile(
    r"(?P<up>增长|增加|上升|提高|提升|上涨|回升|扩大|延长|上调|净增|增至|前移|多\d|升至|翻番|新增|增产)"
    r"|(?P<down>下降|降低|降至|降到|回落|下滑|减少|缩小|缩短|下调|压[缩减降]|少\d|减至|减产|恢复[到至](?:上年|20))"
)
_WAY_LEFT_OPEN = re.compile(r"目标|没|不(?:减|降|涨|会)|幅")
TURNED = 2
"""How like what is told a clause must at least be for its direction to be compared."""
TURNED_MIXED = 4
"""Likewise where the words found tell of both directions."""
SAME_FIGURE = 9
"""What the same figure in it adds to that."""


def other_way(told: str, words: Words) -> bool:
    """Told to have risen what fell, or the other way round."""
    way = _WAYS.search(told)
    if not way or _WAY_LEFT_OPEN.search(told[max(0, way.start() - 3) : way.start()] + told[way.end() : way.end() + 1]):
        return False
    subject, figures = told[: way.start()] or told, set(re.findall(r"\d+(?:\.\d+)?", told))
    ways: list[tuple[int, int, set[str | None]]] = []
    for segment in re.split(r"[；。]", words.said):
        like = 0
        for clause in parts(segment):
            like = max(like, likeness(subject, clause))
            found = {match.lastgroup for match in _WAYS_SAID.finditer(clause)}
            same = bool(figures & set(re.findall(r"\d+(?:\.\d+)?", clause)))
            if found:
                ways.append((like + SAME_FIGURE * same, -len(ways), found))
    is_mixed = len(set().union(*(found for _, _, found in ways))) > 1
    if not ways or max(ways)[0] < (TURNED_MIXED if is_mixed else TURNED):
        return False
    return max(ways)[2] == {"down" if way.lastgroup == "up" else "up"}


_GRADE = re.compile(
    r"(国家|省|市|区|县)级|(?<![a-z])(\da)(?:级|景区|了|$|已|评)|(约束|预期)性|([iv]{1,3})类|[一二三]级?(甲|乙)等?|(高级|中级|初级)(?=职称)|(公办|民办)"
)
_BINDING, _HOPED_FOR = (
    re.compile(r"硬(?:指标|杠杠|任务)|死(?:任务|指标)"),
    re.compile(r"软(?:指标|任务)|可有可无|参考性"),
)
_GRADES = (
    ("国家", "省", "市", "区", "县"),
    ("5a", "4a", "3a"),
    ("约束", "预期"),
    ("i", "ii", "iii", "iv", "v"),
    ("甲", "乙"),
    ("高级", "中级", "初级"),
    ("公办", "民办"),
)


def other_grade(told: str, said: str) -> bool:
    """Another grade is told of something than the words found give it: 国家级 for 省级."""
    own, there = _grades(told), _grades(said)
    return any((mine := own & set(kind)) and (theirs := there & set(kind)) and not mine & theirs for kind in _GRADES)


def degraded(told: str, words: Words) -> bool:
    """Another grade is told than the clause near it gives, or all the words found where it gives none."""
    return other_grade(told, words.near if _grades(words.near) else words.said)


def _grades(text: str) -> set[str]:
    text = _BINDING.sub("约束性", _HOPED_FOR.sub("预期性", text))
    return {next(group for group in match.groups() if group) for match in _GRADE.finditer(text)}


_ALL_TOLD = re.compile(
    r"全部|所有|全都|一律|统统|面向所有|每[家个户条处][^，]{0,8}都|全区[^，]{0,8}都|整[座个]|全额|全靠|全[办建修改交][完好成]|完全(?![成学])|100%|百分之百|同时|[全都][在归]"
)
_ALL = re.compile(r"全部|全覆盖|全面|所有|均|普及|统一|全体|一律|全额|100%|清零|全域|全容|全线|各")
_PART = re.compile(r"试点|首批|部分|重点|其中|剩余|余下|其余|先在|先行|首年|原则上|分[批步类档]|为主(?!要)|错时")
_REST = re.compile(r"其余|剩余|余下|其他")
_PART_NEAR = re.compile(
    r"恢复到|\d(?:\.\d+)?%|\d+[家个户处条件部名栋]|以上|首次|一期|为[^，]{2,12}(?:老人|家庭|学生|对象|群体)"
)
_ALL_MET = re.compile(r"\d+项[^，]{0,12}(?:全部|都|均)[^，]{0,4}(?:完成|达标|达到|实现|达成)")
_SOME_UNMET = re.compile(
    r"\d项[^，。；]{0,4}(?:未|没有|低于)|\d项(?:指标)?(?:完成|达到)[^，。；]*，[^。；]*未(?:达|完成)"
)
_SOME_TOLD = re.compile(r"只[有在给对能收查改做完是]?|仅|一部分|50%|几个")
_WIDE = re.compile(r"全覆盖|全部|全面|普遍|所有|均|各[镇乡街区县]|向全|统一|全程")


def other_extent(told: str, words: Words) -> bool:
    """Told of all what is said of some, or of some what is said of all."""
    if _ALL_MET.search(told) and _SOME_UNMET.search(words.said):
        return True
    part = _PART if _ALL_TOLD.search(told) else _REST
    is_part = part.search(words.wide) or _PART.search(words.near) or _PART_NEAR.search(words.near)
    if _ALL_TOLD.search(told) or re.search(rf"都[^，]{{0,8}}(?:[完齐好满光通]|{_BUILT})了", told):
        least = likeness(told, words.near) - PAIR
        about = [words.wide, *(clause for clause in parts(words.said) if likeness(told, clause) >= least)]
        return bool(is_part) and not any(_ALL.search(clause) for clause in about)
    some = _SOME_TOLD.search(told.replace("一半", "50%"))
    return bool(some and not re.search(r"\d", told) and _WIDE.search(words.near))


_NONE = re.compile(
    r"零(?:伤亡|死亡|增长|事故|新增|发生)|(?:未|没有|无)(?:发生|出现|造成|新增)?(?:人员)?(?P<what>[^，。；]{2,14})|(?P<gone>[^，。；]{2,14})(?:全部|全面|动态|基本)?(?:清零|消除|销号)"
)
_HARM = re.compile(r"死|伤亡|遇难|丧命|出人命|淹|没了人|失踪")
_DEFAULT = re.compile(r"没还上|还不上|逾期|违约|欠着|爆雷")
_NOT_ONE = re.compile(r"一[个家套起件户部条名]都?也?(?:没|未|不)|从来?没|至今没|没有过")
_THERE = re.compile(
    r"发生|[又还冒]出|还有|又(?=[发出冒闹死塌淹])|[出有]过|剩|存在|没解决|没有解决|[还又拖]欠[着了]|闹|死|伤|淹|没清|没还上|没回|要求|违建"
)
_DENIED_TOLD = re.compile(
    r"没有(?!解决)|零(?:伤亡|死亡|增长|事故|新增|发生)|无|清零|消除|销号|未|少了|下降|减少|没[出有发见得]"
)
SURELY = 7
"""Likewise where the words found tell a plan and nothing but that denies it."""
SPOKEN = 5
"""How like what is told a clause must be that says there was none of it."""


def never_so(told: str, words: Words) -> bool:
    """Told to have happened, or to be left, what the words found say did not happen, or is gone; or that nothing was."""
    if _NOT_ONE.search(told):
        return bool(re.search(r"\d", words.near)) and not re.search("未|没有|零", words.near)
    if not _THERE.search(told) or (_UNDONE_TOLD.search(told) and "解决" not in told) or _DENIED_TOLD.search(told):
        return False
    for clause in parts(words.said):
        none = _NONE.search(clause)
        if none and any(pattern.search(told) and pattern.search(clause) for pattern in (_HARM, _DEFAULT)):
            return True
        if none and likeness(told, clause) >= SPOKEN:
            return True
    return False


_ALREADY_TOLD = re.compile(r"(?:已经?|早就?)(?:全部|正式|成功)?(?P<verb>[一-鿿]{2})")


def not_come_to(told: str, words: Words) -> bool:
    """Told to have come about already, and the clause near it says of the same that it has not yet."""
    verbs = (re.escape(match["verb"]) for match in _ALREADY_TOLD.finditer(told))
    return any(re.search(f"(?:尚未|还未|仍未|暂未|未能|还没有?|尚无法|没有){verb}", words.near) for verb in verbs)


_OPPOSITES = tuple(
    (re.compile(one), re.compile(other))
    for one, other in (
        (r"(?<![不没免])收(?:门票|费|钱)|(?<![不没])(?:要|花)(?:钱|交钱|买票)|自费|付费", r"免费|免收|不收"),
        (
            r"(?:全靠|全是|全部|都|只)[^，]{0,6}(?:自掏|自己|业主|居民|个人|农户)|自掏腰包",
            r"财政|政府|专项|国债|补[助贴]|资金",
        ),
        (
            r"(?:政府|财政|公家|国家)[^，]{0,4}(?:全额|全[出包]|都?出|掏|买单)|全额补|全免",
            r"(?:业主|居民|个人|企业|农户)[^，]{0,4}(?:出资|承担|自筹)|为主|分担|共担|补[贴助](?:\d+%|每)",
        ),
        (r"全免|免[了收]|免费", r"减半|[六七八九]折"),
        (r"免费|白[住坐看给]|不[收要花]钱", r"收取|自付|票价|租金按"),
        (r"丢了|没评上|没拿过|没选上|落选|摘掉|被撤", r"获评|入选|蝉联|荣获|再次|评为|被评|当选"),
        (r"晚了?\d|推迟|延后|拖后", r"提前"),
        (r"提前(?!\d)", r"推迟|延[至期后时]"),
        (r"鼓励|允许|可以", r"禁止|严禁|不得|不准"),
        (r"拉大", r"缩小"),
        (r"没变|不变|没变化|照旧|还是原来", r"由[^，]+[到至为]\d|(?:提高|扩大|缩短|降低|延长|压缩)(?:到|至|为)"),
        (r"砍|取消|降|涨|提高|下调|上调", r"保持[^，]{0,10}不变|维持[^，]{0,6}不变|继续保持"),
        (r"(?:后退|退|掉|下降|下滑)了?.{0,2}位", r"(?:前移|上升|提升|前进).{0,2}位"),
        (r"强制", r"自愿|申请式"),
        (r"放开|不限", r"控制在|总量控制|限制"),
    )
)
_HEADING = re.compile(r"[东南西北](?=[扩延拓迁移])")


_EITHER_WAY = (
    ("扩大", "缩小"),
    ("进口(?![额总商量])", "国产"),
    ("九价", "二价|四价"),
    ("上调", "下调"),
    ("延长", "缩短"),
    ("唯一", "之一"),
    ("关停|关掉|取消|停办|撤销|停建|停发|砍掉", "新增|增加|扩建|延续|新建"),
    (r"不(?:再)?[盖建修办招搞改拆装种开][^，]{0,8}了", r"新[建增]|完成\d|建设|建成|继续|扩[建大]"),
    ("到头|到期|截止|结束", "延长|延续|延期"),
    (r"少(?:[保发给补招建办拨投])|减(?:少|掉)些", "扩大到|增加到|提高到|扩大至|增加至|提高至"),
)
_OPPOSED = tuple((re.compile(a), re.compile(b)) for pair in _EITHER_WAY for a, b in (pair, pair[::-1]))


def opposite(told: str, said: str) -> bool:
    """Whether one of a pair of opposites is told, and only the other stands in the words found."""
    return _is_opposed(told, said, _OPPOSED)


def opposed(told: str, words: Words) -> bool:
    """The opposite of what is told stands in the words found, or another point of the compass near it."""
    own, there = set(_HEADING.findall(told)), set(_HEADING.findall(words.near))
    if own and there and not own & there:
        return True
    return opposite(told, words.said) or _is_opposed(told, words.wide, _OPPOSITES)


def _is_opposed(told: str, said: str, pairs: Sequence[tuple[re.Pattern[str], re.Pattern[str]]]) -> bool:
    return any(
        one.search(told) and not other.search(told) and other.search(said) and not one.search(said)
        for one, other in pairs
    )


TESTS = (
    other_doer,
    other_cause,
    only_planned,
    too_early,
    already_done,
    other_outcome,
    other_way,
    degraded,
    other_extent,
    never_so,
    not_come_to,
    opposed,
)
