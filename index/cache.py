"""Embeddings kept by content hash, so that a rebuild embeds only what changed."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from index.embedder import Embedder, Progress, Vectors
from index.entries import Entry

Done = TypeVar("Done")

_BATCH = 64
_LOG = logging.getLogger(__name__)


class EmbeddingCache:
    """A SQLite file of vectors by model and content hash; every batch is kept as soon as it is made.

    It only saves work: a damaged file is set aside, as `.damaged`, and a new one begun.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._mending(self._prepare)

    def embed(self, entries: Sequence[Entry], embedder: Embedder, progress: Progress | None = None) -> Vectors:
        """Vectors of shape (len(entries), dimension); only texts not seen before go through the model.

        :raises OSError: the file cannot be read or written, though it is not damaged.
        """
        known = self._mending(lambda: self._known(embedder))
        missing = {e.content_hash: e.text for e in entries if e.content_hash not in known}
        if progress:
            progress(sum(e.content_hash in known for e in entries))
        todo = sorted(missing.items(), key=lambda item: len(item[1]))
        for start in range(0, len(todo), _BATCH):
            hashes, texts = zip(*todo[start : start + _BATCH], strict=True)
            vectors = embedder.embed_documents(texts, progress)
            rows = [
                (embedder.model, h, np.ascontiguousarray(v).tobytes()) for h, v in zip(hashes, vectors, strict=True)
            ]
            self._mending(partial(self._keep, rows))
            known.update(zip(hashes, vectors, strict=True))
        return np.array([known[e.content_hash] for e in entries], dtype=np.float32).reshape(-1, embedder.dimension)

    def _mending(self, work: Callable[[], Done]) -> Done:
        """Do `work`; where the file turns out to be damaged, set it aside and do it with a new one."""
        try:
            try:
                return work()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._set_aside()
                self._prepare()
                return work()
        except sqlite3.Error as error:
            raise OSError(f"{self._path}: {error}") from error

    def _set_aside(self) -> None:
        _LOG.warning("%s is damaged; it is set aside as %s.damaged, and begun anew", self._path, self._path.name)
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.replace(f"{self._path}{suffix}", f"{self._path}.damaged{suffix}")

    def _prepare(self) -> None:
        with closing(self._connect()) as database, database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS embedding"
                " (model TEXT, content TEXT, vector BLOB NOT NULL, PRIMARY KEY (model, content)) WITHOUT ROWID"
            )

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=30)

    def _known(self, embedder: Embedder) -> dict[str, Vectors]:
        size = embedder.dimension * np.dtype(np.float32).itemsize
        with closing(self._connect()) as database:
            rows = database.execute("SELECT content, vector FROM embedding WHERE model = ?", (embedder.model,))
            found = [(content, vector) for content, vector in rows if isinstance(vector, bytes) and len(vector) == size]
        return {content: np.frombuffer(vector, dtype=np.float32) for content, vector in found}

    def _keep(self, rows: Sequence[tuple[str, str, bytes]]) -> None:
        with closing(self._connect()) as database, database:
            database.executemany("INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)", rows)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether SQLite says of the file that it is none of ours: not of its format, broken inside, or of other tables."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT)
