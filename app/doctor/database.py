"""Whether the database is the one this program needs, and keeps what it acknowledges.

It must not know what any row means.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator

from sqlalchemy import Connection

from app.db import SQLITE_FIXED, UnsafeDatabase, run
from app.doctor.finding import Finding
from app.health import WAL_BYTES_ALARM
from app.keys import signature_fits
from app.ledger.signed import RECEIPT_PREFIX
from app.migrate import current_revision, head_revision
from app.services import Services
from migrations.triggers import TRIGGER_NAMES


def look(services: Services, connection: Connection) -> Iterator[Finding]:
    """The database's own findings."""
    yield from _settings(services, connection)
    yield from _room(services)
    at, head = current_revision(connection), head_revision()
    if at != head:
        yield Finding(
            "schema",
            f"the database is at {at or 'nothing'}, this program needs {head}",
            "stop the server, run: python -m app.cli migrate",
            grave=True,
        )
        return
    yield from _triggers(services, connection)
    yield from _key(services, connection)


def _settings(services: Services, connection: Connection) -> Iterator[Finding]:
    try:
        services.database.boot_check()
    except UnsafeDatabase as error:
        yield Finding("database", str(error), "put this right before serving", grave=True)
    if not services.database.sqlite:
        return
    automatic = int(connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() or 0)
    if sqlite3.sqlite_version_info < SQLITE_FIXED and automatic:
        yield Finding(
            "sqlite",
            f"SQLite {sqlite3.sqlite_version} can damage a database when checkpoints run by"
            " themselves, and they do",
            "let no other program open the database; restart the server",
            grave=True,
        )
    damage = connection.exec_driver_sql("PRAGMA quick_check").scalar()
    if damage != "ok":
        yield Finding("database", f"SQLite finds damage: {damage}",
                      "stop the server, keep a copy of all files, restore the last backup",
                      grave=True)  # fmt: skip
    wal = services.database.wal_bytes()
    if wal > WAL_BYTES_ALARM:
        yield Finding(
            "wal",
            f"the write-ahead log has grown to {wal} bytes; something has been reading for long",
            "restart the server; it becomes small with the next checkpoint",
            grave=True,
        )


def _room(services: Services) -> Iterator[Finding]:
    free = shutil.disk_usage(services.settings.data_dir).free
    if free < services.settings.disk_free_bytes_min:
        yield Finding(
            "disk",
            f"{free // 2**20} MB are left, below {services.settings.disk_free_bytes_min // 2**20}"
            " MB nothing is taken in",
            "make room or a larger disk; phones keep everything and try again",
            grave=True,
        )


def _triggers(services: Services, connection: Connection) -> Iterator[Finding]:
    asked = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if not services.database.sqlite:
        asked = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    missing = sorted(TRIGGER_NAMES - {name for (name,) in run(connection, asked)})
    if missing:
        yield Finding(
            "triggers",
            f"what keeps facts and log from being changed is missing: {', '.join(missing)}",
            "somebody changed the schema by hand: run `ledger verify`, then restore a backup",
            grave=True,
        )


def _key(services: Services, connection: Connection) -> Iterator[Finding]:
    """Phones would refuse the answers of a key that did not sign the newest receipt."""
    newest = run(
        connection, "SELECT receipt, signature FROM batch ORDER BY received_at DESC LIMIT 1"
    )
    for receipt, signature in newest:
        message = (RECEIPT_PREFIX + receipt).encode()
        if not signature_fits(services.signer.public_key, message, signature):
            yield Finding(
                "key",
                f"{services.settings.key_file.name} is not the key that signed the newest receipt",
                "stop the server and put the right key back from where it is kept apart",
                grave=True,
            )
