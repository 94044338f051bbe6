"""What every reader does to words: layout characters go, the rest stays as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
BLANK = " \u3000\xa0"


def clean(text: str) -> str:
    """Words without invisible characters, and without blanks around them; a tab would be a cell's border."""
    return _INVISIBLE.sub("", text.replace("\t", " ")).strip(BLANK)


def join_lines(parts: Sequence[str]) -> str:
    """The lines of one cell or paragraph as one; a space only between two Latin words or numbers."""
    joined = ""
    for part in parts:
        between_latin = joined[-1:].isascii() and joined[-1:].isalnum() and part[:1].isascii() and part[:1].isalnum()
        joined += (" " if between_latin else "") + part
    return joined
