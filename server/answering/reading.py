"""Evidence → how well each of its sentences answers, by the reader (`reader.py`)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from index.embedder import Vectors
from index.search import Evidence, Found
from ingest.model import Passage, Span
from server.answering.reader import fitted_reader

READ = 14
"""Sentences that are read: those that late interaction finds nearest."""
_BELOW = 1.0
"""How far below the least logit of those read the others are taken to be."""

UNREAD = -2.0
"""The logit of everything where the reader does not know the vectors of the embedding model."""

Unit = tuple[int, Span]
"""A row and a sentence of it; a table row and a glossary entry are read as a whole."""


def unit_of(evidence: Evidence, sentence: Span) -> Unit:
    """What is read for a sentence of the evidence."""
    item = evidence.entry.item
    return (evidence.row, sentence if isinstance(item, Passage) else item.span)


def read_sentences(found: Found) -> dict[Unit, float]:
    """For every unit of the evidence the logit that it answers the question."""
    reader = fitted_reader()
    units = [unit for evidence in found.evidence for unit, _ in _units(evidence)]
    if found.model != reader.model:
        return dict.fromkeys(units, UNREAD)
    nearest = nearest_units(found, READ)
    logits = reader.read(found.asked, list(nearest.values()))
    least = float(logits.min()) - _BELOW if len(logits) else 0.0
    return {**dict.fromkeys(units, least), **dict(zip(nearest, logits.tolist(), strict=True))}


def nearest_units(found: Found, count: int) -> dict[Unit, Vectors]:
    """The `count` units that late interaction finds nearest, with their tokens, the nearest first."""
    weights = found.asked.weights
    units: dict[Unit, tuple[Evidence, _Tokens]] = {}
    late: dict[Unit, float] = {}
    for evidence in found.evidence:
        for unit, tokens in _units(evidence):
            similar = evidence.match.similarities[:, tokens]
            if similar.shape[1]:
                units[unit], late[unit] = (evidence, tokens), float(weights @ similar.max(axis=1))
    order = sorted(late, key=lambda unit: (-late[unit], unit))[:count]
    return {unit: evidence.match.vectors[tokens] for unit in order for evidence, tokens in [units[unit]]}


_Tokens = slice | NDArray[np.intp]
"""Which of a row's tokens are read."""


def _units(evidence: Evidence) -> Iterator[tuple[Unit, _Tokens]]:
    """The units of a piece of evidence with their tokens: the sentence's own and those of the titles above."""
    entry, spans = evidence.entry, evidence.match.spans
    item = entry.item
    if not isinstance(item, Passage):
        yield (evidence.row, item.span), slice(None)
        return
    shift = entry.shift or 0
    above = spans[:, 1] <= item.span.start - shift
    for sentence in item.sentences:
        own = (spans[:, 0] < sentence.span.end - shift) & (spans[:, 1] > sentence.span.start - shift)
        yield (evidence.row, sentence.span), np.flatnonzero(own | above)
