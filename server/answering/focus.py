"""Which clause of the words found speaks of what a question tells."""

from __future__ import annotations

import re

from server.answering.plain import bigrams

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
    pairs = {pair for pair in bigrams(told) if min(pair) >= "一" and not _LOOSE.issuperset(pair)}
    names = set(_NUMBERED.findall(told)) & set(_NUMBERED.findall(clause))
    return sum(c in clause for c in own) + PAIR * (sum(pair in clause for pair in pairs) + len(names))


def nearest(told: str, said: str) -> tuple[str, str]:
    """The clause of the words found that is most like what is told, and that with its next one; '' where there is none."""
    clauses = parts(said) or [""]
    at = max(range(len(clauses)), key=lambda i: likeness(told, clauses[i]))
    return clauses[at], "，".join(clauses[at : at + 2])
