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

from index.embedder import Embedder, Embedding, Progress
from index.entries import Entry

Done = TypeVar("Done")

_BATCH = 64
_KINDS = (np.float32, np.float16, np.int32)
"""Of the three columns of an embedding."""
_LOG = logging.getLogger(__name__)


class EmbeddingCache:
    """A SQLite file of embeddings by model and content hash; every batch is kept as soon as it is made.

    It only saves work: a damaged file is set aside, as `.damaged`, and a new one begun.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._mending(self._prepare)

    def embed(self, entries: Sequence[Entry], embedder: Embedder, progress: Progress | None = None) -> list[Embedding]:
        """One embedding for each entry; only texts not seen before go through the model.

        :raises OSError: the file cannot be read or written, though it is not damaged.
        """
        known = self._mending(lambda: self._known(embedder))
        missing = {e.content_hash: e.text for e in entries if e.content_hash not in known}
        if progress:
            progress(sum(e.content_hash in known for e in entries))
        todo = sorted(missing.items(), key=lambda item: len(item[1]))
        for start in range(0, len(todo), _BATCH):
            hashes, texts = zip(*todo[start : start + _BATCH], strict=True)
            made = embedder.embed_documents(texts, progress)
            rows = [(embedder.model, h, *_to_bytes(embedding)) for h, embedding in zip(hashes, made, strict=True)]
            self._mending(partial(self._keep, rows))
            known.update(zip(hashes, made, strict=True))
        return [known[e.content_hash] for e in entries]

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
                "CREATE TABLE IF NOT EXISTS text_embedding (model TEXT, content TEXT, vector BLOB NOT NULL,"
                " tokens BLOB NOT NULL, places BLOB NOT NULL, PRIMARY KEY (model, content)) WITHOUT ROWID"
            )

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=30)

    def _known(self, embedder: Embedder) -> dict[str, Embedding]:
        with closing(self._connect()) as database:
            rows = database.execute(
                "SELECT content, vector, tokens, places FROM text_embedding WHERE model = ?", (embedder.model,)
            )
            read = ((content, _from_bytes(blobs, embedder.dimension)) for content, *blobs in rows)
            return {content: embedding for content, embedding in read if embedding}

    def _keep(self, rows: Sequence[tuple[str, str, bytes, bytes, bytes]]) -> None:
        with closing(self._connect()) as database, database:
            database.executemany("INSERT OR REPLACE INTO text_embedding VALUES (?, ?, ?, ?, ?)", rows)


def _to_bytes(embedding: Embedding) -> tuple[bytes, bytes, bytes]:
    """The vector, the tokens' vectors in half precision, and the tokens' numbers and spans."""
    places = np.column_stack([embedding.ids, embedding.spans]).astype(np.int32)
    return embedding.vector.tobytes(), embedding.tokens.astype(np.float16).tobytes(), places.tobytes()


def _from_bytes(blobs: Sequence[object], dimension: int) -> Embedding | None:
    """What `_to_bytes` wrote; None where the bytes are none of it."""
    try:
        vector, tokens, places = (np.frombuffer(blob, kind) for blob, kind in zip(blobs, _KINDS, strict=True))  # type: ignore[call-overload]
        token_rows, place_rows = tokens.reshape(-1, dimension).astype(np.float32), places.reshape(-1, 3)
    except (TypeError, ValueError):
        return None
    if len(vector) != dimension or len(token_rows) != len(place_rows):
        return None
    return Embedding(vector, token_rows, place_rows[:, 0], place_rows[:, 1:])


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether SQLite says of the file that it is none of ours: not of its format, broken inside, or of other tables."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT)
