from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from index.cache import EmbeddingCache
from index.embedder import HashEmbedder
from index.entries import Entry


def test_every_row_gets_the_vector_of_its_own_text(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    embedder = HashEmbedder()
    vectors = EmbeddingCache(tmp_path / "e.sqlite").embed(entries, embedder)
    assert vectors.shape == (len(entries), embedder.dimension)
    for row in (0, 70, len(entries) - 1):
        assert np.array_equal(vectors[row], embedder.embed_query(entries[row].text))


def test_only_what_changed_is_embedded_even_after_reopening(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    path = tmp_path / "deep" / "e.sqlite"
    first, second, third = HashEmbedder(), HashEmbedder(), HashEmbedder()
    before = EmbeddingCache(path).embed(entries, first)
    assert sorted(first.embedded) == sorted({entry.text for entry in entries})

    again = EmbeddingCache(path).embed(entries, second)
    assert second.embedded == []
    assert np.array_equal(again, before)

    changed = [replace(entries[0], text="改过的话"), *entries[1:]]
    EmbeddingCache(path).embed(changed, third)
    assert third.embedded == ["改过的话"]


def test_equal_texts_are_embedded_once(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    embedder = HashEmbedder()
    vectors = EmbeddingCache(tmp_path / "e.sqlite").embed([entries[0], entries[1], entries[0]], embedder)
    assert len(embedder.embedded) == 2
    assert np.array_equal(vectors[0], vectors[2])


def test_each_model_has_vectors_of_its_own(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "e.sqlite")
    cache.embed(entries[:3], HashEmbedder())
    other = HashEmbedder(32)
    assert cache.embed(entries[:3], other).shape == (3, 32)
    assert len(other.embedded) == 3


def test_progress_counts_every_row_once(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "e.sqlite")
    cache.embed(entries[:30], HashEmbedder())
    done: list[int] = []
    cache.embed(entries, HashEmbedder(), done.append)
    assert sum(done) == len(entries)


def test_no_rows_give_no_vectors(tmp_path: Path) -> None:
    assert EmbeddingCache(tmp_path / "e.sqlite").embed([], HashEmbedder()).shape == (0, 64)
