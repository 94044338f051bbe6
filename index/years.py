"""Which years a question means, against the years of the report."""

from __future__ import annotations

import re

from ingest.model import Report

_FOUR_DIGITS = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)\s*(?:年|$|[^\d])")
_TWO_DIGITS = re.compile(r"(?<!\d)(\d{2})\s*年(?!代|内|以来|来|前|后|左右|以上|规划)")
_HAN_YEAR = re.compile(r"二[零〇○]([零〇○一二三四五六七八九])([零〇○一二三四五六七八九])(?=年)")
_HAN_DIGITS = {character: str(i) for i, character in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}
_THIS = re.compile(r"今年|本年度?(?!限)|当年")
_LAST = re.compile(r"去年|上一?年度?")
_NEXT = re.compile(r"明年|下一?年度?|来年")
_BEFORE_LAST = re.compile(r"前年")


def years_in(question: str, report: Report) -> tuple[int, ...]:
    """The years a question names, in ascending order.

    今年 is the year the report plans for, 去年 the one it looks back on: so say those who wrote it and those who read
    it. 明年 in a question about such a report is the year after the planned one.
    """
    text = _HAN_YEAR.sub(lambda m: "20" + _HAN_DIGITS[m[1]] + _HAN_DIGITS[m[2]], question)
    years = {int(year) for year in _FOUR_DIGITS.findall(text)}
    years |= {2000 + int(year) for year in _TWO_DIGITS.findall(text)}
    if report.year_planned is not None:
        relative = {_THIS: 0, _LAST: -1, _NEXT: 1, _BEFORE_LAST: -2}
        years |= {report.year_planned + offset for pattern, offset in relative.items() if pattern.search(text)}
    return tuple(sorted(years))
