"""How alike in meaning words of the report are, by their tokens (late interaction, Khattab and Zaharia 2020)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.embedder import Vectors
from server.answering.candidates import Candidate


def tokens_of(candidate: Candidate) -> Vectors:
    """The vectors of a candidate's tokens, shape (tokens, dimension); all of its row's where it is no run or has none."""
    tokens, shift = candidate.evidence.match.tokens, candidate.evidence.entry.shift or 0
    span = candidate.source.span
    within = (tokens.spans[:, 0] >= span.start - shift) & (tokens.spans[:, 1] <= span.end - shift)
    return tokens.vectors[within] if candidate.form == "run" and within.any() else tokens.vectors


def met_by(said: Vectors, text: Vectors) -> float:
    """The mean similarity of each token said to the nearest of the text's, 0…1; neither is without tokens."""
    return float(np.mean((said @ text.T).max(axis=1)))


def alike(ones: Sequence[Vectors], others: Sequence[Vectors]) -> Vectors:
    """How well each text of one side and each of the other meet one another, shape (ones, others), 0…1; none is empty."""
    if not ones or not others:
        return np.zeros((len(ones), len(others)), dtype=np.float32)
    similar = np.concatenate(ones) @ np.concatenate(others).T
    rows, columns = _starts(ones), _starts(others)
    to_other = np.add.reduceat(np.maximum.reduceat(similar, columns, axis=1), rows, axis=0) / _lengths(ones)[:, None]
    to_one = np.add.reduceat(np.maximum.reduceat(similar, rows, axis=0), columns, axis=1) / _lengths(others)
    return np.asarray((to_other + to_one) / 2, dtype=np.float32)


def _lengths(texts: Sequence[Vectors]) -> Vectors:
    return np.array([len(text) for text in texts], dtype=np.float32)


def _starts(texts: Sequence[Vectors]) -> list[int]:
    return [0, *np.cumsum([len(text) for text in texts])[:-1].tolist()]
