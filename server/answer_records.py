"""Answers that can be opened again by their address, and what people said was wrong with them.

`Records` is what the pages need; `SqliteRecords` keeps it in one file of the data folder.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Literal, Protocol, get_args

from server.answering.model import Answer

Reason = Literal["number", "source", "off_topic", "missing", "other"]
REASONS: tuple[Reason, ...] = get_args(Reason)
WORDS_LIMIT = 500
"""Characters of what a person says is wrong."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    id TEXT PRIMARY KEY, answered_at TEXT NOT NULL, kept INTEGER NOT NULL DEFAULT 0, answer TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS answers_passing ON answers (answered_at) WHERE NOT kept;
CREATE TABLE IF NOT EXISTS errors (
    number INTEGER PRIMARY KEY, answer TEXT NOT NULL REFERENCES answers (id), reported_at TEXT NOT NULL,
    reason TEXT NOT NULL, words TEXT NOT NULL
);
"""


class RecordsError(RuntimeError):
    """The records cannot be written or read now; nothing was acknowledged."""


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """An answer as it was given; `is_kept` says whether it stays."""

    answer: Answer
    answered_at: datetime
    is_kept: bool


@dataclass(frozen=True, slots=True)
class ReportedError:
    """What a person said is wrong with an answer."""

    number: int
    answer: str
    reported_at: datetime
    reason: Reason
    words: str


class Records(Protocol):
    """Where answers are kept. Every method blocks; what was kept or reported is on disk when it returns."""

    def save_answer(self, answer: Answer) -> None:
        """Remember an answer for a while.

        :raises RecordsError: it cannot be written.
        """
        ...

    def load_answer(self, answer_id: str) -> SavedAnswer | None:
        """The answer with this id, None where there is none (any more).

        :raises RecordsError: it cannot be read.
        """
        ...

    def keep_answer(self, answer_id: str) -> bool:
        """Keep an answer for good; False where there is none with this id.

        :raises RecordsError: it cannot be written.
        """
        ...

    def report_error(self, answer_id: str, reason: Reason, words: str) -> int | None:
        """Keep an answer with what is wrong with it; the number of the report, None where there is no such answer.

        :raises RecordsError: it cannot be written.
        """
        ...


class SqliteRecords:
    """Records in one SQLite file, made at the first write.

    An answer nobody asked to keep is forgotten after `keep_for`, and earlier when there are more than `most` of them.
    When `most_kept` are kept or reported, more are turned away; none is dropped.
    """

    def __init__(
        self, path: Path, keep_for: timedelta = timedelta(days=1), most: int = 20_000, most_kept: int = 200_000
    ) -> None:
        self._path = path
        self._keep_for = keep_for
        self._most = most
        self._most_kept = most_kept
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None

    def save_answer(self, answer: Answer) -> None:
        """Remember an answer for a while."""
        now = datetime.now(UTC)
        with self._transaction() as database:
            database.execute(
                "INSERT OR IGNORE INTO answers (id, answered_at, answer) VALUES (?, ?, ?)",
                (answer.id, now.isoformat(), answer.model_dump_json()),
            )
            database.execute(
                "DELETE FROM answers WHERE NOT kept AND answered_at < ?", ((now - self._keep_for).isoformat(),)
            )
            database.execute(
                "DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE NOT kept"
                " ORDER BY answered_at DESC LIMIT -1 OFFSET ?)",
                (self._most,),
            )

    def load_answer(self, answer_id: str) -> SavedAnswer | None:
        """The answer with this id, None where there is none (any more)."""
        with self._transaction() as database:
            row = database.execute(
                "SELECT answer, answered_at, kept FROM answers WHERE id = ?", (answer_id,)
            ).fetchone()
        return (
            SavedAnswer(Answer.model_validate_json(row[0]), datetime.fromisoformat(row[1]), bool(row[2]))
            if row
            else None
        )

    def keep_answer(self, answer_id: str) -> bool:
        """Keep an answer for good."""
        with self._transaction(is_durable=True) as database:
            return self._keep(database, answer_id)

    def report_error(self, answer_id: str, reason: Reason, words: str) -> int | None:
        """Keep an answer with what is wrong with it; the number of the report."""
        now = datetime.now(UTC).isoformat()
        with self._transaction(is_durable=True) as database:
            if not self._keep(database, answer_id):
                return None
            return database.execute(
                "INSERT INTO errors (answer, reported_at, reason, words) VALUES (?, ?, ?, ?)",
                (answer_id, now, reason, words[:WORDS_LIMIT]),
            ).lastrowid

    def reported_errors(self) -> list[ReportedError]:
        """Everything that was said to be wrong, newest first."""
        with self._transaction() as database:
            rows = database.execute(
                "SELECT number, answer, reported_at, reason, words FROM errors ORDER BY number DESC"
            ).fetchall()
        return [ReportedError(n, a, datetime.fromisoformat(at), reason, words) for n, a, at, reason, words in rows]

    def _keep(self, database: sqlite3.Connection, answer_id: str) -> bool:
        kept, errors = database.execute(
            "SELECT (SELECT count(*) FROM answers WHERE kept), (SELECT count(*) FROM errors)"
        ).fetchone()
        if max(kept, errors) >= self._most_kept:
            raise RecordsError(f"{self._path}: {self._most_kept} answers are kept already; move the file away")
        return database.execute("UPDATE answers SET kept = 1 WHERE id = ?", (answer_id,)).rowcount > 0

    def close(self) -> None:
        """Let the file go; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _transaction(self, is_durable: bool = False) -> Iterator[sqlite3.Connection]:
        """The database in a transaction; a durable one is on disk when this ends, with all before it."""
        try:
            with self._lock:
                connection = self._open()
                connection.execute(f"PRAGMA synchronous = {'FULL' if is_durable else 'NORMAL'}")
                with connection:
                    yield connection
        except (sqlite3.Error, OSError) as error:
            raise RecordsError(f"{self._path}: {error}") from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=5, check_same_thread=False)
            try:
                connection.executescript("PRAGMA journal_mode = WAL;" + _SCHEMA)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection
