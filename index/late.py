"""Late interaction: how well each token of a question is met by the tokens of a text.

A text's vector says what it is about as a whole; the vectors of its tokens say which of its words means what a word of
the question means, though it be another word (ColBERT; Khattab and Zaharia 2020). Here the model is none trained for
it, and its last layer serves well all the same (docs/adr/0007).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedder import Embedding, Vectors

_VECTORS, _PLACES, _ROWS = "vectors.npy", "places.npy", "rows.npy"
_UNPACKED = 512
"""Rows kept in single precision: unpacking a row costs twice what comparing it does. Some 100 kB each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's tokens: unit vectors (tokens, dimension), what each weighs, and its span in the question."""

    vectors: Vectors
    weights: NDArray[np.float32]
    spans: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Match:
    """One row against a question: similarities of shape (tokens asked, tokens of the row), and the row's token spans."""

    similarities: Vectors
    spans: NDArray[np.int32]

    def best(self, start: int, end: int) -> Vectors:
        """For each token asked the best similarity among the row's tokens that begin in [start, end) of its text."""
        first, last = np.searchsorted(self.spans[:, 0], [start, end])
        if first == last:
            return np.zeros(len(self.similarities), dtype=np.float32)
        best: Vectors = self.similarities[:, first:last].max(axis=1)
        return best


class TokenIndex:
    """The token vectors of every row, in half precision."""

    def __init__(self, vectors: NDArray[np.float16], places: NDArray[np.int32], rows: NDArray[np.int64]) -> None:
        """`vectors` (tokens, dimension), `places` (tokens, 3): number, start, end; row r has the tokens rows[r]:rows[r+1]."""
        self._vectors, self._places, self._rows = np.asarray(vectors), places, rows
        self._weights = _weights(places[:, 0], rows)
        self._unpacked = lru_cache(_UNPACKED)(self._unpack)

    @classmethod
    def build(cls, embeddings: Sequence[Embedding]) -> TokenIndex:
        """Index the tokens of `embeddings`, in their order."""
        rows = np.cumsum([0, *(len(embedding.ids) for embedding in embeddings)], dtype=np.int64)
        vectors = np.concatenate([embedding.tokens for embedding in embeddings]).astype(np.float16)
        places = np.concatenate([np.column_stack([e.ids, e.spans]) for e in embeddings]).astype(np.int32)
        return cls(vectors, places, rows)

    @classmethod
    def load(cls, folder: Path) -> TokenIndex:
        """Open what `save` wrote, the vectors memory-mapped."""
        vectors = np.load(folder / _VECTORS, mmap_mode="r", allow_pickle=False)
        return cls(vectors, *(np.load(folder / name, allow_pickle=False) for name in (_PLACES, _ROWS)))

    def save(self, folder: Path) -> None:
        """Write the index to a folder."""
        folder.mkdir(parents=True)
        for name, array in ((_VECTORS, self._vectors), (_PLACES, self._places), (_ROWS, self._rows)):
            np.save(folder / name, array, allow_pickle=False)

    @property
    def rows(self) -> int:
        """How many rows are indexed."""
        return len(self._rows) - 1

    def ask(self, question: Embedding) -> Asked:
        """The question's tokens with their weights: the rarer in the rows, the heavier."""
        unseen = float(np.log(1 + self.rows))
        weights = [self._weights.get(int(number), unseen) for number in question.ids]
        return Asked(question.tokens, np.array(weights, dtype=np.float32), question.spans)

    def match(self, asked: Asked, row: int) -> Match:
        """One row against a question."""
        vectors, spans = self._unpacked(row)
        return Match(asked.vectors @ vectors.T, spans)

    def _unpack(self, row: int) -> tuple[Vectors, NDArray[np.int32]]:
        """A row's token vectors in single precision, and their spans."""
        tokens = slice(self._rows[row], self._rows[row + 1])
        return self._vectors[tokens].astype(np.float32), self._places[tokens, 1:]

    def score(self, asked: Asked, match: Match) -> float:
        """How well the whole row meets the question: the weighted mean of its tokens' best similarities."""
        if not len(asked.weights) or not match.similarities.size:
            return 0.0
        return float(asked.weights @ match.similarities.max(axis=1) / asked.weights.sum())


def _weights(numbers: NDArray[np.int32], rows: NDArray[np.int64]) -> dict[int, float]:
    """ln(1 + rows / (1 + rows that hold it)) of every token."""
    row_of = np.repeat(np.arange(len(rows) - 1), np.diff(rows))
    seen, counts = np.unique(np.unique(np.column_stack([row_of, numbers]), axis=0)[:, 1], return_counts=True)
    weights = np.log(1 + (len(rows) - 1) / (1 + counts))
    return dict(zip(seen.tolist(), weights.tolist(), strict=True))
