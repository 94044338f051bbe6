"""Everyday words and the administrative words that mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from index.normalise import fold


@cache
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """For each word of the lexicon, folded, the other words of its groups in the lexicon's order."""
    others: dict[str, list[str]] = {}
    for line in files("index").joinpath("synonyms.txt").read_text(encoding="utf-8").splitlines():
        group = [] if line.startswith("#") else [fold(word) for word in line.split()]
        for word in group:
            known = others.setdefault(word, [])
            known += [other for other in group if other != word and other not in known]
    return {word: tuple(words) for word, words in others.items()}


@cache
def everyday_words() -> tuple[str, ...]:
    """Every word of the lexicon, longest first, for finding them in running text."""
    return tuple(sorted(synonyms(), key=len, reverse=True))


@cache
def _by_first() -> Mapping[str, tuple[tuple[int, str], ...]]:
    """The words of the lexicon that are longer than a character, by their first one, with their place among all."""
    found: dict[str, list[tuple[int, str]]] = {}
    for place, word in enumerate(everyday_words()):
        if len(word) > 1:
            found.setdefault(word[0], []).append((place, word))
    return {first: tuple(words) for first, words in found.items()}


def expand(question: str) -> str:
    """`question` with the first synonym of every lexicon word in it added behind, for word-matching search."""
    folded = fold(question)
    added: list[str] = []
    rest = folded
    there = (each for first in set(folded) for each in _by_first().get(first, ()) if each[1] in folded)
    for _, word in sorted(there):
        if word in rest:
            rest = rest.replace(word, " ")
            added += [other for other in synonyms()[word][:2] if other not in folded]
    return " ".join([question, *dict.fromkeys(added)])
