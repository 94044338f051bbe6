"""Which years a question means, against the years of the report."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from ingest.model import Imprint

REMEMBERED = 256
"""Texts whose years are remembered: every step asks for those of the question at hand."""
_MEASURE = (
    r"[个家部套户人名件处条座所项场辆张间块枚只篇份届次岁台元米吨亩栋支位号天月级层平余多几千百万亿%℃度]|公里|公顷|小时"
)
_JOIN = r"\s*(?:[-–—―~至到和与及或跟同、,/]|vs\.?)+\s*"
_YEARS = re.compile(rf"(?<!\d)(?:19|20)\d{{2}}(?:\s*年?{_JOIN}(?:19|20)\d{{2}}(?!\d))*(?!\d)", re.IGNORECASE)
"""A year, or several joined: 2023-2027, 2023、2024, 2023年和2024."""
_ENDS_YEAR = re.compile(r"\s*年")
_ENDS_BARE = re.compile(
    rf"(?:\s*(?:计划|目标|完成)|(?=[一-鿿])(?!{_MEASURE}|[来倍分折本包箱吃])|\s*$|\s*(?![.,-]\d)[^\w\s%℃+]|\s+(?!{_MEASURE}))"
)
_ENDS_BARE_RANGE = re.compile(rf"(?!\s*(?:{_MEASURE}|[.,]\d|\+))")
_TWO_DIGITS = re.compile(
    r"(?<![\d.])([1-4]\d)\s*年(?!代|内|以来|来|前|后|间|左右|以上|以下|规划|期|之久|多|的?历史|的?经验)"
)
_LASTS = re.compile(
    r"(?:成立|建国|建[党军校院区市城]|第|近|约|达|超过?|满|连续|共|用时|历时|为期|过去|未来|累计)[了已经约近满超有]*$"
)
"""Before a number of years that have passed or will pass."""
_HAN_YEAR = re.compile(r"二[零〇○]([零〇○一二三四五六七八九])([零〇○一二三四五六七八九])(?=年)")
_HAN_DIGITS = {character: str(i) for i, character in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}
_TWO = "(?:两|二|2)年"
_NEXT = r"(?<![以乡])下一?年(?!纪|龄|轻)"
_RELATIVE = {
    0: re.compile(
        rf"今年(?!(?:都|刚|快|有)?(?:\d{{2,3}}|[六七八九]十[一-九]?)(?:多|来)?(?:岁|周岁|了|[，,。?？]|$))|(?:新的?|后)一年(?![级以])|接下来(?:的|这)?一年|(?<!日)本年(?!限|轻|龄)|当年|去今{_TWO}|今明{_TWO}|(?<![a-z])this\s+year(?![a-z])"
    ),
    -1: re.compile(
        rf"(?<!过)去年|(?<![以目得])[上前]一年(?!纪|龄|轻)|(?<![以得不赶])上年(?!纪|龄|轻)|去今{_TWO}|(?<![a-z])last\s+year(?![a-z])"
    ),
    1: re.compile(rf"(?<![说证表声注文透])明年|{_NEXT}|(?<![以未年])来年|今明{_TWO}|(?<![a-z])next\s+year(?![a-z])"),
    -2: re.compile(r"(?<![目以之此年])前年"),
}
"""Words for a year by its distance from the year planned for."""
NAMED_YEAR = re.compile(
    r"(?:19|20)\d{2}年?|接下来(?:的|这)?一年|今年|去年|明年|前年|上一?年|下一?年|[前后]一年|本年度?"
)
"""A year as a question names it, to be put in the place of another or left out."""
_SAME_YEAR = re.compile(r"((?<!\d)(?:19|20)\d{2})(年[^，。？；,?;]*?)(?:当年|同年|该年)")
_THIS_YEAR = re.compile(r"今年|本年|(?<!去)当年")
_LAST_TWO = re.compile(
    rf"[近这]{_TWO}|(?<![前后满每第用\d])两年(?=的?[一-鿿]{{0,4}}(?:安排|情况|对比|比较|变化|分别|各[是为有多]|目标|进展|任务))"
)


def years_in(question: str, report: Imprint) -> tuple[int, ...]:
    """The years a question names, in ascending order; of a range, its first and its last.

    今年 is the year the report plans for, 去年 the one it looks back on: so say those who wrote it and those who read
    it. 明年 in a question about such a report is the year after the planned one, 下一年 the one after the year spoken of,
    which is the planned one unless that is named itself, and 近两年 are the report's two years.
    """
    return _years_in(question, report.year_reviewed, report.year_planned)


@lru_cache(REMEMBERED)
def _years_in(question: str, reviewed: int | None, planned: int | None) -> tuple[int, ...]:
    text = unicodedata.normalize("NFKC", question).lower()
    text = _next_of_the_last(text, planned)
    text = same_year(_HAN_YEAR.sub(lambda m: "20" + _HAN_DIGITS[m[1]] + _HAN_DIGITS[m[2]], text))
    years = {year for match in _YEARS.finditer(text) for year in _said(match)}
    years |= {2000 + int(m[1]) for m in _TWO_DIGITS.finditer(text) if _is_short_year(m)}
    if planned is not None:
        years |= {planned + offset for offset, words in _RELATIVE.items() if words.search(text)}
    if _LAST_TWO.search(text):
        years |= {year for year in (reviewed, planned) if year is not None}
    return tuple(sorted(years))


def year_fit(year: int | None, wanted: Sequence[int]) -> int:
    """Whether what speaks of a year speaks of one that is wanted: 1, or -1 where not; 0 where either is left open."""
    if year is None or not wanted:
        return 0
    return 1 if year in wanted else -1


def _next_of_the_last(text: str, planned: int | None) -> str:
    """The text with 今年 for the next year, where it does not stand beside the planned one."""
    names_planned = _THIS_YEAR.search(text) or (planned is not None and str(planned) in text)
    return text if names_planned else re.sub(_NEXT, "今年", text)


def same_year(question: str) -> str:
    """The question with the year named before in place of 当年 and 同年."""
    return _SAME_YEAR.sub(r"\1\2\1年", question)


def _said(match: re.Match[str]) -> list[int]:
    """The years of one number, or of several joined; none where it counts or measures something.

    年 makes a year of any; without it a number is one only between 2000 and 2099, and where nothing is counted by it.
    """
    years = [int(digits) for digits in re.findall(r"\d{4}", match[0])]
    if _ENDS_YEAR.match(match.string, match.end()):
        return years
    bare = _ENDS_BARE_RANGE if len(years) > 1 else _ENDS_BARE
    if bare.match(match.string, match.end()) and all(year >= 2000 for year in years):
        return years
    return [int(digits) for digits in re.findall(r"(\d{4})\s*年", match[0])]


def _is_short_year(match: re.Match[str]) -> bool:
    """Whether two digits before 年 are the end of a year of this century, rather than how many years something took."""
    return 15 <= int(match[1]) <= 40 and not _LASTS.search(match.string[: match.start()].rstrip())
