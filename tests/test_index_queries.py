"""Questions are embedded once, also where several ask at the same time."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, get_ident
from typing import ClassVar

import numpy as np
import pytest

from index.embedder import Embedding, HashEmbedder
from index.queries import QueryCache


class _Counting(HashEmbedder):
    """Remembers what it was asked to embed together; waits before it does."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[list[str]] = []
        self.may_go = Event()
        self.may_go.set()
        self.breaks = False

    def embed_queries(self, texts: Sequence[str]) -> list[Embedding]:
        self.calls.append(list(texts))
        self.may_go.wait(5)
        if self.breaks:
            raise RuntimeError("no memory")
        return super().embed_queries(texts)


def test_a_repeated_question_is_embedded_once_and_alike() -> None:
    embedder = _Counting()
    queries = QueryCache(embedder)
    first, again = queries.embed_query("森林覆盖率"), queries.embed_query("森林覆盖率")
    assert embedder.calls == [["森林覆盖率"]]
    assert first is again
    assert np.array_equal(first.vector, HashEmbedder().embed_query("森林覆盖率").vector)


def test_only_the_questions_asked_last_are_remembered() -> None:
    embedder = _Counting()
    queries = QueryCache(embedder, kept_bytes=2 * embedder.embed_query("甲甲").nbytes)
    for text in ("甲甲", "乙乙", "甲甲", "丙丙", "甲甲", "乙乙"):
        queries.embed_query(text)
    assert embedder.calls == [["甲甲"], ["乙乙"], ["丙丙"], ["乙乙"]]


def test_more_questions_than_are_remembered_are_all_embedded() -> None:
    texts = ["甲甲", "乙乙", "丙丙"]
    made = QueryCache(_Counting(), kept_bytes=1).embed_queries(texts)
    for text, embedding in zip(texts, made, strict=True):
        assert np.array_equal(embedding.vector, HashEmbedder().embed_query(text).vector)


def test_who_asks_what_is_being_embedded_waits_for_it() -> None:
    embedder = _Counting()
    embedder.may_go.clear()
    queries = QueryCache(embedder)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(queries.embed_query, "甲甲") for _ in range(4)]
        embedder.may_go.set()
        assert len({id(future.result(5)) for future in asked}) == 1
    assert len(embedder.calls) == 1


def test_a_crowd_is_embedded_for_in_a_few_threads() -> None:
    class Noting(HashEmbedder):
        threads: ClassVar[set[int]] = set()

        def embed_queries(self, texts: Sequence[str]) -> list[Embedding]:
            self.threads.add(get_ident())
            return super().embed_queries(texts)

    queries = QueryCache(Noting())
    with ThreadPoolExecutor(40) as pool:
        made = list(pool.map(lambda number: queries.embed_query(f"问题{number}"), range(400)))
    assert len(made) == 400
    assert 1 <= len(Noting.threads) <= max(2, os.cpu_count() or 1)
    assert get_ident() not in Noting.threads


def test_a_failure_reaches_who_asked_and_is_not_remembered() -> None:
    embedder = _Counting()
    queries = QueryCache(embedder)
    embedder.breaks = True
    with pytest.raises(RuntimeError, match="no memory"):
        queries.embed_query("甲甲")
    embedder.breaks = False
    assert len(queries.embed_query("甲甲").ids) == 1


def test_a_cleared_cache_embeds_again() -> None:
    embedder = _Counting()
    queries = QueryCache(embedder)
    queries.embed_query("甲甲")
    queries.clear()
    queries.embed_query("甲甲")
    assert len(embedder.calls) == 2
