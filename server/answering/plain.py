"""Folded text that still has its clauses: what patterns over whole sentences read."""

from __future__ import annotations

import re

from index.normalise import fold

_COMMA = re.compile(r"(?<!\d),|,(?!\d{3})")
_MARKS = str.maketrans(";:?!()", "；：？！（）")


def plain(text: str) -> str:
    """`fold`, with Chinese marks between clauses: a comma that is left stands inside a number."""
    return _COMMA.sub("，", fold(text)).translate(_MARKS)
