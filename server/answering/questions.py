"""Question → what is asked: its parts, its types, its years, and the words an answer must speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from math import log

from index.embedder import Vectors
from index.lexical import Tokenizer
from index.normalise import fold
from index.years import years_in
from ingest.model import Report
from server.answering.asks import Ask, asks_of, split_parts
from server.answering.reports import place_names

_EITHER_OR = re.compile(r"(能|会|是|要|行|好|对|可|该|算)不\1(?:以)?|有没有|真的假的|确认|核实|属实")
"""能不能 and its like would be cut across: 不能 with what follows."""
_YEAR_WORD = re.compile(r"^(?:19|20)?\d{2}年?$")


@dataclass(frozen=True, slots=True)
class FocusWord:
    """A word the answer must speak of; `weight` grows with how rare it is in the report."""

    word: str
    weight: float
    noun: bool = False


_HAN, _LATIN = re.compile("[\u4e00-\u9fff]"), re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """The last answer of the conversation; with its token vectors, (tokens, dimension), where a question goes on from there."""

    text: str
    tokens: Vectors | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """An understood question. `asked` are the words of its asking parts, `told` those of the story around them."""

    text: str
    asking: str
    asks: tuple[Ask, ...]
    years: tuple[int, ...]
    asked: tuple[FocusWord, ...]
    told: tuple[FocusWord, ...]
    before: Before | None = None

    @property
    def focus(self) -> tuple[FocusWord, ...]:
        """All words an answer may speak of."""
        return self.asked + self.told

    @property
    def is_foreign(self) -> bool:
        """Whether the question is mostly in another script than the report; a name or two may be in Chinese."""
        return len(_LATIN.findall(self.text)) > 3 * len(_HAN.findall(self.text))

    @property
    def wants_figure(self) -> bool:
        """Whether a number is asked for."""
        return Ask.NUMBER in self.asks or Ask.MONEY in self.asks


def understand(question: str, report: Report, tokenizer: Tokenizer, rarity: Rarity) -> Query:
    """Read a cleaned, simplified question against the report it is put to."""
    parts = split_parts(question)
    asked = focus_words(parts.asking, report, tokenizer)
    told = [word for word in focus_words(parts.context, report, tokenizer) if word not in asked]
    nouns = {fold(word) for word, tag in tokenizer.tags(question) if tag.startswith("n")}
    return Query(
        text=question,
        asking=parts.asking,
        asks=asks_of(parts.asking),
        years=years_in(question, report),
        asked=tuple(FocusWord(word, rarity(word), word in nouns) for word in asked),
        told=tuple(FocusWord(word, rarity(word), word in nouns) for word in told),
    )


def focus_words(question: str, report: Report, tokenizer: Tokenizer) -> list[str]:
    """The words of `question` that say what it is about, in order, once each."""
    passed_over, places = question_words(), _names_of_place(report.place)
    words = [
        word
        for word in tokenizer.cut(_EITHER_OR.sub(" ", question))
        if word not in passed_over and word not in places and not _YEAR_WORD.match(word)
    ]
    return list(dict.fromkeys(words))


@cache
def question_words() -> frozenset[str]:
    """Words that ask, address, fill or point, and so say nothing of the topic."""
    text = files("server.answering").joinpath("question_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@lru_cache(256)
def _names_of_place(place: str) -> frozenset[str]:
    names = [fold(name) for name in (*place_names(place), *(place.removesuffix(name) for name in place_names(place)))]
    return frozenset(part for name in names for part in (name, name.rstrip("区县市旗"))) - {""}


class Rarity:
    """How telling a word is: ln(1 + N / n) for a word that stands in n of N texts (inverse document frequency)."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = [fold(text) for text in texts]
        self._known: dict[str, float] = {}

    def __call__(self, word: str) -> float:
        """The weight of `word`; a word that stands nowhere weighs as much as one that stands once."""
        if word not in self._known:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            count = sum(word in text for text in self._texts)
            self._known[word] = log(1 + len(self._texts) / max(count, 1))
        return self._known[word]


_REMEMBERED = 20_000
