"""Embeddings kept by content hash, so that a rebuild embeds only what changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from index.embedder import Embedder, Progress, Vectors
from index.entries import Entry

_BATCH = 64


class EmbeddingCache:
    """A SQLite file of vectors by model and content hash; every batch is kept as soon as it is made."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with closing(self._connect()) as database, database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS embedding"
                " (model TEXT, content TEXT, vector BLOB NOT NULL, PRIMARY KEY (model, content)) WITHOUT ROWID"
            )

    def embed(self, entries: Sequence[Entry], embedder: Embedder, progress: Progress | None = None) -> Vectors:
        """Vectors of shape (len(entries), dimension); only texts not seen before go through the model."""
        known = self._known(embedder)
        missing = {e.content_hash: e.text for e in entries if e.content_hash not in known}
        if progress:
            progress(sum(e.content_hash in known for e in entries))
        todo = sorted(missing.items(), key=lambda item: len(item[1]))
        for start in range(0, len(todo), _BATCH):
            hashes, texts = zip(*todo[start : start + _BATCH], strict=True)
            vectors = embedder.embed_documents(texts, progress)
            self._keep(embedder.model, hashes, vectors)
            known.update(zip(hashes, vectors, strict=True))
        return np.array([known[e.content_hash] for e in entries], dtype=np.float32).reshape(-1, embedder.dimension)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=30)

    def _known(self, embedder: Embedder) -> dict[str, Vectors]:
        with closing(self._connect()) as database:
            rows = database.execute("SELECT content, vector FROM embedding WHERE model = ?", (embedder.model,))
            vectors = {content: np.frombuffer(vector, dtype=np.float32) for content, vector in rows}
        return {content: vector for content, vector in vectors.items() if vector.shape == (embedder.dimension,)}

    def _keep(self, model: str, hashes: Sequence[str], vectors: Vectors) -> None:
        rows = [(model, h, np.ascontiguousarray(v).tobytes()) for h, v in zip(hashes, vectors, strict=True)]
        with closing(self._connect()) as database, database:
            database.executemany("INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)", rows)
