"""Late interaction: how well each token of a question is met by the tokens of a text.

A text's vector says what it is about as a whole; the vectors of its tokens say which of its words means what a word of
the question means, though it be another word (ColBERT; Khattab and Zaharia 2020). The last layer of any model serves
for it (docs/adr/0007); that of the default one was fitted for it (docs/adr/0051).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import overload

import numpy as np
from numpy.typing import NDArray

from index.embedder import Embedding, Vectors
from index.files import ArrayFile
from index.vectors import Quantiser

EXACT_UP_TO = 20_000
"""Rows up to which token vectors are kept in half precision; those of more are kept as codes (docs/adr/0046)."""
_PARTS_OF = 4
"""Numbers of a vector that become one byte of a code."""
_LEARNT_FROM = 2_000
"""Rows whose tokens the codes are learnt from."""
_VECTORS, _CODES, _CODEBOOK = "vectors.npy", "codes.npy", "codebook.npy"
_SPANS, _IDS, _ROWS, _WEIGHTS = "spans.npy", "ids.npy", "rows.npy", "weights.npy"
_NOTHING: Mapping[int, Vectors] = MappingProxyType({})
_UNPACKED = 1024
"""Rows kept in single precision, of all reports together: unpacking a row costs twice what comparing it does. Some 70 kB each."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class RowTokens:
    """A row's token vectors in single precision, and the tokens' spans in its text.

    It is one object for as long as it is kept, by which more can be kept that depends on the row alone.
    """

    vectors: Vectors
    spans: NDArray[np.int32]

    def within(self, pieces: Iterable[tuple[int, int]]) -> NDArray[np.intp]:
        """Two lines: for each piece [start, end) of the text the first token that begins in it, and the one behind the last."""
        bounds = np.array(list(pieces), dtype=self.spans.dtype).reshape(-1, 2).T
        places: NDArray[np.intp] = np.ascontiguousarray(self.spans[:, 0]).searchsorted(bounds)
        return places


_Unpacked = Callable[[int, int], RowTokens]
"""The tokens from one to another."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's tokens: unit vectors (tokens, dimension), what each weighs, and its span in the question."""

    vectors: Vectors
    weights: NDArray[np.float32]
    spans: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Match:
    """One row against a question: similarities (tokens of the row, tokens asked), and the row's tokens.

    `score` is the weighted mean of the best similarities of the tokens asked.
    """

    similarities: Vectors
    tokens: RowTokens
    score: float


class Matches(Sequence[Match]):
    """Several rows against a question; `scores` are those of all."""

    def __init__(
        self,
        rows: Sequence[int],
        texts: Sequence[RowTokens],
        ends: Sequence[int],
        similar: Vectors,
        scores: list[float],
    ) -> None:
        """The similarities of the tokens of `rows[i]` are the lines [ends[i], ends[i + 1]) of `similar`."""
        self._rows, self._texts, self._ends, self._similar = rows, texts, ends, similar
        self.scores = scores

    def of_tokens(self, asked: NDArray[np.intp]) -> dict[int, Vectors]:
        """By row the similarities of its tokens and some of those asked."""
        similar = self._similar[:, asked]
        bounds = zip(self._rows, self._ends, self._ends[1:], strict=False)
        return {row: similar[start:end] for row, start, end in bounds}

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, place: int) -> Match: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Match]: ...
    def __getitem__(self, place: int | slice) -> Match | Sequence[Match]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        lines = self._similar[self._ends[place] : self._ends[place + 1]]
        return Match(lines, self._texts[place], self.scores[place])


