"""Brings a database to the newest tables, by Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

_LOCK = 5_207_013


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, over `connection`."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made


def migrate(engine: Engine) -> None:
    """Upgrade to the newest tables; one process at a time, in one transaction."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        command.upgrade(config(connection), "head")


def newest() -> str:
    """The name of the newest migration."""
    return str(ScriptDirectory.from_config(config()).get_current_head())
