"""Commands about the installation: bring the schema up to date, set the station up, show how it is.

Each can be run again at any time; what is done already is left as it is.
"""

from __future__ import annotations

import argparse
import importlib
import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection

from app.auth.links import new_password_link
from app.checklists.store import publish_bundled
from app.cli.ledger import corrected, tell
from app.cli.tool import Subparsers, Tool, command
from app.db import run
from app.health import checks
from app.ledger.append import append
from app.ledger.incoming import DeskFact, desk_incoming, server_sender
from app.ledger.station import make_station
from app.ledger.store import folded_by_another_release
from app.marks import backup_age_s
from app.migrate import current_revision, head_revision, upgrade
from app.services import Services

BACKUP_AGE_S_MAX = 26 * 3600
FIRST_LOGIN = "admin"
FIRST_ROLES = ["admin", "chief"]  # a small station's first person decides as well


def add(subparsers: Subparsers) -> None:
    """Add this file's commands."""
    command(subparsers, "migrate", migrate, "Bring the database to this program's schema.")
    command(subparsers, "setup", setup, "Make the station, its first admin and its checklists.")
    command(subparsers, "status", status, "Show whether this installation can take work.")
    command(subparsers, "demo", demo, "Fill the station with a fictional township.")


def migrate(tool: Tool, _arguments: argparse.Namespace) -> int:
    """All or nothing; a copy of a SQLite database is kept first."""
    database = tool.services.database
    with database.read() as connection:
        before = current_revision(connection)
    if before == head_revision():
        print(f"database: up to date ({before})")
    else:
        if before is not None and database.path is not None:
            print(f"database: copied to {copy_before(database.path, before)}")
        tool.write(upgrade)
        print(f"database: {before or 'empty'} -> {head_revision()}")
    fold_anew(tool)
    return 0


def fold_anew(tool: Tool) -> None:
    """A release that folds differently corrects the rows it finds; what changed is told (I8)."""
    with tool.services.database.read() as connection:
        station_id = tool.services.station_id(connection)
        if not station_id or not folded_by_another_release(connection, station_id):
            return
    print("ledger: this release folds facts differently, every row is made anew")
    report = corrected(tool)
    tell(report)
    print(f"ledger: {report.subjects} subjects, {report.differing} rows changed")


def copy_before(path: Path, revision: str) -> Path:
    """A consistent copy beside the database, through SQLite's own backup."""
    target = path.with_name(f"{path.name}.before-{revision}")
    source, copy = sqlite3.connect(path), sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    return target


def setup(tool: Tool, _arguments: argparse.Namespace) -> int:
    """Station, first admin, checklists; prints a one-time link while no password is set."""
    services = tool.services
    admin_id = _make(tool)
    link = tool.write(lambda connection: first_link(connection, services, admin_id))
    print(f"station: {services.settings.station_name}")
    print(f"desk:    {services.settings.public_url}/desk/")
    print(f"field:   {services.settings.public_url}/field/")
    if link:
        print(
            f"\n首次登录：账号 {FIRST_LOGIN}，请在 24 小时内打开下面的链接设置密码（只能用一次）："
        )
        print(f"  {link}\n")
    return 0


def _make(tool: Tool) -> str:
    """Station, first admin and the newest checklists, where they are not there yet; the admin."""
    services = tool.services
    admin_id = tool.write(lambda connection: ensure_station(connection, services))
    published = tool.write(
        lambda connection: publish_bundled(
            connection,
            services.station_id(connection),
            admin_id,
            now=services.clock(),
            ids=services.ids,
        )
    )
    if published:
        print(f"checklists: {len(published)} published")
    return admin_id


def ensure_station(connection: Connection, services: Services) -> str:
    """The station and its first admin, made when there are none; the admin's account id."""
    station_id = services.station_id(connection)
    if not station_id:
        station_id = make_station(
            connection, services.settings, now=services.clock(), station_id=services.ids()
        )
    found = run(
        connection, "SELECT id FROM account WHERE station_id = ? ORDER BY id LIMIT 1", (station_id,)
    )
    return str(found[0][0]) if found else _first_admin(connection, services, station_id)


def _first_admin(connection: Connection, services: Services, station_id: str) -> str:
    admin_id, new_id = services.ids(), services.ids
    login = new_id()
    town = services.settings.station_name.removesuffix("安监站") or services.settings.station_name
    facts = [
        DeskFact(
            login,
            "account.set",
            admin_id,
            {"login": FIRST_LOGIN, "active": True},
            private={"name": "管理员"},
        ),
        DeskFact(new_id(), "grant.set", admin_id, {"roles": FIRST_ROLES, "areas": []}, [login]),
        DeskFact(new_id(), "area.set", new_id(), {"name": town, "level": "town"}),
    ]
    incoming = desk_incoming(
        facts,
        station_id=station_id,
        author_id=admin_id,
        now=services.clock(),
        salts=(new_id().replace("-", "") for _ in facts),
    )
    append(connection, station_id, incoming, server_sender(admin_id), now=services.clock())
    return admin_id


def first_link(connection: Connection, services: Services, admin_id: str) -> str | None:
    """A fresh link while nobody of this station has a password yet."""
    station_id = services.station_id(connection)
    with_password = run(
        connection,
        "SELECT 1 FROM account_secret WHERE station_id = ? AND password_hash IS NOT NULL LIMIT 1",
        (station_id,),
    )
    if with_password:
        return None
    link = new_password_link(
        connection,
        station_id,
        admin_id,
        public_url=services.settings.public_url,
        now=services.clock(),
    )
    return link.url


def status(tool: Tool, _arguments: argparse.Namespace) -> int:
    """The same findings as /readyz, on the screen; nothing is written."""
    services = tool.services
    services.database.boot_check()

    class Done(Exception):
        """Rolls the probe's write back."""

    found: dict[str, tuple[bool, str]] = {}

    def look(connection: Connection) -> None:
        found.update(checks(services, connection))
        raise Done

    with suppress(Done):
        tool.write(look)
    for name, (ok, words) in found.items():
        print(f"{'ok  ' if ok else 'BAD '} {name:9} {words}")
    age_s = _backup_age(tool)
    told = "none yet: run `backup make`" if age_s < 0 else f"{age_s // 3600} h old"
    print(f"{'ok  ' if 0 <= age_s <= BACKUP_AGE_S_MAX else 'note'} {'backup':9} {told}")
    return 0 if all(ok for ok, _ in found.values()) else 1


def _backup_age(tool: Tool) -> int:
    """How old the last good backup is; an old one is said and stops no work."""
    with tool.services.database.read() as connection:
        station_id = tool.services.station_id(connection)
        return backup_age_s(connection, station_id, tool.services.clock())


def demo(tool: Tool, _arguments: argparse.Namespace) -> int:
    """The fictional township lives in app/demo; this hands it the parts.

    It needs no `setup` before it, whose one-time link would be void as soon as the township's
    people have their passwords.
    """
    township = importlib.import_module("app.demo.township")
    _make(tool)
    return int(township.fill(tool))
