"""Bring the database to this program's schema, or say which schema it has.

Runs inside a transaction the caller opened, so a migration that fails leaves nothing half-applied.
Alembic (8 MB) is loaded by whoever migrates: a server that serves only compares two revisions.
It must not know what any table is for, apart from which ones only grow.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

from app.db import run

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_STEP = re.compile(r'^(revision|down_revision) = "(\w+)"$', re.MULTILINE)


def _config(connection: Connection, folder: Path) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, *, to: str = "head", folder: Path = MIGRATIONS) -> None:
    """Run every migration up to a revision."""
    from alembic import command

    command.upgrade(_config(connection, folder), to)


def downgrade(connection: Connection, *, to: str, folder: Path = MIGRATIONS) -> None:
    """Undo migrations down to a revision ("base" for all)."""
    from alembic import command

    command.downgrade(_config(connection, folder), to)


def current_revision(connection: Connection) -> str | None:
    """The revision the database is at, None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = run(connection, "SELECT version_num FROM alembic_version")
    return str(found[0][0]) if found else None


@lru_cache(maxsize=4)
def head_revision(folder: Path = MIGRATIONS) -> str:
    """The one revision this program needs: the one that no other stands on."""
    made: set[str] = set()
    stood_on: set[str] = set()
    for file in (folder / "versions").glob("*.py"):
        for name, revision in _STEP.findall(file.read_text(encoding="utf-8")):
            (made if name == "revision" else stood_on).add(revision)
    heads = made - stood_on
    if len(heads) != 1:
        raise RuntimeError(f"there must be one last migration, not {sorted(heads)}")
    return heads.pop()
