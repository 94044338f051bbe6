"""Whether a question takes something for granted that the words found say otherwise."""

from __future__ import annotations

import re

from index.normalise import fold
from server.answering.numbers import Figure, figures

_DOWN = re.compile(r"下降|降了|下滑|减少了|减了|往下掉|掉了|跌|缩水|下跌|负增长|没完成|未完成")
_UP = re.compile(r"增长|上升|提高|增加|增至|提升|达到历史最好|超额完成|突破")
_RANK = re.compile(r"第([一二三四五六七八九十]|\d{1,2})(?![条项届次个年轮批季期款章节部])")
_COMPARABLE = re.compile(r"[%元家个处栋条座所户套张名件辆人部列艘架台批场项支只头亩]$|百分点$|平方米$|公顷$|公里$|次$")
_ANTONYMS = (
    ("扩大", "缩小"),
    ("上调", "下调"),
    ("延长", "缩短"),
    ("关停|关掉|取消|停办|撤销", "新增|增加|扩建|延续"),
    ("到头|到期|截止|结束", "延长|延续|延期"),
)
_HAN = dict(zip("一二三四五六七八九", range(1, 10), strict=True))
_HAN_MONEY = re.compile(r"([一二三四五六七八九])([十百千]?)([万亿]+)")


def contradicts(question: str, said: str) -> bool:
    """Whether `said` differs from what `question` takes for granted: a figure, a rank, a direction, being the only one."""
    asked, found = fold(question), fold(said)
    tests = (_other_figure, _other_rank, _other_direction, _opposite, _not_only)
    return any(test(asked, found) for test in tests)


def _other_figure(asked: str, found: str) -> bool:
    """A figure of the question has none of its value in the words found, but one of its unit."""
    there = figures(found)
    for figure in _asserted(asked):
        same_unit = [other for other in there if other.unit == figure.unit]
        if same_unit and all(other.value != figure.value for other in there):
            return True
    return False


def _asserted(asked: str) -> list[Figure]:
    with_digits = _HAN_MONEY.sub(lambda m: f"{_HAN[m[1]]}{_zeros(m[2])}{m[3]}元", asked)
    return [f for f in figures(with_digits) if f.unit and _COMPARABLE.search(f.unit)]


def _zeros(scale: str) -> str:
    return {"": "", "十": "0", "百": "00", "千": "000"}[scale]


def _other_rank(asked: str, found: str) -> bool:
    wanted, there = set(_RANK.findall(asked)), set(_RANK.findall(found))
    return bool(wanted and there and not wanted & there)


def _other_direction(asked: str, found: str) -> bool:
    return bool(_DOWN.search(asked) and not _UP.search(asked) and _UP.search(found) and not _DOWN.search(found))


def _opposite(asked: str, found: str) -> bool:
    """One of a pair of opposites in the question, the other in the words found."""
    for one, other in (*_ANTONYMS, *((b, a) for a, b in _ANTONYMS)):
        taken = re.search(one, asked) and not re.search(other, asked)
        if taken and re.search(other, found) and not re.search(one, found):
            return True
    return False


def _not_only(asked: str, found: str) -> bool:
    return "唯一" in asked and "唯一" not in found and "之一" in found
