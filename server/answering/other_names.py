"""Whether a question has a name that is only like that of a table row: another measure, or the same one of something else."""

from __future__ import annotations

import re

from index.normalise import fold
from server.answering.plain import bigrams

_SISTERS = (("登记", "调查"), ("城镇", "农村"), ("进口", "出口"), ("食品", "药品"), ("小学", "中学"))
"""Words that make two measures of one: a question for the one is not answered by the other."""
_NO_THING = re.compile("[全本我咱各][区市县省国旗州]|年|完成|实现|达到|新增|计划|目标|[的是和与]")
"""What stands before a measure and is not the thing measured."""
_TOTAL, _NEW = re.compile("累计|总数|总量|一共有"), re.compile("新[增建认开办设引]")
_NEW_ASKED = re.compile("新|添|多了")
"""A measure of what is new is no measure of all there is."""


def is_other_name(question: str, name: str, said: str = "") -> bool:
    """Whether the question has a name that begins and ends as `name` does, with something else between, or its sister.

    Or one that ends so, has another beginning, and stands in `said`, the report: 货物吞吐量 for 集装箱吞吐量.
    """
    asked, own = fold(question), fold(name)
    if own[-2:] not in asked:
        return False
    if any(_has_sister(asked, own, one, other) for one, other in _SISTERS):
        return True
    if own in asked:
        return False
    if _TOTAL.search(asked) and _NEW.match(own) and not _NEW_ASKED.search(asked):
        return True
    if _is_of_other_thing(asked, own, said) or _is_longer(asked, own, said):
        return True
    if own[:2] not in asked:
        return False
    for start in range(2, len(own) - 2):
        for end in range(start + 1, len(own) - 1):
            between = re.search(f"{re.escape(own[:start])}([\u4e00-\u9fff]{{1,4}}){re.escape(own[end:])}", asked)
            if between and between[1] not in own and own[start:end] not in between[1]:
                return own not in asked
    return False


def _is_of_other_thing(asked: str, own: str, said: str) -> bool:
    """Whether the longest end of a name that the question has belongs to another word there, which the report knows."""
    start = next((start for start in range(1, len(own) - 2) if own[start:] in asked), 0)
    if not start:
        return False
    for found in re.finditer(rf"([\u4e00-\u9fff]{{1,2}}){re.escape(own[start:])}", asked):
        if found[1] not in own and not _NO_THING.search(found[1]) and found[0] in said:
            return True
    return False


def _is_longer(asked: str, own: str, said: str) -> bool:
    """Whether the end of a name stands in the question behind a long word of the report that has nothing of the name."""
    long = re.search(rf"([\u4e00-\u9fff]{{4,8}}){re.escape(own[-2:])}", asked)
    words = (long[1][i:] for i in range(len(long[1]) - 3)) if long else ()
    known = bigrams(own)
    return any(word in said and not _NO_THING.search(word) and not bigrams(word) & known for word in words)


def _has_sister(asked: str, own: str, one: str, other: str) -> bool:
    """Whether of two words that exclude each other one stands in the question and the other in the name."""
    both = ((one, other), (other, one))
    return any(a in asked and b not in asked and b in own and a not in own for a, b in both)
