"""Whether a list that a sentence gives as the whole one is the whole one of the words it cites."""

from __future__ import annotations

import re

from server.answering.wording import CLAUSE_END, bigrams

_WHOLE = re.compile(r"包括|包含|涵盖|分别|如下|有(?![关效序力机限所利助])")
"""Words with which a list claims to be complete."""
_PART = re.compile(r"等|其中|之一|例如|比如")
_FEWEST = 3
"""Members of what counts as a list."""


def lists_are_whole(text: str, said: str) -> bool:
    """Whether `text`, where it lists without 等 or 其中, leaves no member out of a list in `said` that it names one of."""
    if _PART.search(text) or not _WHOLE.search(text):
        return True
    own = bigrams(text)
    for clause in CLAUSE_END.split(said):
        members = [bigrams(member) for member in clause.split("、")]
        named = [len(member & own) * 2 >= len(member) for member in members if member]
        if len(named) >= _FEWEST and any(named) and not all(named):
            return False
    return True
