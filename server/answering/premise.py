"""Whether a question takes something for granted that the words found say otherwise."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

import cn2an

from server.answering.numbers import Figure, figures
from server.answering.plain import plain

_DOWN = re.compile(r"下降|降了|下滑|减少了|减了|往下掉|掉了|跌|缩水|下跌|负增长|没完成|未完成|未达|没达|没有完成")
_UP = re.compile(r"增长|上升|提高|增加|增至|提升|达到历史最好|超额完成|突破")
_ROSE = re.compile(
    r"(?:涨|增长|上涨|上升|增加|提高|回升|往上[走涨])(?=了|到|的|[^，。？]{0,4}(?:[\d%一二两三四五六七八九十]|多少|几个?点))"
)
"""Told as having risen, by what stands behind the word."""
_FELL = re.compile(r"(?:下降|减少|下滑|降低|回落|下跌)\d")
_SUPPOSED = re.compile(r"^(?:假如|假设|假定|如果|若|要是|倘若)|[，。；,](?:假如|假设|假定|如果|若|要是|倘若)")
"""Opens what is supposed, not taken for granted."""
_OWN_CASE = re.compile(r"(?:我|俺|某人|某企业|某公司)[^，。？！；]*[\d一二两三四五六七八九十百千]")
_THRESHOLD = re.compile(r"以上|以下|以内|不超过|最高|不足|低于|不少于|不低于|[年龄]满")
_PER = re.compile(r"每[百千万]?[^，。；\d]{1,8}$|[人户]均[^，。；\d]{0,8}$")
_RANK = re.compile(r"第([一二三四五六七八九十]|\d{1,2})(?![条项届次个年轮批季期款章节部])")
_COMPARABLE = re.compile(
    r"[%元家个处栋条座所户套张名件辆人部列艘架台批场项支只头亩天吨斤米升瓦宗眼株棵册]$|百分点$|公顷$|公里$|次$"
)
_ANTONYMS = (
    ("扩大", "缩小"),
    ("上调", "下调"),
    ("延长", "缩短"),
    ("关停|关掉|取消|停办|撤销|停建|停发|砍掉", "新增|增加|扩建|延续|新建"),
    ("到头|到期|截止|结束", "延长|延续|延期"),
    (r"少(?:[保发给补招建办拨投])|减(?:少|掉)些", "扩大到|增加到|提高到|扩大至|增加至|提高至"),
)
_ATTRIBUTES = ("约束性", "预期性")
_HAN = dict(zip("一二三四五六七八九", range(1, 10), strict=True))
_HAN_NUMBER = re.compile(
    r"([一二两三四五六七八九][一二两三四五六七八九十百千零]*[十百千][一二三四五六七八九]?)(?=[余多来]?[家个处栋条座户套张名件辆人部所列天%])"
)
_FROM_TO = re.compile(r"[由从](\d+)[家个项处座条]?[^\d，。；]{0,6}?[到至为成](\d+)")
_HAN_MONEY = re.compile(r"([一二三四五六七八九])([十百千]?)([万亿]+)")


def contradicts(question: str, said: str, beside: str = "") -> bool:
    """Whether `said` differs from what `question` takes for granted: a figure, a rank, a direction, being the only one.

    A figure that stands in `beside`, what else speaks of the question, is true of something else.
    """
    asked, found = plain(question), plain(said)
    if _SUPPOSED.search(asked):
        return False
    if _other_figure(asked, found, plain(beside)):
        return True
    tests = (_other_rank, _other_direction, _other_way_round, opposite, _not_only, _other_attribute)
    return any(test(asked, found) for test in tests)


def opposite(asked: str, found: str) -> bool:
    """Whether one of a pair of opposites stands in the folded question, the other in the folded words found."""
    for one, other in (*_ANTONYMS, *((b, a) for a, b in _ANTONYMS)):
        taken = re.search(one, asked) and not re.search(other, asked)
        if taken and re.search(other, found) and not re.search(one, found):
            return True
    return False


def _other_figure(asked: str, found: str, beside: str) -> bool:
    """A figure of the question has none of its value in the words found, but one of its unit."""
    there = figures(found)
    if _OWN_CASE.search(asked) and _THRESHOLD.search(found):
        return False
    for figure, most in _asserted(asked):
        if _PER.search(asked[: figure.start]) and not re.search("每|[人户]均", found):
            continue
        same_unit = [other.value for other in there if other.unit == figure.unit]
        elsewhere = [other.value for other in figures(beside) if other.unit == figure.unit]
        if same_unit and not any(figure.value <= value <= most for value in (*same_unit, *elsewhere)):
            return True
    return False


def _asserted(asked: str) -> list[tuple[Figure, Decimal]]:
    """The figures of the question, each with the most it may mean: 三百五十多 is 350 and up to a tenth more."""
    with_digits = _HAN_NUMBER.sub(_in_digits, _HAN_MONEY.sub(_money_in_digits, asked))
    found = [figure for figure in figures(with_digits) if figure.unit and _COMPARABLE.search(figure.unit)]
    return [(f, f.value * Decimal("1.1") if re.search("[余多来]", f.text) else f.value) for f in found]


def _money_in_digits(match: re.Match[str]) -> str:
    return f"{_HAN[match[1]]}{_zeros(match[2])}{match[3]}元"


def _in_digits(match: re.Match[str]) -> str:
    """A Chinese numeral of two characters or more as digits; as it is where it is none."""
    try:
        return str(cn2an.cn2an(match[1], "smart"))
    except ValueError:
        return match[1]


def _zeros(scale: str) -> str:
    return {"": "", "十": "0", "百": "00", "千": "000"}[scale]


def _other_rank(asked: str, found: str) -> bool:
    wanted, there = set(_RANK.findall(asked)), set(_RANK.findall(found))
    return bool(wanted and there and not wanted & there)


def _other_direction(asked: str, found: str) -> bool:
    if _DOWN.search(asked) and not _UP.search(asked):
        return bool(_UP.search(found) and not _DOWN.search(found))
    rose, fell = _ROSE.search(asked), _FELL.search(found)
    if not rose or not fell or _DOWN.search(asked) or _UP.search(found):
        return False
    return bool(_pairs(asked[: rose.start()]) & _pairs(found[: fell.start()]))


def _pairs(text: str) -> set[str]:
    """The pairs of neighbouring Han characters."""
    return {first + second for first, second in pairwise(text) if first >= "一" and second >= "一"}


def _other_attribute(asked: str, found: str) -> bool:
    """An indicator is called binding where it is expected, or the other way round, and nobody asks which it is."""
    taken = [word for word in _ATTRIBUTES if word in asked]
    there = [word for word in _ATTRIBUTES if word in found]
    is_asked = re.search(r"是不是|是否|吗|还是|[约预]束?[束期]性(?:指标)?(?:么|？|\?|$)", asked)
    return len(taken) == len(there) == 1 and taken != there and not is_asked


def _other_way_round(asked: str, found: str) -> bool:
    """From a to b in the question, from b to a in the words found."""
    there = {(match[1], match[2]) for match in _FROM_TO.finditer(found)}
    return any((match[2], match[1]) in there and match[1] != match[2] for match in _FROM_TO.finditer(asked))


def _not_only(asked: str, found: str) -> bool:
    return "唯一" in asked and "唯一" not in found and "之一" in found
