"""A part of a question, out of what the whole question's tokens mean, so that it is not embedded by itself."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.embedder import Embedding

COVERED = 0.8
"""The share of a part's characters that must stand in the question, as tokens of it; any other is embedded by itself."""


class Part(NamedTuple):
    """The embedding of a part, and which of the question's tokens are its tokens."""

    embedding: Embedding
    of_whole: NDArray[np.intp]


def part_of(whole: Embedding, question: str, part: str) -> Part | None:
    """The embedding of `part` from that of `question`; None where too little of the part's words stand there.

    Its tokens are the question's, each as it is meant there; its vector is their mean (late chunking, Günther et al. 2024).
    """
    tokens, spans = [], []
    for block in SequenceMatcher(None, question, part, autojunk=False).get_matching_blocks():
        own = np.flatnonzero((whole.spans[:, 0] >= block.a) & (whole.spans[:, 1] <= block.a + block.size))
        tokens.append(own)
        spans.append(whole.spans[own] - block.a + block.b)
    of_whole, of_part = np.concatenate(tokens), np.concatenate(spans)
    if not len(of_whole) or (of_part[:, 1] - of_part[:, 0]).sum() < COVERED * len(part):
        return None
    vectors = whole.tokens[of_whole]
    mean = vectors.mean(axis=0)
    return Part(Embedding(mean / np.linalg.norm(mean), vectors, whole.ids[of_whole], of_part), of_whole)
