"""Terms and indicators found in a question by name, by alias, or by a name that is nearly right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz

from index.entries import Entry
from index.name_lookup import NameLookup
from index.normalise import fold
from ingest.model import Indicator, Term
from ingest.terms import everyday_names

How = Literal["exact", "near", "sound"]

NEAR = 80.0
"""Least share of a name's characters, in percent, that a question must hold for a near-name."""
_NEAR_LENGTH = 4
"""Shorter names have too many near-names by accident."""
_QUOTED = re.compile(r"[“‘「『《\"]([^“”‘’「」『』《》\"]+)[”’」』》\"]")
_PUNCTUATION = ",.;:!?，。；：！？、"


@dataclass(frozen=True, slots=True)
class NameHit:
    """A name found in a question; `score` is 1 for an exact name, less for a near one."""

    row: int
    name: str
    how: How
    score: float


@dataclass(frozen=True, slots=True)
class _Name:
    row: int
    folded: str
    pinyin: str
    is_proper: bool


class NameIndex:
    """All names of terms and indicators.

    A term's name without its version may be an everyday word: “Xxx 6.0” is a term, xxx is what everyone speaks of. It
    counts only where it is certain that the name is meant: the glossary has it in quotation marks, or the question
    has, or the question says nothing else.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        names = [
            (_Name(row, folded, _sound(folded), entry.kind == "term"), folded in _folded_everyday_names(entry))
            for row, entry in enumerate(entries)
            if entry.kind != "passage"
            for folded in _folded_names(entry)
        ]
        self._names = tuple(name for name, is_everyday in names if not is_everyday)
        self._everyday = tuple(name for name, is_everyday in names if is_everyday)
        self._lookup = NameLookup([name.folded for name in self._names], [name.pinyin for name in self._names])

    @property
    def known(self) -> tuple[str, ...]:
        """Every name that is looked for, folded."""
        return tuple(name.folded for name in self._names)

    def find(self, question: str) -> list[NameHit]:
        """The entries a question names, best first.

        A name inside a longer name that is also there does not count. Near-names are looked for only where no exact
        one is found: by characters, then by sound.
        """
        folded = fold(question)
        exact = [self._names[position] for position in self._lookup.held_in(folded)]
        if self._everyday:
            alone = {fold(words) for words in _QUOTED.findall(question)} | {folded.strip(_PUNCTUATION)}
            exact += [name for name in self._everyday if name.folded in alone]
        said = {name.folded for name in exact}
        whole = {name for name in said if not any(_inside(name, other) for other in said)}
        kept = [name for name in exact if name.folded in whole]
        hits = [NameHit(name.row, name.folded, "exact", 1.0) for name in kept] if kept else self._near(folded)
        return _best_per_row(hits)

    def _near(self, folded: str) -> list[NameHit]:
        sound = _sound(folded)
        hits = []
        for name in (self._names[position] for position in self._lookup.near(folded, sound)):
            if len(name.folded) < _NEAR_LENGTH or len(folded) < _NEAR_LENGTH:
                continue
            by_characters = _likeness(name, folded)
            if by_characters:
                hits.append(NameHit(name.row, name.folded, "near", by_characters / 100))
            elif name.pinyin in sound:
                hits.append(NameHit(name.row, name.folded, "sound", 0.9))
        return hits


def names_of(item: object) -> tuple[str, ...]:
    """The names an indexed item goes by."""
    if isinstance(item, Term):
        return (item.name, *item.aliases)
    if isinstance(item, Indicator):
        return (item.name, f"{item.group}{item.name}") if item.group else (item.name,)
    return ()


def _folded_names(entry: Entry) -> list[str]:
    return sorted({fold(name) for name in names_of(entry.item)} - {""})


def _folded_everyday_names(entry: Entry) -> frozenset[str]:
    item = entry.item
    return frozenset(fold(name) for name in everyday_names(item)) if isinstance(item, Term) else frozenset()


def _inside(name: str, other: str) -> bool:
    return name != other and name in other


def _likeness(name: _Name, folded: str) -> float:
    """How like the name the best part of a question is, in percent; 0 where that is below NEAR.

    A proper name but for its head, which sets it apart from others, is another name: "a b" means no "c a b".
    """
    if len(folded) < len(name.folded):
        part, score = folded, fuzz.ratio(name.folded, folded, score_cutoff=NEAR)
    else:
        like = fuzz.partial_ratio_alignment(name.folded, folded, score_cutoff=NEAR)
        part, score = (folded[like.dest_start : like.dest_end], like.score) if like else ("", 0.0)
    is_tail = len(part) < len(name.folded) and name.folded.endswith(part)
    return 0.0 if name.is_proper and is_tail else score


@lru_cache(16_384)
def _sound(text: str) -> str:
    """Toneless pinyin with a mark between syllables, so that a sound is found only at syllable borders."""
    from pypinyin import lazy_pinyin  # its dictionaries take longer to load than a look-up by name to answer

    return "'" + "'".join(lazy_pinyin(text)) + "'"


def _best_per_row(hits: Iterable[NameHit]) -> list[NameHit]:
    best: dict[int, NameHit] = {}
    for hit in hits:
        if hit.row not in best or (hit.score, len(hit.name)) > (best[hit.row].score, len(best[hit.row].name)):
            best[hit.row] = hit
    return sorted(best.values(), key=lambda hit: (-hit.score, -len(hit.name), hit.row))
