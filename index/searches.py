"""A searcher over each report of a snapshot, narrowed from the legs over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache

from index.embedder import Embedder, Vectors
from index.late import TokenIndex
from index.legs import Legs
from index.lexical import LexicalIndex
from index.search import Search
from index.stored import ALL, Entries, Only, Table
from index.vectors import Hit

KEPT = 64
"""Reports whose searchers are kept once they were asked; each takes some 2 MB, and is made anew in some 0.1 s."""


class Searches(Mapping[str, Search]):
    """A searcher over each report, by its id, made when it is first asked for; those asked last are kept.

    It finds rows of its report alone, numbered from 0, and all that is counted (how rare a word or a token is, how long
    a text is on average) is counted in its report: what else is loaded changes no score.
    """

    def __init__(
        self, entries: Entries, legs: Legs, tokens: TokenIndex, lexical: LexicalIndex, embedder: Embedder
    ) -> None:
        self._entries, self._legs, self._tokens, self._lexical = entries, legs, tokens, lexical
        self._embedder = embedder
        self._reports = dict.fromkeys(entries.table.reports)
        self._of = lru_cache(KEPT)(self._narrowed)

    @cached_property
    def whole(self) -> Search:
        """The searcher over the rows of all reports as one."""
        return Search(self._entries, self._legs, self._tokens, self._lexical, self._embedder)

    def __getitem__(self, report: str) -> Search:
        return self._of(report)

    def __iter__(self) -> Iterator[str]:
        return iter(self._reports)

    def __len__(self) -> int:
        return len(self._reports)

    def __contains__(self, report: object) -> bool:
        return report in self._reports

    def _narrowed(self, report: str) -> Search:
        rows, table = self._entries.table.narrowed(report)
        if len(self) == 1:
            return self.whole
        entries = Entries(self._entries.corpora, table)
        lexical = LexicalIndex.build((entry.text for entry in entries), self._lexical.tokenizer)
        legs = ReportLegs(self._legs, lexical, table, rows.start)
        return Search(entries, legs, self._tokens.part(rows), lexical, self._embedder)


class ReportLegs:
    """The legs over the rows of one report; see `Legs`. By words it has an index of its own, with the report's own counts."""

    def __init__(self, legs: Legs, lexical: LexicalIndex, table: Table, start: int) -> None:
        """`table` is of the report alone, `start` its first row among those of `legs`."""
        self._legs, self._lexical, self._table, self._start = legs, lexical, table, start

    @property
    def rows(self) -> int:
        """How many rows are searched."""
        return len(self._table)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._legs.dimension

    def dense(self, vector: Vectors, k: int, only: Only = ALL) -> list[Hit]:
        """The nearest rows; see `Legs`."""
        own = Only(self._table.reports, only.years)
        return [(row - self._start, score) for row, score in self._legs.dense(vector, k, own)]

    def lexical(self, question: str, k: int, only: Only = ALL) -> list[Hit]:
        """The best rows by their words; see `Legs`."""
        return self._lexical.search(question, k, self._table.rows(only))
