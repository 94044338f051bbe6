"""What the asker typed → what is checked, answered and stored."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from opencc import OpenCC

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def clean(text: str) -> str:
    """Normalised text: NFKC, no invisible, tag, bidirectional or control characters, blanks folded to one."""
    # Twice: what an invisible character kept apart is composed only after it is gone.
    for _ in range(2):
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return re.sub(r"\s+", " ", _CONTROL.sub(" ", unicodedata.normalize("NFKC", text))).strip()


def simplify(text: str) -> str:
    """Traditional Chinese as simplified, Taiwan's variants of characters too; other text unchanged.

    Taiwan's own words are left as they are: the converter's word list would also turn 新增 into 添加.
    """
    simple = str(_converter().convert(text))
    if len(simple) != len(text):
        return simple
    # The particle is written alike in both; the converter takes it for a variant of another word.
    return "".join(own if own == "么" else other for own, other in zip(text, simple, strict=True))


@cache
def _converter() -> OpenCC:
    return OpenCC("tw2s")
