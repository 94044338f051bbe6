r"""Amounts in Chinese text: value, range, unit, bound, direction and year, so that two wordings can be compared.

In Python's `re` a Han character is a word character, so `\b` and `(?<!\\w)` fail beside one; numbers are guarded by digit
look-arounds. No pattern here repeats a group that can match the same characters in two ways: all take linear time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Bound = Literal["", "least", "most", "above", "below", "about", "nearly"]

HAN_DIGITS = "零〇一二两三四五六七八九十百千"
_VALUES = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_MEASURES = (
    r"个百分点|百分点|万人次|人次|平方公里|平方千米|平方米|立方米|公里|千米|公顷|公斤|千克|小时|分钟|微克/立方米|吨标准煤|"
    r"延长米|场次|[美欧日港]元|摄氏度|[个项家人名位条处所座间户件部张种类批期轮次届级倍元吨亩米年月日天周岁辆台套栋层支届成大区]|%|‰|℃"
)
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = (
    rf"(?:(?P<a#>(?<![\d.])(?:{_DIGITS})(?!\d))|(?P<p#>百分之)?(?P<h#>[{HAN_DIGITS}]+(?:[万亿]+[{HAN_DIGITS}]*)*(?:点[{HAN_DIGITS}]+)?))"
    r"(?P<s#>[十百千]?[万亿]{1,2})?(?P<m#>[余多来])?"
)
_NO_UNIT = r"[以左较比占的了是为和与及或在于等有共中到至达约近]"
_ONE = f"{_NUMBER}(?P<u#>(?:{_MEASURES})|(?!{_NO_UNIT})[\u4e00-\u9fff])?"
_AMOUNT = re.compile(f"{_ONE.replace('#', '1')}(?:(?:[-–—―~～]{{1,2}}|至|到){_ONE.replace('#', '2')})?")
_MINUS = re.compile(r"(?:^|[^\d%])[-−]$|负$")
_SAME_UNIT = {"百分点": "个百分点", "名": "人", "位": "人", "千米": "公里", "千克": "公斤", "平方千米": "平方公里"}
_COUNTED = frozenset("个家项处所座间")
"""Measure words that change with the writer and not with what is counted."""

_BEFORE: tuple[tuple[Bound, re.Pattern[str]], ...] = (
    ("least", re.compile(r"不(?:低于|少于|小于|下于)$")),
    ("most", re.compile(r"不(?:超过|高于|多于|大于)$")),
    ("least", re.compile(r"(?:至少|最少|>=|≥)$")),
    ("most", re.compile(r"(?:至多|最多|<=|≤)$")),
    ("above", re.compile(r"(?:超过|突破|多于|高于|大于|逾|超|>)$")),
    ("below", re.compile(r"(?:低于|少于|小于|不足|不到|未达|<)$")),
    ("about", re.compile(r"(?:大约|约为?|大概|大致)$")),
    ("nearly", re.compile(r"(?:将近|接近|近)$")),
)
_BEHIND: tuple[tuple[Bound, re.Pattern[str]], ...] = (
    ("least", re.compile(r"(?:及|或|的)?以上|起")),
    ("most", re.compile(r"(?:及|或)?以[内下]|之内")),
    ("about", re.compile(r"左右|上下|前后")),
)
_UP = r"增长|增加|提高|提升|上升|上涨|扩大|增速|增幅|涨幅|(?<!新)增"
_DOWN = r"下降|降低|减少|下滑|回落|缩减|压减|降幅|降"
DIRECTION = re.compile(rf"(?P<up>{_UP})|(?P<down>{_DOWN})")
_REACHED = re.compile(r"(?:至|到|达)$")
_RATE = re.compile(r"(?:增速|增幅|涨幅|降幅)$")
_DIRECTION_BEHIND = re.compile(rf"的?(?:(?P<up>{_UP})|(?P<down>{_DOWN}))")
_CLAUSE = re.compile(r"[，,。；;、：:！？!?（）()\t\n|]")
_YEAR = re.compile(r"(?<!\d)(?<![较比同])((?:19|20)\d{2})年")


@dataclass(frozen=True, slots=True)
class Amount:
    """One number or range as it is meant; `start` and `end` are where its digits and unit stand.

    `direction` is 1 for growth, -1 for decline, 0 for neither; `reached` tells 降至5% from 下降5%; `year` is the last one
    named before it.
    """

    low: Decimal
    high: Decimal
    unit: str
    bound: Bound
    direction: int
    reached: bool
    year: int | None
    start: int
    end: int

    def same_size(self, other: Amount) -> bool:
        """Whether both are the same number of the same unit, in whatever scale and numerals they are written."""
        return (self.low, self.high) == (other.low, other.high) and self.unit == other.unit

    def agrees(self, other: Amount) -> bool:
        """Whether both say the same: size, bound, direction, and whether it was reached or changed by."""
        return (
            self.same_size(other)
            and self.bound == other.bound
            and self.direction == other.direction
            and (self.reached == other.reached or not self.direction)
        )


def amounts(text: str) -> list[Amount]:
    """The amounts of `text` in order. Digits must be half-width; a numeral in characters counts only before a measure."""
    years = [(match.start(), match.end(), int(match[1])) for match in _YEAR.finditer(text)]
    found: list[Amount] = []
    before = 0
    for match in _AMOUNT.finditer(text):
        if any(start <= match.start() < end for start, end, _ in years) or not _counts(match):
            continue
        last = next((year for start, _, year in reversed(years) if start < match.start()), None)
        found.append(_amount(text, match, before, last))
        before = match.end()
    return found


def years_named(text: str) -> list[int]:
    """The years written out as 2024年, in order."""
    return [int(year) for year in re.findall(r"(?<!\d)((?:19|20)\d{2})年", text)]


def _counts(match: re.Match[str]) -> bool:
    """Whether numerals in characters are a number here: with a measure behind them or 百分之 before."""
    if match["a1"] or match["p1"]:
        return True
    unit = match["u1"] or match["u2"]
    return bool(unit) and re.fullmatch(_MEASURES, unit) is not None


def _amount(text: str, match: re.Match[str], before: int, year: int | None) -> Amount:
    first, high = _value(match, "1"), _value(match, "2")
    assert first is not None
    low = first
    unit = (match["u2"] if high is not None else None) or match["u1"] or ("%" if match["p1"] else "")
    if high is not None and match["s2"] and not match["s1"] and not match["u1"]:
        low *= _scaled(match["s2"])
    signed = match["a1"] and _MINUS.search(text[max(0, match.start() - 2) : match.start()])
    if signed:
        low = -low
    direction, reached = _direction(text, match, before)
    return Amount(
        low=low,
        high=low if high is None else high,
        unit=_unit(unit),
        bound=_bound(text, match),
        direction=direction,
        reached=reached,
        year=year,
        start=match.start(),
        end=match.end(),
    )


def _unit(unit: str) -> str:
    return "个" if unit in _COUNTED else _SAME_UNIT.get(unit, unit)


def _value(match: re.Match[str], which: str) -> Decimal | None:
    """The first or the second number of a range; None where there is no second."""
    digits, han = match[f"a{which}"], match[f"h{which}"]
    if not digits and not han:
        return None
    value = Decimal(digits.replace(",", "")) if digits else han_value(han)
    return value * _scaled(match[f"s{which}"] or "")


def han_value(text: str) -> Decimal:
    """The number written in characters: 二十三, 一百零五, 五万二千, 二〇二四, 三点五."""
    whole, _, fraction = text.partition("点")
    if not any(character in _SCALES for character in whole):
        number = Decimal("".join(str(_VALUES[character]) for character in whole) or "0")
    else:
        number = Decimal(_whole_value(whole))
    digits = "".join(str(_VALUES.get(character, 0)) for character in fraction)
    return number + (Decimal(f"0.{digits}") if digits else 0)


def _whole_value(whole: str) -> int:
    """The value of 五万二千三百: what stands before 万 or 亿 is multiplied by it, all else added up."""
    total, part, digit = 0, 0, 0
    for character in whole:
        scale = _SCALES.get(character, 1)
        if scale >= 10_000:
            total, part, digit = total + (part + digit or 1) * scale, 0, 0
        elif scale > 1:
            part, digit = part + (digit or 1) * scale, 0
        else:
            digit = _VALUES[character]
    return total + part + digit


def _scaled(words: str) -> int:
    value = 1
    for character in words:
        value *= _SCALES[character]
    return value


def _bound(text: str, match: re.Match[str]) -> Bound:
    if match["m1"] or match["m2"]:
        return "above"
    ahead, behind = text[max(0, match.start() - 4) : match.start()], text[match.end() : match.end() + 4]
    for bound, pattern in _BEHIND:
        if pattern.match(behind):
            return bound
    ahead = re.sub(r"[为到至达在]$", "", ahead)
    return next((bound for bound, pattern in _BEFORE if pattern.search(ahead)), "")


def _direction(text: str, match: re.Match[str], before: int) -> tuple[int, bool]:
    """The direction word nearest before the amount in its clause, else one right behind it."""
    window = text[max(before, match.start() - 16) : match.start()]
    clause = _CLAUSE.split(window)[-1]
    words = list(DIRECTION.finditer(clause))
    if words:
        last = words[-1]
        reached = bool(_REACHED.search(_without_bound(clause))) and not _RATE.search(last[0])
        return (1 if last["up"] else -1), reached
    behind = _DIRECTION_BEHIND.match(text, match.end())
    return (0, False) if not behind else ((1 if behind["up"] else -1), False)


def _without_bound(clause: str) -> str:
    """The clause without the word of a bound at its end."""
    for _, pattern in _BEFORE:
        clause = pattern.sub("", clause)
    return clause
