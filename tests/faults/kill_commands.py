"""Commands that die half-way, and what a person then does: types the command again.

It must not know where a command dies.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.db import Database, make_database, run
from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from app.ledger.verify import verify
from app.migrate import current_revision, head_revision, upgrade
from tests.faults.points import FOLDER_VARIABLE, Point, arm, struck
from tests.served import ROOT, environment, typed
from tests.upgrades.release import RELEASES, load, rows_of, tables_of

KILLED = -9
OLDEST = min(path.stem for path in RELEASES.glob("*.jsonl"))
Rows = dict[str, list[dict[str, Any]]]


def attempt(folder: Path, *words: str, **settings: str) -> int:
    """Type a command that may die; its exit code."""
    settings[FOLDER_VARIABLE] = str(folder / "faults")
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.kill_command", *words],
        cwd=ROOT, env=environment(folder / "data", **settings), capture_output=True, timeout=120,
    )  # fmt: skip
    return done.returncode


def attempted(data: Path, *words: str, **settings: str) -> tuple[int, str]:
    """Type a command that lives; its exit code and what it said."""
    done = typed(data, *words, **settings)
    return done.returncode, done.stdout


def say(folder: Path, *words: str, **settings: str) -> str:
    """The same for a command that must work."""
    code, said = attempted(folder / "data", *words, **settings)
    assert code == 0, said
    return said


def well(folder: Path, *, own_key: bool = True, **settings: str) -> None:
    """The doctor finds nothing wrong and knows everything that lies about."""
    _, said = attempted(folder / "data", "doctor", **settings)
    wrong = [line for line in said.splitlines() if line.startswith("WRONG")]
    # A release's receipts were signed by a key that was thrown away with its test.
    assert [line for line in wrong if own_key or "station-key.pem" not in line] == []
    assert "not part of the ledger" not in said


def die(folder: Path, point: Point, *words: str, later: int = 0, **settings: str) -> None:
    """The command dies where it should, by nobody else's hand."""
    (folder / "faults").mkdir(exist_ok=True)
    arm(folder / "faults", point, later=later)
    code = attempt(folder, *words, **settings)
    assert struck(folder / "faults", point), f"{point.name} was never reached"
    assert code == KILLED


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database for a look from outside."""
    database = make_database(url)
    try:
        yield database
    finally:
        database.close()


def settings_of(folder: Path, url: str | None) -> tuple[str, dict[str, str]]:
    """The database's address, and the settings that name it."""
    if url is None:
        return f"sqlite:///{folder / 'data' / 'station.db'}", {}
    return url, {"DATABASE_URL": url}


def setup(folder: Path, point: Point, url: str | None, later: int = 0) -> None:
    """A first start dies; typed again, there is one station with one admin and one key."""
    address, settings = settings_of(folder, url)
    (folder / "data").mkdir()
    # The key is made by whatever command comes first.
    first = "migrate" if point.attribute == "link" else "setup"
    if first == "setup":
        say(folder, "migrate", **settings)
    die(folder, point, first, later=later, **settings)
    say(folder, "migrate", **settings)
    key = (folder / "data" / "station-key.pem").read_bytes()
    said = say(folder, "setup", **settings)
    assert "首次登录" in said, "whoever lost the link gets another one"
    assert say(folder, "setup", **settings)
    assert (folder / "data" / "station-key.pem").read_bytes() == key
    with opened(address) as database, database.read() as connection:
        counts = [run(connection, f"SELECT COUNT(*) FROM {table}")[0][0]
                  for table in ("station", "account", "area")]  # fmt: skip
        assert counts == [1, 1, 1]
        twice = "SELECT COUNT(*) - COUNT(DISTINCT checklist_id || version) FROM checklist"
        assert run(connection, twice) == [(0,)]
    well(folder, **settings)


def everything(database: Database) -> Rows:
    """All rows of all tables."""
    with database.read() as connection:
        return {name: rows_of(connection, table) for name, table in tables_of(connection).items()}


def migrate(folder: Path, point: Point, url: str | None, later: int = 0) -> None:
    """A migration dies; the database is as it was or as it should be, nothing in between."""
    address, settings = settings_of(folder, url)
    (folder / "data").mkdir()
    with opened(address) as database:
        database.in_transaction(lambda c: upgrade(c, to=OLDEST))
        database.in_transaction(lambda c: load(c, OLDEST))
        before = everything(database)
    die(folder, point, "migrate", later=later, **settings)
    with opened(address) as database:
        with database.read() as connection:
            at = current_revision(connection)
        assert at in (OLDEST, head_revision())
        if at == OLDEST:
            assert everything(database) == before
    say(folder, "migrate", **settings)
    with opened(address) as database:
        after = everything(database)
        for table in ("fact", "log_entry", "private_line", "photo", "batch", "station"):
            assert len(after[table]) == len(before[table]), table
        sound(database)
    well(folder, own_key=False, **settings)


def sound(database: Database) -> None:
    """The log holds together; the rows are what the facts say."""
    with database.read() as connection:
        station = read_station(connection, run(connection, "SELECT id FROM station")[0][0])
        assert station is not None
        # A release's receipts were signed by a key that was thrown away with its test.
        assert [each for each in verify(connection, station, [], server_key="").breaks
                if "sign" not in each] == []  # fmt: skip
        found = rebuild(connection, station, apply=False)
        assert (found.differing, found.extra) == (0, [])


def rebuild_rows(folder: Path, point: Point, url: str | None, later: int = 0) -> None:
    """A rebuild dies; typed again, every row is what its facts say."""
    address, settings = settings_of(folder, url)
    (folder / "data").mkdir()
    with opened(address) as database:
        database.in_transaction(lambda c: upgrade(c, to=OLDEST))
        database.in_transaction(lambda c: load(c, OLDEST))
        database.in_transaction(upgrade)
        spoil = "UPDATE hazard SET row = REPLACE(row, '连接软管', '什么也没有')"
        database.in_transaction(lambda c: run(c, spoil))
    die(folder, point, "ledger", "rebuild", later=later, **settings)
    say(folder, "ledger", "rebuild", **settings)
    assert "every row is what its facts say" in say(
        folder, "ledger", "rebuild", "--check", **settings
    )
    with opened(address) as database:
        sound(database)
    well(folder, own_key=False, **settings)


COMMAND_SCENES: dict[str, Callable[[Path, Point, str | None, int], None]] = {
    "setup": setup,
    "migrate": migrate,
    "rebuild": rebuild_rows,
}


def in_fresh_folder(parent: Path, point: Point, url: str | None, later: int = 0) -> None:
    """One command scene in a folder of its own, cleared away when it went well."""
    folder = parent / uuid.uuid4().hex[:8]
    folder.mkdir(parents=True)
    COMMAND_SCENES[point.scene](folder, point, url, later)
    shutil.rmtree(folder)
