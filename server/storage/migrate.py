"""Brings a database to the newest tables, by Alembic, which is imported only where there is something to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from server.storage.records import StorageError

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 5_207_013
_SCRIPTS = Path(__file__).parent / "migrations"


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, over `connection`."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(_SCRIPTS))
    made.attributes["connection"] = connection
    return made


def migrate(engine: Engine) -> None:
    """Upgrade to the newest tables; one process at a time, in one transaction.

    :raises StorageError: a newer version of the program has changed the tables.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        reached = _reached(connection)
        if reached is not None and reached > newest():
            raise StorageError(
                f"the database has the tables of a newer version ({reached}, this one knows them up to {newest()}); "
                "run that version, or restore the backup from before the update"
            )
        if reached != newest():
            from alembic import command

            command.upgrade(config(connection), "head")


def newest() -> str:
    """The name of the newest migration; each file's name begins with its own, in the order of their numbers."""
    return max(script.name for script in (_SCRIPTS / "versions").glob("[0-9]*_*.py")).partition("_")[0]


def _reached(connection: Connection) -> str | None:
    """The name of the migration that the database is at; None where it has no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
