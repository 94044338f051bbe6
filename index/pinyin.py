"""Questions typed in pinyin, or with a character that only sounds right, read as the words that sound so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from math import log
from sys import intern

import jieba
from pypinyin import lazy_pinyin

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_PIECE = re.compile(r"[a-zü]+|\d+(?:\.\d+)?%?|[^a-zü\d\s]+")
_LONGEST = 6
"""Syllables of the longest stretch that is looked up as a whole."""
_MOSTLY = 0.8
"""Share of a question's latin words that must be syllables for it to be read as pinyin."""
_REPORT_WORD, _QUESTION_WORD = 300, 100
"""How often in the language a word of the report counts as said for each time there; and a question word, in those."""
_FREQUENT = 100
"""How often a word must stand in the dictionary's corpus of some sixty million to be read."""
_UNREAD = 30.0
"""What a piece that is read as no word costs: more than any word."""

Syllables = tuple[str, ...]


class PinyinReader:
    """Words by their toneless syllables: those of a report and of questions, and the frequent ones of the language."""

    def __init__(self, texts: Iterable[str], question_words: Iterable[str], cut: Callable[[str], list[str]]) -> None:
        """`cut` takes a text apart into words, whose sequences are what is read as a whole."""
        self._counts = Counter(run for text in texts for run in _sequences(cut(text)))
        self._counts.update({word: _QUESTION_WORD for word in question_words if _HAN.fullmatch(word)})

    def read(self, question: str) -> str:
        """A question in pinyin as the likeliest Chinese words; any other question as it is."""
        words = re.findall(r"[a-zü]+", question.lower())
        if len(words) < 3 or _HAN.search(question):
            return question
        known = sum((word,) in self._readings for word in words)
        if known < _MOSTLY * len(words):
            return question
        return "".join(self._likeliest(_PIECE.findall(question.lower())))

    @cached_property
    def _readings(self) -> dict[Syllables, tuple[float, str]]:
        """For syllables the likeliest words, with the negative logarithm of their probability.

        Made when the first question in pinyin comes, since all the language's frequent words take a second to read.
        """
        counts = Counter({word: _REPORT_WORD * count for word, count in self._counts.items()})
        for line in _dictionary():
            word, count, *_ = line.split()
            if int(count) >= _FREQUENT and len(word) <= _LONGEST and _HAN.fullmatch(word):
                counts[word] += int(count)
        total = counts.total()
        readings: dict[Syllables, tuple[float, str]] = {}
        # Of two words that sound alike and are as frequent, the first in order is read: alike in every process.
        for word in sorted(counts):
            cost = log(total / counts[word])
            syllables = tuple(map(intern, lazy_pinyin(word)))
            if syllables not in readings or cost < readings[syllables][0]:
                readings[syllables] = (cost, word)
        return readings

    def _likeliest(self, pieces: list[str]) -> list[str]:
        """The sequence of words with the highest product of probabilities (Viterbi); what is no syllable stays."""
        best: list[tuple[float, list[str]]] = [(0.0, [])]
        for end in range(1, len(pieces) + 1):
            cost, words = best[-1]
            ways = [(cost + _UNREAD, [*words, pieces[end - 1]])]
            for start in range(max(0, end - _LONGEST), end):
                reading = self._readings.get(tuple(pieces[start:end]))
                if reading:
                    ways.append((best[start][0] + reading[0], [*best[start][1], reading[1]]))
            best.append(min(ways, key=lambda way: way[0]))
        return best[-1][1]


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


def _dictionary() -> Iterator[str]:
    """Jieba's list of words, each with how often it stands in its corpus."""
    with jieba.get_dict_file() as file:
        for line in file:
            yield line.decode("utf-8")


def _sequences(words: Sequence[str]) -> Iterator[str]:
    """The words, and those that follow each other, as far as they are Chinese characters and not too long."""
    for start in range(len(words)):
        said = ""
        for word in words[start:]:
            said += word
            if len(said) > _LONGEST or not _HAN.fullmatch(said):
                break
            yield said
