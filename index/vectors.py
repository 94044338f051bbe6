"""Vectors → nearest rows, by FAISS. The one module that imports it."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np

from index.embedder import Vectors

Hit = tuple[int, float]
"""A row and its similarity, higher is better."""


class VectorIndex:
    """Exact inner-product search over unit vectors."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> VectorIndex:
        """Index `vectors` of shape (rows, dimension)."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> VectorIndex:
        """Open what `save` wrote, memory-mapped."""
        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP))

    def save(self, path: Path) -> None:
        """Write the index to one file."""
        faiss.write_index(self._index, str(path))

    @property
    def rows(self) -> int:
        """How many vectors are indexed."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._index.d)

    def search(self, query: Vectors, k: int) -> list[Hit]:
        """The `k` nearest rows, best first; fewer where there are fewer rows (FAISS pads those with id -1)."""
        similarities, rows = self._index.search(query.reshape(1, -1), k)
        return [(int(row), float(score)) for row, score in zip(rows[0], similarities[0], strict=True) if row != -1]
