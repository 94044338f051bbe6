"""Whether the words found deny what a question tells, or bear out all that it asks whether it is so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from server.answering.amounts import amounts
from server.answering.claims import BUILT
from server.answering.focus import likeness, nearest
from server.answering.found_words import Words
from server.answering.measured import (
    agrees,
    normal,
    other_figure,
    other_order,
    other_ordinal,
    other_time,
    other_unit,
    other_way_round,
)
from server.answering.plain import plain
from server.answering.states import TESTS, opposite, other_grade
from server.answering.told import held_up, told

_STRICT = tuple(
    re.compile(pattern)
    for pattern in (
        r"只|仅|唯一",
        r"全部|所有|全都|全额|每[家个户条]|都|全[区县市]|均|统一|覆盖",
        r"最[大高多少低小快长]|第一|首位|居首",
        r"首[个家届次批]|率先",
        r"国家级|国家",
        r"比[^，]{1,12}[多高少低大小快慢]|[高低多少大小快]于|超过",
        r"因(?![此素])|由于|受[^，]{2,12}影响",
        r"已经?|早就|实现|建成|完成|投用|开通|启用|正式|开放|运营",
    )
)
"""Words that must stand in what bears out a clause that has one of their kind."""
_BUILT = re.compile(rf"{BUILT}|完成|开放")
_PLANNED = re.compile(r"目标|计划(?!生育)|预期|任务|(?<!需)要(?![求素闻点钱])")


def misstates(question: str, said: str, beside: str = "") -> bool:
    """Whether a figure, rank, time or grade that `question` tells is another one in `said`, or the opposite stands there.

    A figure that stands in `beside`, what else speaks of the question, is true of something else.
    """
    clauses, found = told(question), plain(said)
    whole = "，".join(clauses)
    if other_way_round(plain(question), found):
        return True
    if any(opposite(clause, found) for clause in clauses):
        return True
    return bool(clauses) and (_is_miscounted(whole, found, plain(beside)) or other_grade(whole, found))


def denies(question: str, said: str, *, is_plan: bool = False, year: int | None = None, beside: str = "") -> bool:
    """Whether `said` denies what `question` tells: a figure, a time, what became of something, how far it goes.

    `is_plan` says that `said` stands in the plan of the year to come, `year` under which year it stands; for `beside`
    see `misstates`.
    """
    if other_way_round(plain(question), plain(said)):
        return True
    return _deny(told(question), plain(said), is_plan=is_plan, year=year, beside=plain(beside))


def told_share(question: str, said: str) -> float:
    """How much of what `question` tells `said` speaks of, 0…1."""
    whole = "，".join(told(question))
    return likeness(whole, plain(said)) / max(likeness(whole, whole), 1)


def is_not_so(question: str, said: str, *, is_plan: bool = False, year: int | None = None) -> bool:
    """Whether `said` denies what `question` asks whether it is so."""
    return _deny(held_up(question), plain(said), is_plan=is_plan, year=year, beside="")


def bears_out(question: str, said: str, *, is_plan: bool = False) -> bool:
    """Whether `said` has every figure, extent and rank that `question` asks whether it is so, and is of its kind."""
    found = plain(said)
    asked = "，".join(held_up(question))
    there = amounts(normal(found))
    for one in amounts(normal(asked)):
        if (
            one.unit
            and (one.low != 1 or one.unit in "年月天")
            and not any(one.unit == other.unit and agrees(one, other) for other in there)
        ):
            return False
    if any(kind.search(asked) and not kind.search(found) for kind in _STRICT):
        return False
    if _BUILT.search(asked) and not _BUILT.search(nearest(_BUILT.sub("", asked), found)[1]):
        return False
    return is_plan or not _PLANNED.search(asked) or bool(_PLANNED.search(found))


def _deny(clauses: Sequence[str], found: str, *, is_plan: bool, year: int | None, beside: str) -> bool:
    if not clauses:
        return False
    whole = "，".join(clauses)
    if _is_miscounted(whole, found, beside):
        return True
    words = Words.of(whole, found, is_plan, year)
    return any(test(clause, words) for test in TESTS for clause in clauses)


def _is_miscounted(whole: str, found: str, beside: str) -> bool:
    tests = (other_ordinal, other_order, other_unit, other_time)
    return other_figure(whole, found, beside) or any(test(whole, found) for test in tests)
