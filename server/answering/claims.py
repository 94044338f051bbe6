"""Question → what it tells as a fact: something finished, failed, of a year, or with a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from server.answering.plain import plain

Kind = Literal["meaning", "finished", "failed", "year", "name", "way"]

BUILT = r"完工|竣工|建成|落成|建好|修好|盖好|造好|修完|建完|弄好|弄完|搞好|搞完|改好|改完|装好|装完|拆完|搬完|通车|开通|投用|启用|投入使用|投产|封顶|开业|开张"
_FINISHED = re.compile(rf"(?P<verb>{BUILT}|[腾清铺种办换挪迁](?:完|好|空)|完成|开了(?![工会始个几多]))")
_FAILED = re.compile(
    r"(?P<verb>(?:没有?|未)(?:能)?(?:按时|如期)?(?:完成|达标|达到|实现|达成|办成|兑现)|未达(?!成)|不达标|没达标|落空了|(?:低于|不及|少于|没到)(?:年度|年初|当年|原定)?(?:的)?(?:计划|目标|预期)(?!值|的(?!原因|主要|理由)))"
)
_EVENT = re.compile(
    rf"(?P<verb>{BUILT}|开工|动工|启动|试点|获批|成立|揭牌|挂牌|签约|并网|运营|开馆|开园|印发|出台|施行|撤并|合并|成为|当上|获评|获得|入选|评为|评上|当选|设立|组建|创建|加入)"
)
_MEANING = re.compile(r"(?:不就是|不就|就是)(?P<told>[^，。？]{4,})[嘛吧吗么呗咯]")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})年")
_PAST = re.compile(r"超额|去年|前年|早就|已经?|(?:不就|不都|不是)|都(?=.{0,6}[好完成]了)|都$|(?:19|20)\d{2}年")
_AHEAD = re.compile(
    r"今年|明年|将|预计|计划|打算|力争|争取|要(?!求)|准备|能(?!源)|什么时候|啥时候|何时|多久|年底前|如果|假如"
)
_TOLD = re.compile(r"了|后|的|已|全部")
_ASKS = re.compile(r"哪|什么|啥|多少|几|何|谁|怎|吗|么$|没$|没有$|呢|是否|是不是|有没有|多[大高长久]")
_TAKEN = re.compile(r"不是|不就|不都|[嘛吧]")
_RISE, _FALL = r"(?<!负)增长|上升|提高|增加|上涨|扩大", "下降|减少|降低|下滑|回落|缩小|负增长"
_OF_IT = re.compile(r"(?:年度|全年|年初)?(?:计划|目标|任务)?的(?!指标|项目|任务|有|是)")
"""Behind something finished: what is asked is something of it."""
_OWN = re.compile(r"[我咱俺]|附近|隔壁|住")
_LOOSE = "与和跟同在由被把给的是到去从向开让叫即找归对为且及、了过"
PLACE_ENDS = "街道|(?<!城)乡(?![村镇亲])|(?<![街城乡村])镇(?!街)"
"""How the names of the parts of a county or a district end."""
BUILDING_ENDS = ("泵站|水厂|水库|电站", "大桥|隧道", "渔港|码头|港区")
"""How the names of works end, which are alike too often to be told apart without a figure."""
_NAME_ENDS = (
    "大学|学院|研究院|研究所",
    "银行",
    "公司|集团|(?<=[城水交建农文国旅])投",
    PLACE_ENDS,
    "(?<=[妇残文科工侨])联|总工会|团委|协会",
    "三角|湾区|经济圈|城市群",
    "医院",
    "(?<![农乡])村(?![里民委庄落级务史镇])",
    *BUILDING_ENDS,
)


_COMMON = re.compile(
    r"(?:[类种家个座条处项所些这那每各某俩两新老大小好间本外返回下故离里年渔古]|传统|特色|精品|和美|旅游|文明|物业|热力|燃气|供暖|自来水|保险|商业|老年|民办|公办|国有|上市|中小|外资|民营|外贸|科技|建筑|装修|快递|综合|合作|社区|专科|儿童|行政|自然|城中|美丽|示范|试点|贫困|脱贫|中心|空心|重点|[一二三]级|[三二]甲|乡镇|开放|职业|普通|知名|保洁|中介|[城农]商)$"
)
"""Words before the end of a name that make a common noun of it: 物业公司, 三甲医院."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is taken for granted: `subject` are the words it is told of, `verb` what happened, `year` when.

    For a name, `verb` is the name itself, `sort` the pattern of the ends of names of its kind; for a rise or a fall,
    `verb` is the figure, `sort` the pattern of the words for the other way.
    """

    kind: Kind
    subject: str
    verb: str
    year: int | None = None
    sort: str = ""


def claims(question: str) -> list[Claim]:
    """All claims of a question, clause by clause."""
    return [claim for clause in re.split(r"[，,。？?！!；;]", plain(question)) for claim in _claims(clause)]


def tells_a_year(question: str) -> bool:
    """Whether a question tells in which year something happened, which the report may say otherwise."""
    return any(claim.kind == "year" for claim in claims(question))


def _claims(clause: str) -> Iterator[Claim]:
    meaning = _MEANING.search(clause)
    if meaning:
        yield Claim("meaning", clause[: meaning.start()], meaning["told"])
    asks = bool(_ASKS.search(clause)) and not _TAKEN.search(clause)
    failed = _FAILED.search(clause)
    if failed:
        if not re.search("哪|几|多少|什么|啥", clause[: failed.end()]):
            yield Claim("failed", clause[: failed.start()], failed["verb"], _year(clause))
    else:
        yield from _finished(clause)
    yield from _dated(clause)
    yield from _moved(clause)
    if not asks and not _OWN.search(clause):
        yield from named(clause)


def _finished(clause: str) -> Iterator[Claim]:
    for verb in _FINISHED.finditer(clause):
        before, behind = clause[: verb.start()], clause[verb.end() :]
        past = _PAST.search(before)
        asked = _ASKS.search(behind) and not _TAKEN.search(clause) and not (past and _OF_IT.match(behind))
        whole = verb["verb"] != "完成" or re.search("全部|都|已|超额", before)
        if past and whole and not asked and not _AHEAD.search(before) and _TOLD.search(behind + before):
            yield Claim("finished", before, verb["verb"], _year(clause))
            return


def _moved(clause: str) -> Iterator[Claim]:
    for way, other in ((_RISE, _FALL), (_FALL, _RISE)):
        for moved in re.finditer(
            rf"(?:{way})了?(?P<by>\d+(?:\.\d+)?)(?=%|个百分点|微克|毫克|天|[起件](?!来|点))", clause
        ):
            yield Claim("way", clause[: moved.start()], moved["by"], _year(clause), other)


def _dated(clause: str) -> Iterator[Claim]:
    for year in _YEAR.finditer(clause):
        verb = _EVENT.search(clause, year.end(), year.end() + 18)
        if verb and not _YEAR.search(clause, year.end(), verb.start()) and not _AHEAD.search(clause):
            between = re.sub(r"\d+[月日]", "", clause[year.end() : verb.start()])
            subject = f"{clause[: year.start()]} {between} {_ASKS.split(clause[verb.end() :])[0]}"
            yield Claim("year", subject, verb["verb"], int(year[1]))


def named(clause: str) -> Iterator[Claim]:
    """The names of schools, banks, towns, bodies that stand in a clause, each as a claim of the rest of it."""
    for ends in _NAME_ENDS:
        for name in re.finditer(rf"(?P<own>[^{_LOOSE}\W\d]{{1,4}})(?:{ends})", clause):
            if not _COMMON.search(name["own"]) and not re.search("[哪几]|[乡按]$", name["own"]):
                yield Claim("name", clause[: name.start()] + " " + clause[name.end() :], name[0], _year(clause), ends)


def _year(clause: str) -> int | None:
    year = _YEAR.search(clause)
    return int(year[1]) if year else None
