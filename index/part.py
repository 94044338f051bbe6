"""A part of a question, out of what the whole question's tokens mean, so that it is not embedded by itself."""

from __future__ import annotations

from difflib import SequenceMatcher

import numpy as np

from index.embedder import Embedding

COVERED = 0.8
"""The share of a part's characters that must stand in the question, as tokens of it; any other is embedded by itself."""


def part_of(whole: Embedding, question: str, part: str) -> Embedding | None:
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
    return Embedding(mean / np.linalg.norm(mean), vectors, whole.ids[of_whole], of_part)
