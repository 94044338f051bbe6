"""What a report says of itself: title, place, the year it looks back on and the year it plans for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ingest.years import YEAR

_HEAD_LINES = 12
_TITLE = re.compile(r"(?:现将|关于)(?P<title>[^。]{6,90}?报告)")
_TITLE_START = re.compile(r"国民经济|计划|发展")
_BRACKETED_END = re.compile(r"[（(][^（()）]*[）)]$")
_PLACE = r"(?!关于|现将|[全我本]|自治)(?P<place>[\u4e00-\u9fff]{1,13}?(?:区|县|市|旗|州|省))"
_PLACE_PATTERNS = (
    re.compile(rf"受{_PLACE}(?:人民政府|政府|发展和?改革委)"),
    re.compile(rf"(?:^|关于|现将|[，。、\s]){_PLACE}(?:人民政府)?{YEAR}\s*年"),
)
_YEAR = re.compile(rf"{YEAR}\s*年")
_REVIEWED = re.compile(rf"{YEAR}\s*年[^。，；\d]{{0,30}}?(?:执行|完成|落实|回顾)")
_PLANNED = re.compile(rf"{YEAR}\s*年[^。，；\d]{{0,30}}?(?:草案|计划安排|目标|主要任务|重点任务|工作安排)")


class About(NamedTuple):
    """Title, place ('' where not said) and the two years (None where not said)."""

    title: str
    place: str
    year_reviewed: int | None
    year_planned: int | None


def read_about(lines: Sequence[str], fallback_title: str) -> About:
    """Read the opening lines; what they leave open is taken from the headings and the years named most."""
    head = lines[:_HEAD_LINES]
    title = _title(head) or fallback_title
    reviewed, planned = _years(title, lines)
    return About(title, _place(title, head), reviewed, planned)


def _title(head: Sequence[str]) -> str:
    for above, line in pairwise(("", *head)):
        goes_on = line[0] in "与和及暨" or not _YEAR.search(line)
        words = above + line if goes_on and _TITLE_START.search(above) else line
        words = _BRACKETED_END.sub("", re.sub(r"\s+", "", words))
        if len(words) <= 90 and words.endswith("报告") and _YEAR.search(words):
            return words.removeprefix("关于")
    for line in head:
        found = _TITLE.search(line)
        if found:
            return found["title"].strip("“”")
    return ""


def _place(title: str, head: Sequence[str]) -> str:
    for pattern in _PLACE_PATTERNS:
        for line in (title, *head):
            found = pattern.search(line)
            if found:
                return found["place"]
    return ""


def _years(title: str, lines: Sequence[str]) -> tuple[int | None, int | None]:
    headings = [line for line in lines if len(line) <= 60]
    reviewed = _first_year(_REVIEWED, [title, *headings])
    planned = _first_year(_PLANNED, [title, *headings])
    if planned is None and reviewed is None:
        named = Counter(int(year) for line in lines for year in _YEAR.findall(line)).most_common(2)
        years = sorted(year for year, _ in named)
        reviewed, planned = (years[0], years[-1]) if len(years) == 2 else (None, years[0] if years else None)
    if planned is not None and reviewed is None:
        reviewed = planned - 1
    if reviewed is not None and planned is None:
        planned = reviewed + 1
    return reviewed, planned


def _first_year(pattern: re.Pattern[str], texts: Sequence[str]) -> int | None:
    return next((int(found[1]) for text in texts if (found := pattern.search(text))), None)
