"""Which clause of the words found speaks of what a question tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_CLAUSE = re.compile(r"[，；。：]")
_LOOSE = frozenset(
    "的了吧吗呢啊么嘛是在有和与及就都还也又已把被给让到为从对这那去年今前上全区县市我咱们听说怎才只没不一个月日大小多少人"
)
"""Characters that stand everywhere."""
_NUMBERED = re.compile(r"(?<!\d)\d+号")
"""What tells one of a series: 14号线."""
PAIR = 3
"""How much more a pair of neighbouring characters tells than one alone."""


def parts(said: str) -> list[str]:
    """The clauses of words found."""
    return [clause for clause in _CLAUSE.split(said) if clause]


def likeness(told: str, clause: str) -> int:
    """How much of what is told a clause speaks of, by shared characters and pairs of them."""
    own = {c for c in told if c >= "一" and c not in _LOOSE}
    pairs = {a + b for a, b in pairwise(told) if a >= "一" and b >= "一" and not (a in _LOOSE and b in _LOOSE)}
    names = set(_NUMBERED.findall(told)) & set(_NUMBERED.findall(clause))
    return sum(c in clause for c in own) + PAIR * (sum(pair in clause for pair in pairs) + len(names))


def best(told: str, clauses: Sequence[str]) -> int:
    """The position of the clause most like what is told, the first of equals; 0 where there is none."""
    return max(range(len(clauses)), key=lambda i: (likeness(told, clauses[i]), -i), default=0)
