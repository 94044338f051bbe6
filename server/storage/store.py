"""Answers, reports of errors and the service's switches, kept in SQLite or PostgreSQL."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, insert, select, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError, SQLAlchemyError

from server.answering.model import Answer
from server.storage.migrate import migrate
from server.storage.records import GivenAnswer, Reason, SavedAnswer, StorageError
from server.storage.tables import ANSWERS, AUDIT, CLIENT_KEYS, ERROR_REPORTS, GOLD_ITEMS, SWITCHES

TIMEOUT_SECONDS = 10
_CHAT = "chat"


class ReportState(StrEnum):
    """What became of a report of an error."""

    OPEN = "open"
    IN_WORK = "in_work"
    FIXED = "fixed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer as it is listed."""

    id: str
    at: datetime
    question: str
    status: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """A report that an answer is wrong; `owner` is who sees to it, '' where nobody does."""

    id: int
    at: datetime
    answer: str
    question: str
    reason: Reason
    comment: str
    state: ReportState
    owner: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that was done to the service, and by whom."""

    at: datetime
    actor: str
    action: str
    detail: str


class Store:
    """The database, brought to the newest tables when it is opened. Safe for use from several threads and processes."""

    def __init__(self, url: str) -> None:
        """Open `url`: `sqlite:///path` or `postgresql://…`.

        :raises StorageError: no such kind of database, it cannot be reached or written, or a newer version has changed it.
        """
        self._engine = _engine(url)
        self.name = self._engine.url.render_as_string(hide_password=True)
        self._key = ("", b"")
        try:
            with self._errors():
                migrate(self._engine)
        except StorageError:
            self._engine.dispose()
            raise

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def save_answers(self, given: Sequence[GivenAnswer]) -> None:
        """Keep answers in one transaction; when this returns they are on the disk.

        :raises StorageError: the database cannot be written, or one of them cannot be kept; the others are then.
        """
        try:
            with self._begin() as connection:
                # Values beside the statement, not in it: it is then the same one each time, and compiled once.
                connection.execute(insert(ANSWERS), [_row(one) for one in given])
        except StorageError as error:
            if len(given) == 1 or isinstance(error.__cause__, OperationalError):
                raise
            self._save_each(given)

    def _save_each(self, given: Sequence[GivenAnswer]) -> None:
        refused: list[StorageError] = []
        for one in given:
            try:
                self.save_answers([one])
            except StorageError as error:
                refused.append(error)
        if refused:
            raise refused[0]

    def load_answer(self, answer_id: str) -> SavedAnswer | None:
        """The answer as it was given, None where there is none (any more)."""
        wanted = select(ANSWERS.c.answer, ANSWERS.c.at, ANSWERS.c.kept).where(ANSWERS.c.id == answer_id)
        with self._begin() as connection:
            found = connection.execute(wanted).one_or_none()
        return None if found is None else SavedAnswer(Answer.model_validate(found[0]), found[1], found[2])

    def keep_answer(self, answer_id: str) -> bool:
        """Keep an answer until its conversation is deleted, however old it grows; False where there is none."""
        with self._begin() as connection:
            done = connection.execute(update(ANSWERS).where(ANSWERS.c.id == answer_id).values(kept=True))
        return bool(done.rowcount)

    def report_error(self, answer_id: str, words: str, reason: Reason = "other") -> int:
        """Put an answer into the queue of those reported wrong; the report's number.

        :raises LookupError: there is no such answer (any more).
        """
        now = _now()
        with self._begin() as connection:
            known = connection.execute(select(ANSWERS.c.id).where(ANSWERS.c.id == answer_id)).scalar()
            if known is None:
                raise LookupError(answer_id)
            values = {"at": now, "changed": now, "answer": answer_id, "reason": reason, "comment": words, "owner": ""}
            done = connection.execute(insert(ERROR_REPORTS).values(state=ReportState.OPEN.value, **values))
            (number,) = done.inserted_primary_key or (0,)
        return int(number)

    def delete_conversation(self, conversation: str) -> int:
        """Forget every answer of a conversation, and what was reported of them; how many there were."""
        if not conversation:
            return 0
        return self._delete_answers(ANSWERS.c.conversation == _secret_hash(conversation))

    def delete_with_conversation(self, answer_id: str) -> int:
        """Forget an answer and every other of the conversation it was given in; how many there were."""
        its = select(ANSWERS.c.conversation).where(ANSWERS.c.id == answer_id).scalar_subquery()
        return self._delete_answers(
            (ANSWERS.c.id == answer_id) | ((ANSWERS.c.conversation != "") & (ANSWERS.c.conversation == its))
        )

    def forget(self, days: int) -> int:
        """Forget answers older than `days` that nobody kept, and yesterday's keys of clients; how many answers."""
        self._key = ("", b"")
        with self._begin() as connection:
            connection.execute(delete(CLIENT_KEYS).where(CLIENT_KEYS.c.day < _day(_now() - timedelta(days=1))))
        return self._delete_answers((ANSWERS.c.at < _now() - timedelta(days=days)) & ~ANSWERS.c.kept)

    def client_name(self, address: str) -> str:
        """A name for a client's address that is the same all day; the key it is made with is then thrown away."""
        day, (kept_for, key) = _day(_now()), self._key
        if kept_for != day:
            key = self._client_key(day)
            self._key = (day, key)
        return hmac.new(key, address.encode(), sha256).hexdigest()[:16]

    def answers(self, status: str = "", words: str = "", limit: int = 100, offset: int = 0) -> list[AnswerRow]:
        """Answers, the newest first, whose status begins with `status` and whose question holds `words`."""
        wanted = select(ANSWERS.c.id, ANSWERS.c.at, ANSWERS.c.question, ANSWERS.c.status, ANSWERS.c.milliseconds)
        if status:
            wanted = wanted.where(ANSWERS.c.status.startswith(status, autoescape=True))
        if words:
            wanted = wanted.where(ANSWERS.c.question.contains(words, autoescape=True))
        with self._begin() as connection:
            rows = connection.execute(wanted.order_by(ANSWERS.c.at.desc()).limit(limit).offset(offset)).all()
        return [AnswerRow(*row) for row in rows]

    def most_asked(self, status: str = "", days: int = 30, limit: int = 50) -> list[tuple[str, int]]:
        """The questions asked most in the last days, and how often."""
        count = func.count().label("count")
        wanted = select(ANSWERS.c.question, count).where(ANSWERS.c.at > _now() - timedelta(days=days))
        if status:
            wanted = wanted.where(ANSWERS.c.status.startswith(status, autoescape=True))
        with self._begin() as connection:
            rows = connection.execute(wanted.group_by(ANSWERS.c.question).order_by(count.desc()).limit(limit)).all()
        return [(str(question), int(times)) for question, times in rows]

    def statuses(self, days: int = 30) -> dict[str, int]:
        """How many questions of the last days ended with each status."""
        wanted = select(ANSWERS.c.status, func.count()).where(ANSWERS.c.at > _now() - timedelta(days=days))
        with self._begin() as connection:
            rows = connection.execute(wanted.group_by(ANSWERS.c.status)).all()
        return {str(status): int(count) for status, count in rows}

    def error_reports(self, state: ReportState | None = None) -> list[ErrorReport]:
        """The queue of answers reported wrong, the oldest first."""
        columns = [ERROR_REPORTS.c[name] for name in ("id", "at", "answer")]
        rest = [ERROR_REPORTS.c[name] for name in ("reason", "comment", "state", "owner")]
        wanted = select(*columns, ANSWERS.c.question, *rest).join(ANSWERS, ANSWERS.c.id == ERROR_REPORTS.c.answer)
        if state is not None:
            wanted = wanted.where(ERROR_REPORTS.c.state == state.value)
        with self._begin() as connection:
            rows = connection.execute(wanted.order_by(ERROR_REPORTS.c.at)).all()
        return [ErrorReport(*row[:6], ReportState(row[6]), row[7]) for row in rows]

    def change_report(self, number: int, state: ReportState, owner: str) -> None:
        """Say who sees to a report and what became of it.

        :raises LookupError: there is no such report.
        """
        changed = update(ERROR_REPORTS).where(ERROR_REPORTS.c.id == number)
        with self._begin() as connection:
            done = connection.execute(changed.values(state=state.value, owner=owner, changed=_now()))
        if not done.rowcount:
            raise LookupError(number)

    def add_gold(self, item: Mapping[str, Any]) -> None:
        """Keep a draft of a gold item."""
        with self._begin() as connection:
            connection.execute(insert(GOLD_ITEMS).values(at=_now(), item=dict(item)))

    def gold(self) -> list[dict[str, Any]]:
        """The drafts of gold items, in the order they were made."""
        with self._begin() as connection:
            return list(connection.execute(select(GOLD_ITEMS.c.item).order_by(GOLD_ITEMS.c.id)).scalars())

    def audit(self, actor: str, action: str, detail: str = "") -> None:
        """Note something that was done to the service."""
        with self._begin() as connection:
            connection.execute(insert(AUDIT).values(at=_now(), actor=actor, action=action, detail=detail))

    def audited(self, limit: int = 100) -> list[AuditEntry]:
        """What was done to the service, the latest first."""
        wanted = select(AUDIT.c.at, AUDIT.c.actor, AUDIT.c.action, AUDIT.c.detail).order_by(AUDIT.c.id.desc())
        with self._begin() as connection:
            return [AuditEntry(*row) for row in connection.execute(wanted.limit(limit)).all()]

    def chat_notice(self) -> str | None:
        """What is said instead of answering, None where the chat is on."""
        with self._begin() as connection:
            found = connection.execute(select(SWITCHES.c.notice).where(SWITCHES.c.name == _CHAT)).scalar()
        return None if found is None else str(found)

    def switch_chat(self, notice: str | None) -> None:
        """Turn the chat off with a notice, or on again with None."""
        with self._begin() as connection:
            connection.execute(delete(SWITCHES).where(SWITCHES.c.name == _CHAT))
            if notice is not None:
                connection.execute(insert(SWITCHES).values(name=_CHAT, notice=notice))

    def _delete_answers(self, which: Any) -> int:
        with self._begin() as connection:
            return int(connection.execute(delete(ANSWERS).where(which)).rowcount)

    def _client_key(self, day: str) -> bytes:
        wanted = select(CLIENT_KEYS.c.key).where(CLIENT_KEYS.c.day == day)
        with self._begin() as connection:
            found = connection.execute(wanted).scalar()
        if found is None:
            try:
                with self._begin() as connection:
                    connection.execute(insert(CLIENT_KEYS).values(day=day, key=token_bytes(32)))
            except StorageError as error:
                if not isinstance(error.__cause__, IntegrityError):  # another process was first
                    raise
            with self._begin() as connection:
                found = connection.execute(wanted).scalar_one()
        return bytes(found)

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            reason = next(iter(str(getattr(error, "orig", None) or error).splitlines()), type(error).__name__)
            raise StorageError(f"{self.name}: {reason}") from error


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError("the database's address is not one; use sqlite:///path or postgresql://…") from error
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        # A connection the database closed, as on its restart, is replaced before it is used.
        return create_engine(
            parsed, pool_pre_ping=True, pool_timeout=TIMEOUT_SECONDS, connect_args={"connect_timeout": TIMEOUT_SECONDS}
        )
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    raise StorageError(f"'{parsed.get_backend_name()}' databases are not supported; use sqlite or postgresql")


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": TIMEOUT_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _row(given: GivenAnswer) -> dict[str, Any]:
    answer = given.answer
    return {
        "id": answer.id,
        "at": _now(),
        "conversation": _secret_hash(given.conversation),
        "client": given.client,
        "question": answer.question,
        "status": answer.status.value,
        "mode": answer.mode,
        "snapshot": answer.snapshot,
        "milliseconds": sum(ms for name, ms in answer.timings_ms.items() if not name.startswith("retrieve_")),
        "answer": answer.model_dump(mode="json"),
        "details": dict(given.details),
        "kept": False,
    }


def _secret_hash(conversation: str) -> str:
    return sha256(conversation.encode()).hexdigest() if conversation else ""


def _now() -> datetime:
    return datetime.now(UTC)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
