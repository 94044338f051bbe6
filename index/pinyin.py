"""Questions typed in pinyin, read as the report's words that sound so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from pypinyin import lazy_pinyin

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_PIECE = re.compile(r"[a-zü]+|\d+(?:\.\d+)?%?|[^a-zü\d\s]+")
_LONGEST = 6
"""Syllables of the longest stretch that is looked up as a whole."""
_MOSTLY = 0.8
"""Share of a question's latin words that must be syllables for it to be read as pinyin."""
_QUESTION_WORD = 1_000
"""How much more often than once in the report a question word counts as said."""

Syllables = tuple[str, ...]


class PinyinReader:
    """The stretches of a report's text, and the words of questions, by their toneless syllables."""

    def __init__(self, texts: Iterable[str], question_words: Iterable[str]) -> None:
        readings: dict[Syllables, Counter[str]] = {}
        for run in _runs(texts):
            syllables = tuple(lazy_pinyin(run))
            for start in range(len(run)):
                for end in range(start + 1, min(start + _LONGEST, len(run)) + 1):
                    readings.setdefault(syllables[start:end], Counter())[run[start:end]] += 1
        for word in question_words:
            if _HAN.fullmatch(word):
                readings.setdefault(tuple(lazy_pinyin(word)), Counter())[word] += _QUESTION_WORD
        self._readings = {syllables: found.most_common(1)[0][0] for syllables, found in readings.items()}
        self._syllables = frozenset(syllable for syllables in self._readings for syllable in syllables)

    def read(self, question: str) -> str:
        """A question in pinyin as Chinese words, the longest known stretches first; any other question as it is."""
        words = re.findall(r"[a-zü]+", question.lower())
        known = sum(word in self._syllables for word in words)
        if len(words) < 3 or known < _MOSTLY * len(words) or _HAN.search(question):
            return question
        return "".join(self._read(_PIECE.findall(question.lower())))

    def _read(self, pieces: list[str]) -> Iterator[str]:
        position = 0
        while position < len(pieces):
            for length in range(min(_LONGEST, len(pieces) - position), 0, -1):
                word = self._readings.get(tuple(pieces[position : position + length]))
                if word:
                    yield word
                    position += length
                    break
            else:
                yield pieces[position]
                position += 1


def _runs(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from _HAN.findall(text)
