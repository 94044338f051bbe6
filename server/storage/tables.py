"""The tables. A change here needs a migration; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    false,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """A moment; kept without a zone, in UTC, since SQLite knows none."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC without a zone."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From UTC without a zone."""
        return value and value.replace(tzinfo=UTC)


ANSWERS = Table(
    "answers",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    # A hash: who knows the conversation's id may delete it, and who reads the table shall not.
    Column("conversation", String(64), nullable=False, index=True),
    Column("client", String(32), nullable=False),
    Column("question", Text, nullable=False),
    Column("status", String(40), nullable=False, index=True),
    Column("mode", String(20), nullable=False),
    Column("snapshot", String(40), nullable=False),
    Column("milliseconds", Float, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("details", JSON, nullable=False),
    # Somebody asked for a permanent link.
    Column("kept", Boolean, nullable=False, server_default=false()),
)

ERROR_REPORTS = Table(
    "error_reports",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("answer", String(64), ForeignKey("answers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("comment", Text, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("owner", String(80), nullable=False),
    Column("reason", String(20), nullable=False, server_default="other"),
    Column("changed", UtcTime, nullable=False),
)

GOLD_ITEMS = Table(
    "gold_items",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("item", JSON, nullable=False),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("action", String(40), nullable=False),
    Column("detail", Text, nullable=False),
)

SWITCHES = Table(
    "switches",
    METADATA,
    Column("name", String(40), primary_key=True),
    Column("notice", Text, nullable=False),
)

CLIENT_KEYS = Table(
    "client_keys",
    METADATA,
    Column("day", String(10), primary_key=True),
    Column("key", LargeBinary, nullable=False),
)

Index("ix_answers_at_status", ANSWERS.c.at, ANSWERS.c.status)
