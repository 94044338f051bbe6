"""A question's time in process, by stage, against the floor: the bare embedding and an exact search."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter

from eval.bench_times import Times, ratio
from eval.gold_set import GoldItem
from index.embedder import Embedder
from index.vectors import VectorIndex
from server.answering.pipeline import Knowledge, run

K = 10
"""Rows that the exact search finds."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Times of the same questions: the floor, the whole way to the answer, its stages, and what is asked again."""

    questions: int
    rounds: int
    in_parts: int
    ratio_p50: float
    ratio_p95: float
    floor: Times
    whole: Times
    repeated: Times
    retrieval_beyond_embedding: Times
    dense_beyond_embedding: Times
    stages: Mapping[str, Times]


@dataclass
class _Best:
    """The best of several rounds of one question, in milliseconds."""

    floor: float = float("inf")
    dense: float = float("inf")
    whole: float = float("inf")
    repeated: float = float("inf")
    in_parts: bool = False
    stages: Mapping[str, float] = field(default_factory=dict)


def measure_answering(
    knowledge: Knowledge,
    embedder: Embedder,
    vectors: VectorIndex,
    items: Sequence[GoldItem],
    rounds: int,
    done: Callable[[], None],
) -> Answering:
    """Answer every question `rounds` times, each time beside the floor, and take the best of each.

    Nothing is remembered from one round to the next, but for the one that measures just that. Whatever else the
    machine does only ever makes a question slower, so the best of several is the nearest to what it costs.
    """
    for item in items[: 2 * K]:
        run(knowledge, item.question, item.history)
    best = [_Best() for _ in items]
    for _ in range(rounds):
        for item, kept in zip(items, best, strict=True):
            _measure(knowledge, embedder, vectors, item, kept)
            done()
    stages = defaultdict(list)
    for kept in best:
        for name, milliseconds in kept.stages.items():
            stages[name].append(milliseconds)
    floor, whole = Times.of([kept.floor for kept in best]), Times.of([kept.whole for kept in best])
    return Answering(
        questions=len(items),
        rounds=rounds,
        in_parts=sum(kept.in_parts for kept in best),
        ratio_p50=ratio(whole.p50, floor.p50),
        ratio_p95=ratio(whole.p95, floor.p95),
        floor=floor,
        whole=whole,
        repeated=Times.of([kept.repeated for kept in best]),
        retrieval_beyond_embedding=Times.of(
            [
                kept.stages["retrieve"] - kept.stages["retrieve_embed"]
                for kept in best
                if "retrieve_embed" in kept.stages
            ]
        ),
        dense_beyond_embedding=Times.of([kept.dense for kept in best]),
        stages={name: Times.of(values) for name, values in stages.items()},
    )


def _measure(knowledge: Knowledge, embedder: Embedder, vectors: VectorIndex, item: GoldItem, kept: _Best) -> None:
    """One round of one question."""
    begun = perf_counter()
    vector = embedder.embed_query(item.question).vector
    embedded = perf_counter()
    vectors.search(vector, K)
    found = perf_counter()
    kept.floor, kept.dense = min(kept.floor, _ms(begun, found)), min(kept.dense, _ms(embedded, found))
    knowledge.snapshot.queries.clear()
    begun = perf_counter()
    state = run(knowledge, item.question, item.history)
    ended = perf_counter()
    if _ms(begun, ended) < kept.whole:
        kept.whole, kept.stages, kept.in_parts = _ms(begun, ended), dict(state.timings_ms), bool(state.parts)
    begun = perf_counter()
    run(knowledge, item.question, item.history)
    kept.repeated = min(kept.repeated, _ms(begun, perf_counter()))


def embedder_ceiling(embedder: Embedder, questions: Sequence[str], seconds: float) -> float:
    """Questions a second that the bare embedder embeds with a thread for each core: no more can be answered anew."""
    threads = os.cpu_count() or 1
    until = perf_counter() + seconds

    def work(first: int) -> int:
        count = 0
        while perf_counter() < until:
            embedder.embed_query(questions[(first + count * threads) % len(questions)])
            count += 1
        return count

    begun = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        made = sum(pool.map(work, range(threads)))
    return round(made / (perf_counter() - begun), 1)


def _ms(begun: float, ended: float) -> float:
    return (ended - begun) * 1000
