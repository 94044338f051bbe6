"""Words shown to people → the same words, cut where a term of the glossary is named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.model import Corpus, Term
from ingest.terms import everyday_names

Cut = tuple[str, Term | None]
"""Words, and the term they name (None for words between)."""


@dataclass(frozen=True)
class Glossary:
    """The names of one report's terms, ready to be found."""

    terms: Mapping[str, Term]
    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, corpus: Corpus) -> Glossary:
        """Every name that can only mean its term; the longest is tried first."""
        named = {name: term for term in corpus.terms for name in _names(term)}
        longest_first = sorted(named, key=lambda name: (-len(name), name))
        return cls(named, re.compile("|".join(map(re.escape, longest_first))) if named else None)

    def gloss(self, texts: Sequence[str]) -> list[list[Cut]]:
        """Each text cut at the terms it names; a term is marked once, where the texts name it first."""
        seen: set[str] = set()
        return [list(self._cuts(text, seen)) for text in texts]

    def _cuts(self, text: str, seen: set[str]) -> Iterator[Cut]:
        position = 0
        for match in self.pattern.finditer(text) if self.pattern else ():
            term = self.terms[match[0]]
            if term.id in seen:
                continue
            seen.add(term.id)
            yield text[position : match.start()], None
            yield match[0], term
            position = match.end()
        yield text[position:], None


def _names(term: Term) -> list[str]:
    return [name for name in (term.name, *term.aliases) if name not in everyday_names(term)]
