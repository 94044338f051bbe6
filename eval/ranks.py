"""Retrieval figures on character spans, so that passages may be cut in any way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ir_measures
from ir_measures import Qrel, ScoredDoc, nDCG

from ingest.model import Span

COVER = 0.8
"""A retrieved text covers a gold span where it holds at least this much of its characters."""
DEPTH = 10

Sets = Sequence[Sequence[Span]]
"""Alternative evidence sets; the spans of one are needed together."""


def evidence_recall(sets: Sets, retrieved: Sequence[Span]) -> float:
    """EvRecall: the best evidence set's share of spans that the retrieved texts together cover."""
    return max((sum(covered(span, retrieved) for span in spans) / len(spans) for spans in sets), default=0.0)


def reciprocal_rank(sets: Sets, retrieved: Sequence[Span]) -> float:
    """MRR@10's term: 1 / rank of the first text that covers a required span, 0 where none of ten does."""
    for rank, text in enumerate(retrieved[:DEPTH], 1):
        if any(covered(span, [text]) for spans in sets for span in spans):
            return 1 / rank
    return 0.0


def ndcg(sets: Sets, also_ok: Sequence[Span], retrieved: Sequence[Span], pool: Sequence[Span]) -> float:
    """nDCG@10, linear gain: a text that covers a required span has gain 2, one that covers a tolerated span 1.

    The ideal order is over `pool`, all texts there are. Gains are handed to ir-measures with scores that fall by
    rank, because it breaks ties in its own way; an item for which no text has a gain counts 0.
    """
    required = [span for spans in sets for span in spans]
    gains = [Qrel("q", str(text), gain) for text in {*pool, *retrieved} if (gain := _gain(text, required, also_ok))]
    if not gains or not retrieved:
        return 0.0
    run = [ScoredDoc("q", str(text), float(DEPTH - rank)) for rank, text in enumerate(retrieved[:DEPTH])]
    return float(next(iter(ir_measures.iter_calc([nDCG @ DEPTH], gains, run))).value)


def gold_ranks(sets: Sets, retrieved: Sequence[Span]) -> tuple[int | None, ...]:
    """For each span of the first set: the rank of the first text that covers it, None where none does."""
    ranks = [[rank for rank, text in enumerate(retrieved, 1) if covered(span, [text])] for span in (sets or [[]])[0]]
    return tuple(found[0] if found else None for found in ranks)


def first(retrieved: Sequence[Span], characters: int) -> list[Span]:
    """The texts that the first `characters` characters of retrieved text hold, the last one cut."""
    return list(_first(retrieved, characters))


def covered(gold: Span, texts: Sequence[Span]) -> bool:
    """Whether the texts together hold COVER of the gold span's characters."""
    shared = sum(max(0, min(t.end, gold.end) - max(t.start, gold.start)) for t in texts)
    return shared >= COVER * (gold.end - gold.start)


def _first(retrieved: Sequence[Span], characters: int) -> Iterator[Span]:
    left = characters
    for span in retrieved:
        if left <= 0:
            return
        yield Span(span.start, min(span.end, span.start + left))
        left -= span.end - span.start


def _gain(text: Span, required: Sequence[Span], also_ok: Sequence[Span]) -> int:
    if any(covered(span, [text]) for span in required):
        return 2
    return 1 if any(covered(span, [text]) for span in also_ok) else 0
