"""Vectors → nearest rows, by FAISS; and vectors → short codes. The one module that imports it."""

from __future__ import annotations

import threading
from math import sqrt
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.embedder import Vectors

Hit = tuple[int, float]
"""A row and its similarity, higher is better."""
Rows = NDArray[np.int64]

EXACT_UP_TO = 20_000
"""Rows up to which every vector is compared: that takes 2 ms at most, and nothing can be missed (docs/adr/0045)."""
_PROBED = 64
"""Of the cells of a large index the nearest ones that are searched."""
_PER_CELL = 64
"""Vectors that the centre of a cell is learnt from."""
_FEW = 20_000
"""Rows up to which a search among some rows only compares each of them."""
_BATCH = 50_000
_CELLS = b"Iw"
"""How FAISS's files of indexes with cells begin; it maps them in another way than the others."""


class VectorIndex:
    """Inner-product search over unit vectors: exact for few rows, in the nearest of many cells for many.

    In cells a vector is kept in half precision, and the index is read from the file as far as it is needed.
    """

    def __init__(self, index: faiss.Index) -> None:
        self._index = index
        self._mapping = threading.Lock()
        self.probe(_PROBED)

    def probe(self, number: int) -> None:
        """Look at so many cells in a search, or in a graph at so many neighbours: the more, the surer and slower."""
        if isinstance(self._index, faiss.IndexIVF):
            self._index.nprobe = min(number, self._index.nlist)
        elif isinstance(self._index, faiss.IndexHNSW):
            self._index.hnsw.efSearch = number

    @classmethod
    def build(cls, vectors: Vectors, kind: str | None = None) -> VectorIndex:
        """Index `vectors` of shape (rows, dimension), which may be mapped from a file.

        :param kind: a FAISS factory string; by default what fits the number of rows.
        """
        rows, dimension = vectors.shape
        index = faiss.index_factory(dimension, kind or kind_for(rows), faiss.METRIC_INNER_PRODUCT)
        if not index.is_trained:
            cells = index.nlist if isinstance(index, faiss.IndexIVF) else 1024
            learnt = np.random.default_rng(0).choice(rows, min(rows, _PER_CELL * cells), replace=False)
            index.train(np.ascontiguousarray(vectors[np.sort(learnt)], dtype=np.float32))
        for start in range(0, rows, _BATCH):
            index.add(np.ascontiguousarray(vectors[start : start + _BATCH], dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> VectorIndex:
        """Open what `save` wrote, memory-mapped."""
        with path.open("rb") as file:
            has_cells = file.read(2) == _CELLS
        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP if has_cells else faiss.IO_FLAG_MMAP_IFC))

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

    def search(self, query: Vectors, k: int, among: Rows | None = None) -> list[Hit]:
        """The `k` nearest rows, best first; fewer where there are fewer rows (FAISS pads those with id -1).

        :param among: the rows that count, ascending; all by default.
        """
        if among is not None and len(among) <= _FEW:
            return self._compared(query, k, among)
        only = None if among is None else self._only(among)
        similarities, rows = self._index.search(query.reshape(1, -1), k, params=only)
        return [(int(row), float(score)) for row, score in zip(rows[0], similarities[0], strict=True) if row != -1]

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors of some rows, of shape (rows, dimension), as precisely as they are kept."""
        if isinstance(self._index, faiss.IndexIVF):
            with self._mapping:
                self._index.make_direct_map()
        return np.asarray(self._index.reconstruct_batch(np.ascontiguousarray(rows)), dtype=np.float32)

    def _compared(self, query: Vectors, k: int, among: Rows) -> list[Hit]:
        if not len(among):
            return []
        scores = self.vectors(among) @ query.reshape(-1)
        best = np.lexsort((among, -scores))[:k]
        return [(int(among[i]), float(scores[i])) for i in best]

    def _only(self, among: Rows) -> Any:
        """Search parameters by which only these rows count."""
        given: dict[str, Any] = {"sel": faiss.IDSelectorBatch(among)}
        if isinstance(self._index, faiss.IndexIVF):
            return faiss.SearchParametersIVF(**given, **{"nprobe": self._index.nprobe})
        return faiss.SearchParameters(**given)


def kind_for(rows: int) -> str:
    """The kind of index for this many rows, as FAISS's factory calls it."""
    return "Flat" if rows <= EXACT_UP_TO else f"IVF{cells_for(rows)},SQfp16"


def cells_for(rows: int) -> int:
    """How many cells this many rows are put in: the search of the centres and that of some cells cost about the same."""
    return round(4 * sqrt(rows))


class Quantiser:
    """Vectors as short codes (product quantisation; Jégou, Douze and Schmid 2011).

    A vector is cut in parts, and each part replaced by the number of the nearest of 256 learnt ones. `codebook` has shape
    (parts, 256, dimension / parts).
    """

    def __init__(self, codebook: Vectors) -> None:
        self.codebook = codebook
        parts, numbers, length = codebook.shape
        self._quantiser: Any = faiss.ProductQuantizer(parts * length, parts, numbers.bit_length() - 1)
        faiss.copy_array_to_vector(np.ascontiguousarray(codebook).ravel(), self._quantiser.centroids)

    @classmethod
    def learn(cls, vectors: Vectors, parts: int) -> Quantiser:
        """Learn from `vectors` of shape (vectors, dimension); the dimension is a multiple of `parts`."""
        dimension = vectors.shape[1]
        quantiser = faiss.ProductQuantizer(dimension, parts, 8)
        quantiser.cp.seed, quantiser.cp.niter, quantiser.cp.max_points_per_centroid = 0, 12, 64
        quantiser.train(np.ascontiguousarray(vectors, dtype=np.float32))
        learnt = faiss.vector_to_array(quantiser.centroids).reshape(parts, 256, dimension // parts)
        return cls(learnt)

    def encode(self, vectors: Vectors) -> NDArray[np.uint8]:
        """Codes of shape (vectors, parts)."""
        return np.asarray(
            self._quantiser.compute_codes(np.ascontiguousarray(vectors, dtype=np.float32)), dtype=np.uint8
        )

    def decode(self, codes: NDArray[np.uint8]) -> Vectors:
        """The vectors that codes stand for, of shape (codes, dimension)."""
        return np.asarray(self._quantiser.decode(np.ascontiguousarray(codes)), dtype=np.float32)
