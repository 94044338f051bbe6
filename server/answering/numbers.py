r"""Figures in Chinese text: which numbers stand there, with which unit.

In Python's `re` a Han character is a word character, so `\b` and `(?<!\\w)` fail beside one; figures are guarded by
digit look-arounds instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_FIGURE = re.compile(
    r"(?<!\d)(?<!\d\.)(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d])"
    r"(?P<scale>[十百千]?[万亿]+)?(?:余|多|来)?"
    r"(?P<unit>个百分点|百分点|%|万人次|人次|平方米|立方米|平方公里|公里|延长米|微克/立方米|[美欧日港]?元|场次|"
    r"[\u4e00-\u9fff])?"
)
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_DIGIT_RUN = re.compile(r"(?<!\d)(?<!\d\.)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as written, its value with 万 and 亿 worked in, and the unit that follows it ('' where none does)."""

    text: str
    value: Decimal
    unit: str
    start: int


def figures(text: str) -> list[Figure]:
    """The figures in `text`, in order. Full-width digits must have been folded before."""
    found = []
    for match in _FIGURE.finditer(text):
        value = Decimal(match["number"].replace(",", ""))
        for scale in match["scale"] or "":
            value *= _SCALES[scale]
        found.append(Figure(match.group(), value, match["unit"] or "", match.start()))
    return found


def digit_runs(text: str) -> set[str]:
    """The numbers in `text` as digits without thousands separators."""
    return {run.replace(",", "") for run in _DIGIT_RUN.findall(text)}
