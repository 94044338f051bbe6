"""Questions typed in pinyin, or with a character that only sounds right, read as the words that sound so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

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
        # In an order of their own: of two that sound alike and are as frequent, the first is read.
        for word in sorted(question_words):
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


class SoundReader:
    """Known words, for characters that belong to none of them and sound like one that does."""

    def __init__(self, texts: Iterable[str], words: Iterable[str], cut: Callable[[str], list[str]]) -> None:
        """`texts` say which characters are known, `words` what may be read, `cut` what a dictionary takes for words."""
        self._cut = cut
        self._words = frozenset(word for word in words if 2 <= len(word) <= _LONGEST)
        self._known = frozenset(character for text in (*texts, *self._words) for character in text)
        self._sounding: dict[str, list[str]] = {}
        for character in sorted(c for c in self._known if _HAN.fullmatch(c)):
            self._sounding.setdefault(lazy_pinyin(character)[0], []).append(character)

    def read(self, question: str) -> str:
        """The question with each unknown character replaced, where one that sounds like it makes a known word there."""
        unknown = {c for c in question if _HAN.fullmatch(c) and c not in self._known}
        unknown -= {c for word in self._cut(question) if len(word) > 1 for c in word} if unknown else set()
        for position, character in enumerate(question):
            if character in unknown:
                word = max(self._words_at(question, position), key=len, default="")
                if word:
                    begin = next(i for i in range(position + 1) if _fits(question, i, word, position))
                    question = question[:begin] + word + question[begin + len(word) :]
        return question

    def _words_at(self, question: str, position: int) -> Iterator[str]:
        """The known words over this place that differ from the question there alone."""
        for other in self._sounding.get(lazy_pinyin(question[position])[0], ()):
            text = question[:position] + other + question[position + 1 :]
            for start in range(max(0, position - _LONGEST + 1), position + 1):
                for end in range(max(position + 1, start + 2), min(start + _LONGEST, len(text)) + 1):
                    if text[start:end] in self._words:
                        yield text[start:end]


def _fits(question: str, begin: int, word: str, position: int) -> bool:
    """Whether the question from `begin` on reads as `word` but at `position`."""
    end = begin + len(word)
    if not begin <= position < end <= len(question):
        return False
    return all(question[i] == word[i - begin] for i in range(begin, end) if i != position)


def _runs(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from _HAN.findall(text)
