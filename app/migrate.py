"""Bring the database to this program's schema, or say which schema it has.

Runs inside a transaction the caller opened, so a migration that fails leaves nothing half-applied.
It must not know what any table is for, apart from which ones only grow.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def _config(connection: Connection | None, folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, *, to: str = "head", folder: Path = MIGRATIONS) -> None:
    """Run every migration up to a revision."""
    command.upgrade(_config(connection, folder), to)


def downgrade(connection: Connection, *, to: str, folder: Path = MIGRATIONS) -> None:
    """Undo migrations down to a revision ("base" for all)."""
    command.downgrade(_config(connection, folder), to)


def current_revision(connection: Connection) -> str | None:
    """The revision the database is at, None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def head_revision(folder: Path = MIGRATIONS) -> str:
    """The one revision this program needs."""
    head = ScriptDirectory.from_config(_config(None, folder)).get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations")
    return head
