"""Evidence → how well each of its sentences answers, by the reader (`reader.py`)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from index.embedder import Vectors
from index.search import Evidence, Found
from ingest.model import Passage, Span
from server.answering.reader import fitted_reader

READ = 14
"""Sentences that are read: those that late interaction finds nearest."""
_BELOW = 1.0
"""How far below the least logit of those read the others are taken to be."""

Unit = tuple[int, Span]
"""A row and a sentence of it; a table row and a glossary entry are read as a whole."""


def unit_of(evidence: Evidence, sentence: Span) -> Unit:
    """What is read for a sentence of the evidence."""
    item = evidence.entry.item
    return (evidence.row, sentence if isinstance(item, Passage) else item.span)


def read_sentences(found: Found) -> dict[Unit, float]:
    """For every unit of the evidence the logit that it answers the question; 0 where the reader knows no such vectors."""
    reader = fitted_reader()
    units = [unit for evidence in found.evidence for unit, _ in _units(evidence)]
    if found.model != reader.model:
        return dict.fromkeys(units, 0.0)
    nearest = nearest_units(found, READ)
    logits = reader.read(found.asked, list(nearest.values()))
    least = float(logits.min()) - _BELOW if len(logits) else 0.0
    return {**dict.fromkeys(units, least), **dict(zip(nearest, logits.tolist(), strict=True))}


def nearest_units(found: Found, count: int) -> dict[Unit, Vectors]:
    """The `count` units that late interaction finds nearest, with their tokens, the nearest first."""
    units = {unit: tokens for evidence in found.evidence for unit, tokens in _units(evidence) if len(tokens)}
    asked = found.asked
    late = {unit: float(asked.weights @ (asked.vectors @ tokens.T).max(axis=1)) for unit, tokens in units.items()}
    order = sorted(late, key=lambda unit: (-late[unit], unit))[:count]
    return {unit: units[unit] for unit in order}


def _units(evidence: Evidence) -> Iterator[tuple[Unit, Vectors]]:
    """The units of a piece of evidence with their tokens: the sentence's own and those of the titles above."""
    item, spans, vectors = evidence.entry.item, evidence.match.spans, evidence.match.vectors
    if not isinstance(item, Passage):
        yield (evidence.row, item.span), vectors
        return
    shift = evidence.entry.shift or 0
    above = spans[:, 1] <= item.span.start - shift
    for sentence in item.sentences:
        own = (spans[:, 0] < sentence.span.end - shift) & (spans[:, 1] > sentence.span.start - shift)
        yield (evidence.row, sentence.span), vectors[np.logical_or(own, above)]
