"""Evidence → how well each of its sentences answers, by the reader (`reader.py`)."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.embedder import Vectors
from index.late import most
from index.search import Evidence, Found
from ingest.model import Passage, Span
from server.answering.reader import Text, fitted_reader
from server.answering.rows import kept_with_tokens

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
    units = [(evidence.row, part.span) for evidence in found.evidence for part in _parts(evidence)]
    if found.model != reader.model:
        return dict.fromkeys(units, UNREAD)
    nearest = nearest_units(found, READ)
    logits = reader.read(found.asked, [_text(piece.evidence).part(piece.tokens) for piece in nearest.values()])
    least = float(logits.min()) - _BELOW if len(logits) else 0.0
    return {**dict.fromkeys(units, least), **dict(zip(nearest, logits.tolist(), strict=True))}


class Piece(NamedTuple):
    """Some tokens of a row."""

    evidence: Evidence
    tokens: slice | NDArray[np.intp]

    @property
    def vectors(self) -> Vectors:
        """The tokens' vectors."""
        vectors: Vectors = self.evidence.match.tokens.vectors[self.tokens]
        return vectors


def nearest_units(found: Found, count: int) -> dict[Unit, Piece]:
    """The `count` units that late interaction finds nearest, with their tokens, the nearest first."""
    if not found.evidence:
        return {}
    units = [(evidence, part) for evidence in found.evidence for part in _parts(evidence)]
    similar = [evidence.match.similarities for evidence in found.evidence]
    begins = accumulate(map(len, similar[:-1]), initial=0)
    bounds = [begin + part.bounds for begin, one in zip(begins, found.evidence, strict=True) for part in _parts(one)]
    # Two lines for each unit: its own tokens, and those of the titles above it.
    best = most(np.concatenate(similar), *np.concatenate(bounds, axis=1)).reshape(len(units), 2, -1).max(axis=1)
    # Not a product of matrices: units met alike must come in their order.
    late = (best * found.asked.weights).sum(axis=1).tolist()
    order = sorted(
        (-nearness, (evidence.row, part.span), i)
        for i, (nearness, (evidence, part)) in enumerate(zip(late, units, strict=True))
        if part.has_tokens
    )
    return {unit: Piece(units[i][0], units[i][1].tokens) for _, unit, i in order[:count]}


class _Part(NamedTuple):
    """A unit of a row, and its tokens with those of the titles above it; `bounds` are two lines: of the ones, of the others.

    Where it has but one of the two, their bounds stand there twice.
    """

    span: Span
    bounds: NDArray[np.intp]
    tokens: slice | NDArray[np.intp]

    @property
    def has_tokens(self) -> bool:
        """Whether there is anything to be read."""
        return bool((self.bounds[0] < self.bounds[1]).any())


@kept_with_tokens
def _parts(evidence: Evidence) -> list[_Part]:
    """The units of a piece of evidence, with the tokens that are read for each."""
    entry, spans = evidence.entry, evidence.match.tokens.spans
    item = entry.item
    if not isinstance(item, Passage):
        return [_part(item.span, np.ones(len(spans), dtype=bool), np.zeros(len(spans), dtype=bool))]
    shift = entry.shift or 0
    above = spans[:, 1] <= item.span.start - shift
    return [
        _part(
            sentence.span,
            (spans[:, 0] < sentence.span.end - shift) & (spans[:, 1] > sentence.span.start - shift),
            above,
        )
        for sentence in item.sentences
    ]


def _part(span: Span, own: NDArray[np.bool], above: NDArray[np.bool]) -> _Part:
    tokens = np.flatnonzero(own | above)
    either = [_bounds(there) for there in (own, above) if there.any()] or [(0, 0)]
    bounds = np.array([either[0], either[-1]], dtype=np.intp).T
    is_one_piece = len(tokens) and tokens[-1] - tokens[0] < len(tokens)
    # A slice of the row's vectors is no copy of them.
    return _Part(span, bounds, slice(int(tokens[0]), int(tokens[-1]) + 1) if is_one_piece else tokens)


def _bounds(there: NDArray[np.bool]) -> tuple[int, int]:
    places = np.flatnonzero(there)
    return int(places[0]), int(places[-1]) + 1


@kept_with_tokens
def _text(evidence: Evidence) -> Text:
    return fitted_reader().text(evidence.match.tokens.vectors)
