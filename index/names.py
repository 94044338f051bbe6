"""Terms and indicators found in a question by name, by alias, or by a name that is nearly right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz

from index.entries import Entry
from index.normalise import fold
from ingest.model import Indicator, Term

How = Literal["exact", "near", "sound"]

NEAR = 80.0
"""Least share of a name's characters, in percent, that a question must hold for a near-name."""
_NEAR_LENGTH = 4
"""Shorter names have too many near-names by accident."""


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


class NameIndex:
    """All names of terms and indicators."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._names = tuple(
            _Name(row, folded, _sound(folded)) for row, entry in enumerate(entries) for folded in _folded_names(entry)
        )

    def find(self, question: str) -> list[NameHit]:
        """The entries a question names, best first.

        A name inside a longer name that is also there does not count. Near-names are looked for only where no exact
        one is found: by characters, then by sound.
        """
        folded = fold(question)
        exact = [name for name in self._names if name.folded in folded]
        kept = [name for name in exact if not any(_inside(name, other) for other in exact)]
        hits = [NameHit(name.row, name.folded, "exact", 1.0) for name in kept] if kept else self._near(folded)
        return _best_per_row(hits)

    def _near(self, folded: str) -> list[NameHit]:
        sound = _sound(folded)
        hits = []
        for name in self._names:
            if len(name.folded) < _NEAR_LENGTH or len(folded) < _NEAR_LENGTH:
                continue
            by_characters = fuzz.partial_ratio(name.folded, folded, score_cutoff=NEAR)
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


def _inside(name: _Name, other: _Name) -> bool:
    return name.folded != other.folded and name.folded in other.folded


@cache
def _sound(text: str) -> str:
    """Toneless pinyin with a mark between syllables, so that a sound is found only at syllable borders."""
    return "'" + "'".join(lazy_pinyin(text)) + "'"


def _best_per_row(hits: Iterable[NameHit]) -> list[NameHit]:
    best: dict[int, NameHit] = {}
    for hit in hits:
        if hit.row not in best or (hit.score, len(hit.name)) > (best[hit.row].score, len(best[hit.row].name)):
            best[hit.row] = hit
    return sorted(best.values(), key=lambda hit: (-hit.score, -len(hit.name), hit.row))