def most(rows: Vectors, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> Vectors:
    """For each [start, end) the maximum of each column over these rows; 0 where there are none."""
    # With a row behind the last one every end is the number of a row, as reduceat wants it.
    padded = np.concatenate([rows, np.zeros((1, rows.shape[1]), dtype=np.float32)])
    found: Vectors = np.maximum.reduceat(padded, np.column_stack([starts, ends]).ravel(), axis=0)[::2]
    found[starts >= ends] = 0
    return found


class TokenIndex:
    """The token vectors of every row, memory-mapped: in half precision, or as codes where there are many rows."""

    def __init__(
        self,
        vectors: NDArray[np.float16] | NDArray[np.uint8],
        spans: NDArray[np.uint16],
        ids: NDArray[np.int32],
        rows: NDArray[np.int64],
        weights: dict[int, float],
        quantiser: Quantiser | None,
        unpacked: _Unpacked | None = None,
    ) -> None:
        """`vectors` (tokens, dimension), or codes with their quantiser; row r has the tokens rows[r]:rows[r+1].

        `ids` are the tokens' numbers in the model's vocabulary, `weights` are by these; `unpacked` is what an index
        shares with its parts.
        """
        self._vectors, self._spans, self._ids, self._rows, self._weights = vectors, spans, ids, rows, weights
        self._quantiser = quantiser
        self._unpacked = unpacked or lru_cache(_UNPACKED)(self._unpack)

    @classmethod
    def write(
        cls, folder: Path, embeddings: Iterable[Embedding], rows: int, quantiser: Quantiser | None = None
    ) -> None:
        """Index the tokens of `embeddings`, `rows` of them, in a new folder; only some are in memory at a time.

        :param quantiser: what makes codes of token vectors; by default one learnt from the first of very many rows.
        """
        folder.mkdir(parents=True)
        embeddings = iter(embeddings)
        if rows > EXACT_UP_TO and quantiser is None:
            first = list(islice(embeddings, _LEARNT_FROM))
            quantiser = learn([embedding.tokens for embedding in first])
            embeddings = chain(first, embeddings)
        if quantiser:
            np.save(folder / _CODEBOOK, quantiser.codebook, allow_pickle=False)
        ends, counts = [0], Counter[int]()
        with (
            ArrayFile(folder / (_CODES if quantiser else _VECTORS)) as vectors,
            ArrayFile(folder / _SPANS) as spans,
            ArrayFile(folder / _IDS) as ids,
        ):
            for embedding in embeddings:
                tokens = embedding.tokens
                vectors.append(quantiser.encode(tokens) if quantiser else tokens.astype(np.float16))
                spans.append(embedding.spans.astype(np.uint16))
                ids.append(embedding.ids.astype(np.int32))
                ends.append(ends[-1] + len(embedding.ids))
                counts.update(set(embedding.ids.tolist()))
        np.save(folder / _ROWS, np.array(ends, dtype=np.int64), allow_pickle=False)
        np.save(folder / _WEIGHTS, _weights(counts, len(ends) - 1), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> TokenIndex:
        """Open what `write` wrote, memory-mapped."""
        is_coded = (folder / _CODES).exists()
        names = (_CODES if is_coded else _VECTORS, _SPANS, _IDS, _ROWS)
        # A plain view of the mapped file is cut six times as fast as numpy's own kind of array for such files.
        vectors, spans, ids, rows = [
            np.load(folder / name, mmap_mode="r", allow_pickle=False).view(np.ndarray) for name in names
        ]
        weights = _by_number(np.load(folder / _WEIGHTS, allow_pickle=False))
        quantiser = Quantiser(np.load(folder / _CODEBOOK, allow_pickle=False)) if is_coded else None
        return cls(vectors, spans, ids, rows, weights, quantiser)

    @property
    def rows(self) -> int:
        """How many rows are indexed."""
        return len(self._rows) - 1

    def part(self, of: range) -> TokenIndex:
        """The index of some rows that follow each other, as if there were no others; they are numbered from 0."""
        rows = self._rows[of.start : of.stop + 1]
        ids = self._ids[rows[0] : rows[-1]].astype(np.int64)
        row_of = np.repeat(np.arange(len(of)), np.diff(rows))
        width = int(ids.max(initial=0)) + 1
        numbers, held = np.unique(np.unique(row_of * width + ids) % width, return_counts=True)
        weights = _by_number(_weights(Counter(dict(zip(numbers.tolist(), held.tolist(), strict=True))), len(of)))
        return TokenIndex(self._vectors, self._spans, self._ids, rows, weights, self._quantiser, self._unpacked)

    def ask(self, question: Embedding) -> Asked:
        """The question's tokens with their weights: the rarer in the rows, the heavier."""
        unseen = float(np.log(1 + self.rows))
        weights = [self._weights.get(int(number), unseen) for number in question.ids]
        return Asked(question.tokens, np.array(weights, dtype=np.float32), question.spans)

    def match(self, asked: Asked, row: int) -> Match:
        """One row against a question."""
        return self.matches(asked, [row])[0]

    def matches(self, asked: Asked, rows: Sequence[int], known: Mapping[int, Vectors] = _NOTHING) -> Matches:
        """Rows against a question.

        :param known: the similarities of some rows, from a question that this one is a part of.
        """
        numbers = np.array(rows, dtype=np.intp)
        texts = list(map(self._unpacked, self._rows[numbers].tolist(), self._rows[numbers + 1].tolist()))
        ends = list(accumulate([len(text.spans) for text in texts], initial=0))
        # Many rows' tokens by few of a question's: laid out so, the product takes half the time of the other way round.
        question = np.ascontiguousarray(asked.vectors.T)
        similar = np.empty((ends[-1], len(asked.weights)), dtype=np.float32)
        for row, text, start, end in zip(rows, texts, ends, ends[1:], strict=False):
            if row in known:
                similar[start:end] = known[row]
            else:
                np.matmul(text.vectors, question, out=similar[start:end])
        return Matches(rows, texts, ends, similar, _scores(asked.weights, similar, np.array(ends)))

    def _unpack(self, first: int, end: int) -> RowTokens:
        tokens = slice(first, end)
        kept, spans = self._vectors[tokens], self._spans[tokens].astype(np.int32)
        vectors = self._quantiser.decode(kept.astype(np.uint8)) if self._quantiser else kept.astype(np.float32)
        return RowTokens(vectors, spans)


def _scores(weights: Vectors, similar: Vectors, ends: NDArray[np.intp]) -> list[float]:
    """How well each row meets the question; the similarities of row r's tokens are the lines [ends[r], ends[r + 1])."""
    best = np.zeros((len(ends) - 1, len(weights)), dtype=np.float32)
    has_tokens = np.diff(ends) > 0
    starts = ends[:-1][has_tokens]
    if not len(weights) or not len(starts):
        return [0.0] * len(best)
    best[has_tokens] = np.maximum.reduceat(similar, starts, axis=0)
    scores: list[float] = (best @ weights / weights.sum()).tolist()
    return scores


def learn(tokens: Sequence[Vectors]) -> Quantiser:
    """What makes codes of token vectors like these."""
    together = np.concatenate(tokens)
    return Quantiser.learn(together, together.shape[1] // _PARTS_OF)


def _weights(counts: Counter[int], rows: int) -> NDArray[np.float64]:
    """Two lines: the numbers of the tokens, and ln(1 + rows / (1 + rows that hold it)) of each."""
    numbers = np.array(sorted(counts), dtype=np.float64)
    held = np.array([counts[int(number)] for number in numbers], dtype=np.float64)
    return np.stack([numbers, np.log(1 + rows / (1 + held))])


def _by_number(weights: NDArray[np.float64]) -> dict[int, float]:
    """What `_weights` gives, as a weight by token."""
    return dict(zip(weights[0].astype(int).tolist(), weights[1].tolist(), strict=True))
