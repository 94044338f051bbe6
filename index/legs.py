"""The two legs that look through all rows: by meaning (dense) and by words (lexical).

They are behind a Protocol, since a large corpus may keep them in a store of its own; here they are the snapshot's files.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from index.embedder import Vectors
from index.lexical import LexicalIndex
from index.stored import ALL, Only, Table
from index.vectors import Hit, VectorIndex


class Legs(Protocol):
    """Finds rows by meaning and by words."""

    @property
    def rows(self) -> int:
        """How many rows are searched."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    def dense(self, vector: Vectors, k: int, only: Only = ALL) -> list[Hit]:
        """The `k` rows whose vectors are nearest to a question's, best first."""

    def lexical(self, question: str, k: int, only: Only = ALL) -> list[Hit]:
        """The `k` best rows by BM25 with a score above zero, best first."""


class LocalLegs:
    """The legs in the snapshot's own files, memory-mapped; see `Legs`."""

    def __init__(self, vectors: VectorIndex, lexical: LexicalIndex, table: Table) -> None:
        self._vectors, self._lexical, self._table = vectors, lexical, table

    @property
    def rows(self) -> int:
        """How many rows are searched."""
        return self._vectors.rows

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._vectors.dimension

    def dense(self, vector: Vectors, k: int, only: Only = ALL) -> list[Hit]:
        """The nearest rows; see `Legs`."""
        return self._vectors.search(vector, k, self._table.rows(only))

    def lexical(self, question: str, k: int, only: Only = ALL) -> list[Hit]:
        """The best rows by their words; see `Legs`."""
        return self._lexical.search(question, k, self._table.rows(only))


class RemoteStore(Protocol):
    """Where the legs of a snapshot may be searched instead of in its own files; see `index.milvus`."""

    def fill(self, identifier: str, table: Table, vectors: VectorIndex, lexical: LexicalIndex) -> None:
        """Send a snapshot's rows, where they are not there yet."""

    def publish(self, identifier: str) -> None:
        """Name a snapshot as the published one."""

    def keep(self, identifiers: Collection[str]) -> None:
        """Remove all other snapshots."""

    def legs(self, identifier: str, rows: int, dimension: int, lexical: LexicalIndex) -> Legs:
        """The legs over a snapshot."""
