"""How near in meaning a text is to each word of a question, from the similarities of their tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.embedder import Vectors
from index.late import Asked
from index.normalise import fold_with_positions
from server.answering.questions import Query

_FLOOR, _STRETCH = 0.63, 2.6
"""Similarities of the model lie between 0.63 for words that have nothing to do with each other and 1 for equal ones."""


class Late:
    """The tokens of one question, by the words they belong to."""

    def __init__(self, query: Query, asked: Asked) -> None:
        self._weights, self._total = asked.weights, float(asked.weights.sum())
        text, positions = fold_with_positions(query.text)
        tokens = [_tokens(word.word, text, positions, asked) for word in query.asked]
        self._nowhere = np.array([not there.any() for there in tokens], dtype=bool)
        self._words = np.array(tokens, dtype=np.float32).reshape(len(tokens), len(asked.weights))
        self._words /= np.maximum(self._words.sum(axis=1, keepdims=True), 1)

    def shares(self, best: Vectors) -> NDArray[np.float64]:
        """How well the tokens are met all in all, weighted by how rare they are, in each of several texts."""
        if not self._total:
            return np.zeros(len(best))
        return _stretched(_product(best, self._weights) / self._total).astype(np.float64)

    def by_word(self, best: Vectors) -> list[tuple[float, ...]]:
        """How well each word asked is met in each of several texts."""
        met = _stretched(_product(best, self._words.T))
        met[:, self._nowhere] = 1.0
        return [tuple(line) for line in met.tolist()]


def _product(matrix: Vectors, other: Vectors) -> Vectors:
    # The mathematics library may raise the flag where every number is finite (numpy issue 24067).
    with np.errstate(invalid="ignore"):
        product: Vectors = matrix @ other
    return product


def _stretched(similarity: Vectors) -> Vectors:
    return _STRETCH * (similarity - _FLOOR)


def _tokens(word: str, text: str, positions: tuple[int, ...], asked: Asked) -> NDArray[np.bool]:
    """Which tokens share a character with the first place of `word` in the question."""
    at = text.find(word)
    if at < 0:
        return np.zeros(len(asked.weights), dtype=bool)
    start, end = positions[at], positions[at + len(word) - 1] + 1
    return (asked.spans[:, 0] < end) & (asked.spans[:, 1] > start)
