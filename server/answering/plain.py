"""Folded text that still has its clauses: what patterns over whole sentences read."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from index.normalise import fold

_COMMA = re.compile(r"(?<!\d),|,(?!\d{3})")
_MARKS = str.maketrans(";:?!()", "；：？！（）")


@lru_cache(8192)
def plain(text: str) -> str:
    """`fold`, with Chinese marks between clauses: a comma that is left stands inside a number.

    Remembered, since many steps read the same sentences of a report for every question.
    """
    return _COMMA.sub("，", fold(text)).translate(_MARKS)


def bigrams(text: str) -> set[str]:
    """The pairs of neighbouring characters."""
    return {first + second for first, second in pairwise(text)}


def han_bigrams(text: str) -> frozenset[str]:
    """The pairs of neighbouring Chinese characters."""
    return frozenset(pair for pair in bigrams(text) if min(pair) >= "\u4e00")
