"""Figures, ordinals, times and units that a question tells, held against those of the words found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from server.answering.amounts import Amount, amounts, han_value
from server.answering.focus import PAIR, likeness

_TENTHS = re.compile(
    r"(?P<bound>不到|不足|超过?|突破|低于|高于|没到|过)?(?<![\d第])(?P<tens>[一二两三四五六七八九])成"
    r"(?:(?P<ones>[一二三四五六七八九])|(?P<half>半))?(?![立为员果功本效套型长交])"
)
_HALF = re.compile(r"(?:超过一半|过半|一半(?:还多|多|以上))(?!径)")
_COUNTS = re.compile(
    r"[%元家个处栋条座所户套张名件辆人部列艘架台批场项支只头亩天吨斤米升瓦宗株册轮期类路颗里方]$|百分点$|公[顷里]$|次$|小时$|分钟$|月$|千瓦$|[年岁]$"
)
_ORDINAL = re.compile(
    r"第([一二三四五六七八九十\d]{1,3})(届|次|批|期|家|年|轮|版)|(首|最后一)(届|次|批|期|家|个|座|轮|年)"
)
_IN_A_ROW = re.compile(r"(?:连续|坚持了?|连着)([一二两三四五六七八九十]{1,3}|\d{1,2})(?:个)?年")
_RANK = re.compile(
    r"第([一二三四五六七八九十]|\d{1,2})(?=位|名|[^一-龥\d]|$|[了吧吗的比啊呀呢嘛])|(首位|榜首|居首|第一)(?![条届项次个年轮批季期款章节部书步])"
)
_FROM_TO = re.compile(r"[由从](\d+)[家个项处座条]?[^\d，。；]{0,6}?[到至为成](\d+)")
_MORE_THAN = re.compile(
    r"(?:[去今]年|听说)?(?P<one>[一-龥]{2,10}?)比(?P<other>[一-龥]{2,10}?)(?:还|更|要|都)?(?P<way>[多高大少低小])(?![于概约])"
)
_RANK_ASKED = re.compile(r"前[一二三四五六七八九十\d]")
_CLOCK = re.compile(
    r"(凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|次日)?([零一二三四五六七八九十两\d]{1,3})(?:[点时:：])(?:(半)|(\d{1,2}|[零一二三四五六七八九十]{1,3})分?)?(?![间代期光候尚\d])"
)
_MONTHLY = re.compile(r"每月(\d{1,2})[日号]")
_DAY = re.compile(r"(?<!\d)(\d{1,2})月(?:份|底|初|中旬|末)?(?:(\d{1,2})[日号])?")
_BESIDE_TIME = re.compile(r"^(?:以?[前后]|之[前后]|开始以后)")
_PER = re.compile(r"(?:每|一)(?:个)?(平方米|平米|亩|月|年|人|户|天|小时|次|餐|顿|套|床|部)")
_LATIN = re.compile(r"[a-z]{2}")
"""A name in letters, which may stand in the words found in characters."""
_BOUNDS = frozenset(["least", "most", "above", "below"])
_ADDED = re.compile(r"净增|新增|增加了")
_DIFFERENCE = re.compile(r"[短少多省增减快慢降涨加]了$")
_PER_HEAD = re.compile(r"每[百千万]|[人户]均")
_DAILY = re.compile(r"日均|每[日天]|一天")
_YEARLY = re.compile(r"全年|一年|年均|每年")
_ROUGH = re.compile(r"[一二三四五六七八九]{2}|^几")
_UNIT_WORDS = (
    (re.compile(r"(?<=[\d万亿])(?:元)?人民币"), "元"),
    (re.compile(r"(?<=[\d百千万])块(?:钱)?"), "元"),
    (re.compile(r"(?<=\d)个工作日"), "天"),
    (re.compile(r"(?<=[\d一二三四五六七八九十半])个月"), "月"),
    (re.compile(r"平米"), "平方米"),
    (re.compile(r"场次"), "场"),
    (
        re.compile(
            r"(?<=[一二两三四五六七八九\d][十百千])([多余来]?)万(?=的?[^，。；\d]{0,3}(?:费|券|钱|补[贴助]|资金|奖|贷款|工资|投资|红包))"
        ),
        r"万\1元",
    ),
    (
        re.compile(
            r"(?<=[涨提调加给发补拿领贴][到成至了])([一二三四五六七八九])百([一二三四五六七八九])(?![十百千万\d个%])"
        ),
        r"\1百\2十元",
    ),
    (re.compile(r"([\d一二三四五六七八九十百千万])(公里|[元年天吨亩个家户人倍])多(?!少)"), r"\1多\2"),
    (re.compile(r"(?<![超通经])(?:都|已经?)?过了?(?=[\d一二两三四五六七八九]+[十百千]?[万亿])"), "超过"),
    (
        re.compile(
            r"(?<=[一每]年|个月|每月)([一二三四五六七八九]?[百千][一二三四五六七八九十百千]*)(?=对|[，吧吗嘛么是]|$)"
        ),
        r"\1元",
    ),
    (re.compile(r"(?:快|差不多|大约莫?)(?=[\d一二三四五六七八九十])"), "近"),
    (re.compile(r"(?<=[\d一二三四五六七八九十百千万])亿(?![美元欧日港吨斤千瓦人户件个平方立株])"), "亿元"),
)
ROUND = Decimal("0.9")
"""The least that a round figure in characters may mean."""
THOUSANDS = 10_000
NEARLY = Decimal("0.85")
"""The least share of a figure that 近, 快 and their like may mean."""
MORE = Decimal("1.15")
"""The most that 多 and 余 may mean."""


@lru_cache(4096)
def normal(text: str) -> str:
    """The text with everyday units as a report writes them, and 八成, 三成五, 一半 as per cent.

    A share without a bound becomes a range, for such figures are round.
    """
    text = _HALF.sub("超过50%", _TENTHS.sub(_percent, text)).replace("一半", "50%")
    for pattern, unit in _UNIT_WORDS:
        text = pattern.sub(unit, text)
    return text


def _percent(match: re.Match[str]) -> str:
    share = han_value(match["tens"]) * 10 + (han_value(match["ones"]) if match["ones"] else 5 if match["half"] else 0)
    if match["bound"]:
        return f"{'超过' if match['bound'] == '过' else match['bound']}{share:f}%"
    return f"{share - 2:f}-{share + (2 if match['ones'] or match['half'] else 9):f}%"


def other_figure(told: str, said: str, beside: str = "") -> bool:
    """A figure told agrees with none of its unit in the words found, or only with one that they tell of something else.

    A figure that stands in `beside`, what else speaks of the question, is true of something else.
    """
    told = normal(told)
    figures = _telling(told)
    if not figures:
        return False
    said = normal(said)
    there, elsewhere = _telling(said), _telling(normal(beside))
    for one in figures:
        if _PER_HEAD.search(told[: one.start]) and not _PER_HEAD.search(said):
            continue
        subject = told[: one.start] + "，" + told[one.end :]
        gaps = _gaps(one.unit, there, said) if _DIFFERENCE.search(told[: one.start]) else []
        if gaps and one.unit != "%":
            if not any(_rounded(one, told).low <= gap <= _rounded(one, told).high for gap in gaps):
                return True
            continue
        one = _rounded(one, told)
        alike = [other for other in there if _is_alike(one, other) and not _is_small(one, told, other, said)]
        if one.unit == "岁" and _is_other_age(one, alike):
            return True
        agreeing = [other for other in alike if agrees(one, other)]
        others = [o for o in alike if o not in agreeing and not (o.unit in ("年", "岁") and _is_bound(o, said))]
        if not agreeing and not _is_among(one, elsewhere) and any(_is_about(subject, o, said) for o in others):
            return True
        if agreeing and others and _is_another(one, agreeing, others, told, said):
            return True
    return False


def _is_other_age(one: Amount, others: list[Amount]) -> bool:
    """Whether an age that something holds from is told, or up to, and it holds from another one."""
    bounds = [other for other in others if other.bound == one.bound]
    return one.bound in ("least", "most") and bool(bounds) and all(other.low != one.low for other in bounds)


def _gaps(unit: str, there: list[Amount], said: str) -> list[Decimal]:
    """How far apart the two figures of this unit are wherever something goes from one to another."""
    pairs = pairwise(amount for amount in there if amount.unit == unit)
    return [abs(after.low - before.low) for before, after in pairs if _is_former(before, said)]


def _is_bound(amount: Amount, said: str) -> bool:
    """Whether an age or a span is one that others are held to: 毕业三年内, 60岁以上."""
    return bool(amount.bound) or said[amount.end : amount.end + 1] in ("内", "满")


def _rounded(one: Amount, told: str) -> Amount:
    """The amount as a range, where it is told as 六千多, or with one digit alone, as 三百 or 7万."""
    words = told[one.start : one.end]
    if re.search("[多余来]", words):
        return replace(one, bound="", high=one.high + _last_place(one.high))
    is_round = len(re.findall("[一二两三四五六七八九1-9]", words)) == 1 and (not words[0].isdigit() or not one.unit)
    if is_round and one.low >= 20:
        return replace(one, low=one.low * ROUND, high=one.high * (2 - ROUND))
    return one


def _last_place(value: Decimal) -> Decimal:
    """What the last digit of a number counts that is not 0: 1000 of 6000, 10 of 350."""
    digits = str(int(value))
    return Decimal(10 ** (len(digits) - len(digits.rstrip("0"))))


def _is_alike(one: Amount, other: Amount) -> bool:
    """Whether two figures have one unit; one told without, 过了5万, may be of any that is as large."""
    return one.unit == other.unit if one.unit else other.low >= THOUSANDS


def _is_about(subject: str, other: Amount, said: str) -> bool:
    """Whether a share found is told of the subject; whatever is counted has its measure word to tell it by."""
    return other.unit != "%" or bool(_LATIN.search(subject)) or likeness(subject, said) > 1


def _is_among(one: Amount, others: list[Amount]) -> bool:
    """Whether a figure stands among others; one told as a bound is too easily met."""
    return not _BOUNDS & {one.bound} and any(_is_alike(one, other) and agrees(one, other) for other in others)


def _telling(text: str) -> list[Amount]:
    all_ = (_without_unit(amount) for amount in amounts(text))
    found = (a for a in all_ if _is_telling(a) and not _ROUGH.search(text[a.start : a.end]))
    return [a for a in found if not text[: a.start].endswith(("第", "每"))]


def _without_unit(amount: Amount) -> Amount:
    """A large amount of what is counted without a measure word, 2.9万失业的人, without the first character of that."""
    is_known = not amount.unit or _COUNTS.search(amount.unit) or amount.low < THOUSANDS
    return amount if is_known else replace(amount, unit="", end=amount.end - len(amount.unit))


def _is_telling(amount: Amount) -> bool:
    return bool(_COUNTS.search(amount.unit)) or (not amount.unit and amount.low >= THOUSANDS)


def agrees(one: Amount, other: Amount) -> bool:
    """Whether a figure told is borne out by one found: the same, or within the bound told."""
    if one.bound in ("above", "least"):
        return other.high >= one.low
    if one.bound in ("below", "most"):
        return other.low <= one.high
    low, high = one.low, one.high
    if one.bound in ("nearly", "about"):
        low, high = low * NEARLY, high * MORE
    return other.low <= high and other.high >= low


def _is_small(one: Amount, told: str, other: Amount, said: str) -> bool:
    """Whether a count so small, or an age or span, that it may be of anything is of other things here than there."""
    if one.unit not in ("年", "岁") and (one.low > 12 or one.unit == "%" or told[one.start].isdigit()):
        return False
    return (
        one.low == 1
        or likeness(told[max(0, one.start - 6) : one.end + 6], said[max(0, other.start - 8) : other.end + 8]) < PAIR
    )


def _is_another(one: Amount, agreeing: list[Amount], others: list[Amount], told: str, said: str) -> bool:
    """Whether the figure that agrees is what was before, the whole of what is told as added, or told of something else."""
    subject = told[: one.start] + "，" + told[one.end :]
    added = _ADDED.search(told[: one.start]) and all(_ADDED.search(_around(other, said)) is None for other in agreeing)
    if added and any(_ADDED.search(_around(other, said)) for other in others):
        return True
    return _was(one, agreeing, told, said) or _is_of_other(subject, agreeing, others, said)


def _was(one: Amount, agreeing: list[Amount], told: str, said: str) -> bool:
    """Whether a figure told as what is agrees only with the one that it was before: 由A提高到B."""
    if re.search(r"[由从比]|原来|以前|之前|原先|当初|变成|改[为成]", told[: one.start]) or not re.search(
        r"[到是为还才就剩给有]|每|现在", told
    ):
        return False
    return all(_is_former(other, said) for other in agreeing)


def _is_former(other: Amount, said: str) -> bool:
    before = re.split(r"[，；。]", said[: other.start])[-1]
    behind = re.split(r"[，；。]", said[other.end :])[0]
    return bool(re.search(r"[由从][^到至]{0,10}$", before) and re.search(r"[到至为]\D{0,4}\d", behind))


def _is_of_other(subject: str, agreeing: list[Amount], others: list[Amount], said: str) -> bool:
    """Whether the words around another figure are much more like those told than the ones around what agrees."""
    if re.search(r"累计|总共|一共|合计", subject):
        return False
    near = max(likeness(subject, _around(other, said)) for other in agreeing)
    apart = [o for o in others if all(_stand_apart(o, a, said) for a in agreeing)]
    return any(likeness(subject, _around(other, said)) >= near + APART for other in apart)


def _stand_apart(one: Amount, other: Amount, said: str) -> bool:
    """Whether two figures stand in different members of a sentence, not as from and to."""
    between = said[min(one.end, other.end) : max(one.start, other.start)]
    return bool(re.search("[，；。、]", between))


APART = 9
"""How much more like what is told the words around another figure must be for it to be the one meant."""


def _around(amount: Amount, said: str) -> str:
    """The words before an amount up to the figure before it, and the few behind it."""
    before = re.split(r"[，；。：]", said[: amount.start])[-1]
    behind = re.split(r"[，；。：、\d]", said[amount.end :])[0]
    return re.split(r"\d", before)[-1] + behind[:6]


def other_ordinal(told: str, said: str) -> bool:
    """第三次 is told and 第七次 found, 首届 and 第六届, or 全市第一 and 全市第四."""
    if _RANK_ASKED.search(told):
        return False
    if "倒数第" in told and "倒数" not in said and "第" in said:
        return True
    ranks, found = set(_ranks(told)), set(_ranks(said))
    own, there = dict(_ordinals(told)), dict(_ordinals(said))
    other = any(kind in there and there[kind] != number for kind, number in own.items())
    return other or bool(ranks and found and not ranks & found)


def _ranks(text: str) -> Iterator[Decimal]:
    for match in _RANK.finditer(text):
        yield Decimal(1) if match[2] else Decimal(match[1]) if match[1].isdigit() else han_value(match[1])


def other_way_round(told: str, said: str) -> bool:
    """From a to b is told, from b to a found."""
    there = {(match[1], match[2]) for match in _FROM_TO.finditer(said)}
    return any((match[2], match[1]) in there and match[1] != match[2] for match in _FROM_TO.finditer(told))


def other_order(told: str, said: str) -> bool:
    """One of two is told to be more than the other, and their figures in the words found say less."""
    compared = _MORE_THAN.search(told)
    if not compared:
        return False
    one, other = (_figure_of(name, said) for name in (compared["one"], compared["other"]))
    if one is None or other is None or one.unit != other.unit or one.start == other.start:
        return False
    return one.low < other.low if compared["way"] in "多高大" else one.low > other.low


def _figure_of(name: str, said: str) -> Amount | None:
    """The first figure behind the beginning of a name, in its clause."""
    at = said.find(name[:2])
    end = min((i for mark in "，。；、" if (i := said.find(mark, at)) >= 0), default=len(said))
    return next((a for a in _telling(said) if at <= a.start < end), None) if at >= 0 else None


def _ordinals(text: str) -> Iterator[tuple[str, Decimal]]:
    for match in _ORDINAL.finditer(text):
        if match[1]:
            yield match[2], Decimal(match[1]) if match[1].isdigit() else han_value(match[1])
        else:
            yield match[4], Decimal(1 if match[3] == "首" else -1)
    for match in _IN_A_ROW.finditer(text):
        yield "连续", han_value(match[1]) if not match[1].isdigit() else Decimal(match[1])


def other_unit(told: str, said: str) -> bool:
    """The same number is told of another unit, and none of the unit told: 每平方米2000元 for 每亩2000元."""
    told, said = normal(told), normal(said)
    own, there = amounts(told), amounts(said)
    for one in own:
        digits = re.match(r"[\d.]+", told[one.start :])
        same = [
            other for other in there if digits and re.match(rf"{re.escape(digits[0])}(?![\d.])", said[other.start :])
        ]
        if not digits or not same or not one.unit or one.low < 3:
            continue
        if len(digits[0]) > 1 and all(_incompatible(one.unit, other.unit) for other in same):
            return True
        mine = _PER.findall(told[max(0, one.start - 6) : one.start])[-1:]
        theirs = [_PER.findall(said[max(0, o.start - 6) : o.start])[-1:] for o in same]
        if mine and all(theirs) and not any(m == mine for m in theirs):
            return True
        if _YEARLY.search(told) and all(_DAILY.search(said[max(0, o.start - 8) : o.start]) for o in same):
            return not _DAILY.search(told)
    return False


_PHYSICAL = frozenset(
    ["元", "美元", "平方米", "平方公里", "亩", "公顷", "公里", "分钟", "小时", "天", "月", "年", "%", "个百分点", "吨"]
)
_COUNTED = frozenset("个套户件人辆台张处部名")


def _incompatible(one: str, other: str) -> bool:
    """Whether two units measure different things; one that is not known may be part of a longer word."""
    if one in _PHYSICAL and other in _PHYSICAL:
        return one != other
    return (one in _PHYSICAL and other in _COUNTED) or (one in _COUNTED and other in _PHYSICAL)


def other_time(told: str, said: str) -> bool:
    """A time of day or a date is told, and the words found name only others."""
    own, there = set(_MONTHLY.findall(told)), set(_MONTHLY.findall(said))
    return _other_clock(told, said) or _other_day(told, said) or bool(own and there and not own & there)


def _other_clock(told: str, said: str) -> bool:
    own, there = (set(_clocks(text)) for text in (told, said))
    return bool(own and there) and not {t % 720 for t in own} & {t % 720 for t in there}


def _clocks(text: str) -> Iterator[int]:
    for match in _CLOCK.finditer(text):
        hour = match[2] if match[2].isdigit() else f"{han_value(match[2]):f}"
        if int(hour) > 24 or _BESIDE_TIME.search(text[match.end() :]):
            continue
        minute = 30 if match[3] else int(match[4]) if (match[4] or "").isdigit() else 0
        if match[1] or "时" in match[0] or ":" in match[0] or match[3]:
            late = 720 if match[1] in ("下午", "晚上", "夜里", "傍晚") and int(hour) < 12 else 0
            yield int(hour) * 60 + minute + late


def _other_day(told: str, said: str) -> bool:
    own, there = ({(int(m[1]), int(m[2] or 0)) for m in _DAY.finditer(text)} for text in (told, said))
    months, theirs = {month for month, _ in own}, {month for month, _ in there}
    if not own or not there or (re.search(r"[\d]月[^，]{0,4}(?:以?[前后]|起)", told) and not re.search(r"从", told)):
        return False
    return not months & theirs or (all(day for _, day in own) and not own & there and all(day for _, day in there))
