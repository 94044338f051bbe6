"""Folding that makes differently typed text comparable, with positions kept where they are needed."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

_MARKS = dict.fromkeys(map(ord, "“”‘’「」『』\"'《》"))


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """Full-width to half-width (NFKC), lower case, quotation marks and blanks removed; folding again changes nothing."""
    folded = _fold_once(text)
    while not unicodedata.is_normalized("NFKC", folded) or folded != folded.lower():
        folded = _fold_once(folded)
    return folded


def _fold_once(text: str) -> str:
    """One pass, which may leave work for another: without the blank between them two characters may be one."""
    return "".join(unicodedata.normalize("NFKC", text).lower().translate(_MARKS).split())


class Folded(NamedTuple):
    """Folded text, and for each of its characters the position it came from."""

    text: str
    positions: tuple[int, ...]


def fold_with_positions(text: str) -> Folded:
    """Like `fold`, remembering where each character stood in `text`."""
    pairs = [(character, i) for i, original in enumerate(text) for character in fold(original)]
    return Folded("".join(c for c, _ in pairs), tuple(i for _, i in pairs))
