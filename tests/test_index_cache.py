from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.cache import EmbeddingCache
from index.embedder import Embedding, HashEmbedder
from index.entries import Entry


def _equal(some: Sequence[Embedding], others: Sequence[Embedding]) -> bool:
    """Whether they say the same; the cache keeps the tokens' vectors in half precision."""
    return len(some) == len(others) and all(
        np.array_equal(one.vector, other.vector)
        and np.allclose(one.tokens, other.tokens, atol=1e-3)
        and np.array_equal(one.ids, other.ids)
        and np.array_equal(one.spans, other.spans)
        for one, other in zip(some, others, strict=True)
    )


def test_every_row_gets_the_embedding_of_its_own_text(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    embedder = HashEmbedder()
    made = EmbeddingCache(tmp_path / "e.sqlite").embed(entries, embedder)
    assert len(made) == len(entries)
    for row in (0, 70, len(entries) - 1):
        assert _equal([made[row]], [embedder.embed_query(entries[row].text)])


def test_only_what_changed_is_embedded_even_after_reopening(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    path = tmp_path / "deep" / "e.sqlite"
    first, second, third = HashEmbedder(), HashEmbedder(), HashEmbedder()
    before = EmbeddingCache(path).embed(entries, first)
    assert sorted(first.embedded) == sorted({entry.text for entry in entries})

    again = EmbeddingCache(path).embed(entries, second)
    assert second.embedded == []
    assert _equal(again, before)

    changed = [replace(entries[0], text="改过的话"), *entries[1:]]
    EmbeddingCache(path).embed(changed, third)
    assert third.embedded == ["改过的话"]


def test_equal_texts_are_embedded_once(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    embedder = HashEmbedder()
    made = EmbeddingCache(tmp_path / "e.sqlite").embed([entries[0], entries[1], entries[0]], embedder)
    assert len(embedder.embedded) == 2
    assert _equal(made[:1], made[2:])


def test_each_model_has_embeddings_of_its_own(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "e.sqlite")
    cache.embed(entries[:3], HashEmbedder())
    other = HashEmbedder(32)
    assert [made.vector.shape for made in cache.embed(entries[:3], other)] == [(32,)] * 3
    assert len(other.embedded) == 3


def test_progress_counts_every_row_once(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "e.sqlite")
    cache.embed(entries[:30], HashEmbedder())
    done: list[int] = []
    cache.embed(entries, HashEmbedder(), done.append)
    assert sum(done) == len(entries)


def _tables_of_another(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE text_embedding (something TEXT)")


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"no database at all" * 100),
        lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096)),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: (path.unlink(), _tables_of_another(path)),
    ],
)
def test_a_damaged_cache_is_set_aside_and_begun_anew(
    damage: Callable[[Path], object], entries: tuple[Entry, ...], tmp_path: Path
) -> None:
    path = tmp_path / "e.sqlite"
    before = EmbeddingCache(path).embed(entries, HashEmbedder())
    damage(path)
    assert _equal(EmbeddingCache(path).embed(entries, HashEmbedder()), before)
    assert (tmp_path / "e.sqlite.damaged").exists()
    again = HashEmbedder()
    EmbeddingCache(path).embed(entries, again)
    assert again.embedded == []


@pytest.mark.parametrize("column", ["vector", "tokens", "places"])
def test_an_embedding_of_another_length_is_made_anew(column: str, entries: tuple[Entry, ...], tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    cache = EmbeddingCache(path)
    before = cache.embed(entries[:3], HashEmbedder())
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"UPDATE text_embedding SET {column} = x'00'")
    assert _equal(cache.embed(entries[:3], HashEmbedder()), before)


def test_a_file_that_cannot_be_had_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(OSError, match="taken"):
        EmbeddingCache(tmp_path / "taken" / "e.sqlite")


def test_no_rows_give_no_embeddings(tmp_path: Path) -> None:
    assert EmbeddingCache(tmp_path / "e.sqlite").embed([], HashEmbedder()) == []
