"""How well a text speaks of a question's words."""

from __future__ import annotations

from collections.abc import Sequence

from index.synonyms import synonyms
from server.answering.questions import FocusWord

SYNONYM = 0.9
ABBREVIATION = 0.7
PARTIAL = 0.6
_REACH = 3
"""An abbreviation's characters may stand this many times its length apart, as 违建 in 违法建设."""


def match(word: str, folded: str) -> float:
    """0…1: whether `folded` text holds the word, a synonym, its long form, or a part of it."""
    if word in folded:
        return 1.0
    for other in synonyms().get(word, ()):
        if other in folded:
            return SYNONYM
    if 2 <= len(word) <= 4 and _abbreviates(word, folded):
        return ABBREVIATION
    return PARTIAL * _shared_bigrams(word, folded)


def coverage(focus: Sequence[FocusWord], folded: str) -> float:
    """The weighted share of the question's words that `folded` text speaks of, 0…1; 1 where nothing is asked for."""
    total = sum(item.weight for item in focus)
    if not total:
        return 1.0
    return sum(item.weight * match(item.word, folded) for item in focus) / total


def held(name: str, focus: Sequence[FocusWord]) -> float:
    """The share of a folded name's characters that the question's words, or words for the same, make up."""
    there = [False] * len(name)
    for item in focus:
        for word in (item.word, *synonyms().get(item.word, ())):
            at = name.find(word)
            if at >= 0:
                there[at : at + len(word)] = [True] * len(word)
    return sum(there) / len(there) if there else 0.0


def _abbreviates(word: str, folded: str) -> bool:
    limit = len(word) * _REACH
    start = folded.find(word[0])
    while start != -1:
        position = start
        for character in word[1:]:
            position = folded.find(character, position + 1, start + limit)
            if position == -1:
                break
        else:
            return True
        start = folded.find(word[0], start + 1)
    return False


def _shared_bigrams(word: str, folded: str) -> float:
    if len(word) < 3:
        return 0.0
    return sum([word[i : i + 2] in folded for i in range(len(word) - 1)]) / (len(word) - 1)
