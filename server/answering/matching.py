"""How well a text speaks of a question's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

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
    if _is_short(word) and _abbreviates(word, folded):
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


class Lookup:
    """Words looked for in many texts at once; in matrices their places are the columns."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        others = [synonyms().get(word, ()) for word in words]
        pairs = [[word[i : i + 2] for i in range(len(word) - 1)] if len(word) > 2 else [] for word in words]
        self._needles = list(dict.fromkeys(chain(words, *others, *pairs)))
        at = {needle: place for place, needle in enumerate(self._needles)}
        self._exact = [at[word] for word in words]
        self._short = [(column, word) for column, word in enumerate(words) if _is_short(word)]
        self._pairs_of = np.array([max(len(word) - 1, 1) for word in words])
        self._sums = np.zeros((len(at), 2 * len(words)), dtype=np.float32)
        for column, needles in enumerate(chain(others, pairs)):
            for needle in needles:
                self._sums[at[needle], column] += 1

    def held(self, texts: Sequence[str]) -> NDArray[np.uint8]:
        """Which of all that is looked for (columns) stands in each of folded `texts`."""
        there = bytes([needle in text for text in texts for needle in self._needles])
        return np.frombuffer(there, dtype=np.uint8).reshape(len(texts), len(self._needles))

    def matches(self, held: NDArray[np.uint8 | np.bool], abbreviated: NDArray[np.bool]) -> NDArray[np.float64]:
        """What `match` gives for each text and word, by what `held` says of the text, and whether it abbreviates."""
        sums, count = held.astype(np.float32) @ self._sums, len(self.words)
        others, partial = sums[:, :count], PARTIAL * (sums[:, count:].astype(np.float64) / self._pairs_of)
        found: NDArray[np.float64] = np.maximum(partial, np.where(abbreviated, ABBREVIATION, 0.0))
        np.maximum(found, np.where(others > 0, SYNONYM, 0.0), out=found)
        np.maximum(found, held[:, self._exact], out=found)
        return found

    def abbreviated(self, texts: Sequence[str]) -> NDArray[np.bool]:
        """Whether each text holds the characters of each word, near each other and in order."""
        there = np.zeros((len(texts), len(self.words)), dtype=bool)
        for line, column, _ in self.abbreviations(texts):
            there[line, column] = True
        return there

    def abbreviations(self, texts: Sequence[str]) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
        """Where which text holds which word so: the places of its first and its last character."""
        for line, text in enumerate(texts):
            for column, word in self._short:
                # Most texts have not even these, which is found out much faster.
                if word[0] in text and word[-1] in text and (places := list(_abbreviations(word, text))):
                    yield line, column, places


def _is_short(word: str) -> bool:
    """Whether a word may stand for a longer one by some of its characters."""
    return 2 <= len(word) <= 4


def _abbreviations(word: str, folded: str) -> Iterator[tuple[int, int]]:
    """Where the characters of a word stand near each other and in order: the places of the first and the last."""
    limit = len(word) * _REACH
    start = folded.find(word[0])
    while start != -1:
        position = start
        for character in word[1:]:
            position = folded.find(character, position + 1, start + limit)
            if position == -1:
                break
        else:
            yield start, position
        start = folded.find(word[0], start + 1)


def _abbreviates(word: str, folded: str) -> bool:
    return any(True for _ in _abbreviations(word, folded))


def _shared_bigrams(word: str, folded: str) -> float:
    if len(word) < 3:
        return 0.0
    return sum([word[i : i + 2] in folded for i in range(len(word) - 1)]) / (len(word) - 1)
