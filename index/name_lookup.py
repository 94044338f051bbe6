"""Of very many names the few that a question may hold: what `NameIndex` looks at one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

LEAST = 2 / 3
"""Share of a near-name's characters that a question holds at least.

With n characters in the name, w in the part of the question and c in common and in order, likeness is 2c / (n + w). It
is at least 0.8 only where c ≥ 0.4 (n + w); since c ≤ w, w is then at least 2n / 3, and so is c.
"""


class NameLookup:
    """Names by what they are, by their characters and by their sound; a name is said by its position."""

    def __init__(self, names: Sequence[str], sounds: Sequence[str]) -> None:
        """`sounds` are the names' syllables, each between two apostrophes."""
        self._by_name = _positions(names)
        self._by_sound = _positions(sounds)
        self._lengths = sorted({len(name) for name in names})
        self._syllables: dict[str, set[int]] = {}
        for sound in self._by_sound:
            syllables = sound.strip("'").split("'")
            self._syllables.setdefault(syllables[0], set()).add(len(syllables))
        unique = list(self._by_name)
        self._of = [self._by_name[name] for name in unique]
        self._least = [LEAST * len(name) - 1e-9 for name in unique]
        self._holders: dict[str, list[int]] = {}
        for number, name in enumerate(unique):
            for character in name:
                self._holders.setdefault(character, []).append(number)

    def held_in(self, text: str) -> list[int]:
        """The names that stand in `text`, in their order."""
        parts = {text[i : i + n] for n in self._lengths for i in range(len(text) - n + 1)}
        return sorted(position for part in parts for position in self._by_name.get(part, ()))

    def near(self, text: str, sound: str) -> list[int]:
        """The names that may be like a part of `text`, and those that sound like a part of it, in their order."""
        shared = Counter(chain.from_iterable([self._holders.get(character, ()) for character in set(text)]))
        near = (number for number, count in shared.items() if count >= self._least[number])
        found = {position for number in near for position in self._of[number]}
        for part in self._sounds_in(sound.strip("'").split("'")):
            found.update(self._by_sound.get(part, ()))
        return sorted(found)

    def _sounds_in(self, syllables: Sequence[str]) -> Iterator[str]:
        """The parts of a text that begin as a name does and are as long, by their sound."""
        for start, first in enumerate(syllables):
            for length in self._syllables.get(first, ()):
                yield "'" + "'".join(syllables[start : start + length]) + "'"


def _positions(keys: Sequence[str]) -> dict[str, list[int]]:
    positions: dict[str, list[int]] = {}
    for position, key in enumerate(keys):
        positions.setdefault(key, []).append(position)
    return positions
