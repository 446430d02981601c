"""Restoring a set onto an empty database and opening the next epoch.

Works on the connection it is handed; whatever raises here undoes all of it. It never writes to the
backup, and must not know commands.
"""

from __future__ import annotations

import hashlib
import json
import uuid
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, inspect

from app.backup.dump import DumpError, load_dump
from app.backup.make import check_files, photos_of, quiet
from app.backup.manifest import DATABASE_FILE, BadSet, Manifest, photo_path, read_manifest
from app.backup.table import restore as restore_table
from app.clock import instant, parse_instant
from app.db import insert_many, run, upsert
from app.ledger.append import append
from app.ledger.head import Station, read_station
from app.ledger.incoming import DeskFact, desk_incoming, server_sender
from app.ledger.series import ALL_SERIES
from app.ledger.verify import Head, verify
from app.marks import save_backed_up
from app.migrate import upgrade
from app.photos.keep import PhotoStore
from app.photos.rules import original_name

NUMBERS_KEPT_FREE = 10_000  # of each year, for those the lost log gave after the backup
YEARS_MAX = 20
EPOCHS_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    station: Station
    epoch: int
    size: int
    root: str


def refuse_unless_empty(connection: Connection) -> None:
    """A database that holds anything is left alone. Raises BadSet."""
    tables = inspect(connection).get_table_names()
    if tables:
        raise BadSet(
            "the database is not empty: restore makes one anew and never writes over what is there."
            " Point DATABASE_URL (or GI_DATA_DIR) to an empty place"
        )


def load_set(
    connection: Connection, where: Path, progress: Callable[[int], None] = quiet
) -> Manifest:
    """Fill an empty database with a set and check every link of its log. Raises BadSet."""
    manifest = read_manifest(where)
    check_files(where, manifest)
    refuse_unless_empty(connection)
    upgrade(connection, to=manifest.revision)
    try:
        counts = load_dump(connection, where / DATABASE_FILE, progress)
    except (DumpError, OSError, EOFError, ValueError, zlib.error) as error:
        raise BadSet(str(error)) from None
    if counts != manifest.tables:
        raise BadSet(f"{where} holds other numbers of rows than its manifest says")
    upgrade(connection)
    _check_log(connection, manifest)
    return manifest


def _check_log(connection: Connection, manifest: Manifest) -> None:
    station = read_station(connection, manifest.station["id"])
    if station is None or (station.epoch, station.size) != (manifest.epoch, manifest.size):
        raise BadSet("the dump is not of the station and the moment its manifest names")
    head = Head(manifest.size, manifest.root, "the set's manifest", manifest.epoch)
    report = verify(connection, station, [head], server_key=manifest.server_key)
    if report.breaks:
        raise BadSet("the log in this set does not hold: " + "; ".join(report.breaks[:5]))


def open_epoch(
    connection: Connection,
    manifest: Manifest,
    *,
    set_name: str,
    photos_lacking: Iterable[str],
    now: datetime,
    ids: Callable[[], str],
) -> Restored:
    """The next life of the log begins with a fact that says where it begins."""
    station_id, epoch = manifest.station["id"], next_epoch(manifest.epoch, now)
    lacking = sorted(photos_lacking)
    run(connection, "UPDATE station SET epoch = ? WHERE id = ?", (epoch, station_id))
    _note(connection, manifest, epoch, set_name, lacking, now)
    _skip_numbers(connection, manifest, now)
    save_backed_up(connection, station_id, size=manifest.size, at=parse_instant(manifest.made_at))
    _end_what_was_open(connection, station_id, now)
    _want_again(connection, station_id, lacking)
    _log_opening(connection, manifest, epoch, now, ids)
    station = read_station(connection, station_id)
    assert station is not None
    return Restored(station, epoch, manifest.size, manifest.root)


def next_epoch(before: int, now: datetime) -> int:
    """A number no life of this log had: one set may be restored twice, and phones must see that."""
    return max(before + 1, int((now - EPOCHS_BEGIN).total_seconds()))


def _note(
    connection: Connection, manifest: Manifest, epoch: int, set_name: str, lacking: list[str],
    now: datetime,
) -> None:  # fmt: skip
    columns = ("station_id", "epoch", "from_epoch", "size", "root", "set_name",
               "made_at", "restored_at", "photos_lacking")  # fmt: skip
    row = (manifest.station["id"], epoch, manifest.epoch, manifest.size, manifest.root, set_name,
           manifest.made_at, instant(now), json.dumps(lacking))  # fmt: skip
    insert_many(connection, restore_table, columns, [row], conflict=upsert(restore_table, columns))


def _skip_numbers(connection: Connection, manifest: Manifest, now: datetime) -> None:
    """New numbers leave free what the lost log may have given, in every year it may have seen."""
    station_id, zone = manifest.station["id"], ZoneInfo(manifest.station["timezone"])
    first = parse_instant(manifest.made_at).astimezone(zone).year
    last = max(first, now.astimezone(zone).year)
    years = range(first, min(last, first + YEARS_MAX) + 1)
    names = [f"{series.counter}:{year}" for series in ALL_SERIES for year in years]
    rows = run(
        connection,
        "SELECT name, value FROM counter WHERE station_id = ? AND name = ANY(?)",
        (station_id, names),
    )
    given: dict[str, int] = dict(rows)
    after = {
        name: (given.get(name, 0) // NUMBERS_KEPT_FREE + 2) * NUMBERS_KEPT_FREE for name in names
    }
    for name, value in sorted(after.items()):
        run(
            connection,
            "INSERT INTO counter (station_id, name, value) VALUES (?, ?, ?)"
            " ON CONFLICT (station_id, name) DO UPDATE SET value = excluded.value",
            (station_id, name, value),
        )


def _end_what_was_open(connection: Connection, station_id: str, now: datetime) -> None:
    """Sessions and links that may have ended after the backup do not come back to life."""
    at = instant(now)
    run(
        connection,
        "UPDATE session SET ended_at = ? WHERE station_id = ? AND ended_at IS NULL",
        (at, station_id),
    )
    run(
        connection,
        "UPDATE one_time_link SET used_at = ? WHERE station_id = ? AND used_at IS NULL",
        (at, station_id),
    )


def _want_again(connection: Connection, station_id: str, lacking: list[str]) -> None:
    """Parts of photos were not backed up: those start anew; so do photos the set lacks."""
    run(
        connection,
        "UPDATE photo SET received = 0, length = NULL, epoch = epoch + 1"
        " WHERE station_id = ? AND state = 'wanted' AND received > 0",
        (station_id,),
    )
    run(connection, "DELETE FROM photo_part WHERE station_id = ?", (station_id,))
    run(
        connection,
        "UPDATE photo SET state = 'wanted', received = 0, length = NULL, epoch = epoch + 1,"
        " held_at = NULL, thumbnail_at = NULL, condition = NULL"
        " WHERE station_id = ? AND sha256 = ANY(?)",
        (station_id, lacking),
    )


def _log_opening(
    connection: Connection, manifest: Manifest, epoch: int, now: datetime, ids: Callable[[], str]
) -> None:
    station_id = manifest.station["id"]
    found = run(
        connection, "SELECT id FROM account WHERE station_id = ? ORDER BY id LIMIT 1", (station_id,)
    )
    if not found:
        raise BadSet("the set holds no account: set-up was not finished when it was made")
    author = str(found[0][0])
    subject = str(uuid.uuid5(uuid.UUID(station_id), f"epoch/{epoch}"))
    body = {"epoch": epoch, "size": manifest.size, "root": manifest.root}
    fact = DeskFact(ids(), "ledger.epoch_opened", subject, body)
    incoming = desk_incoming([fact], station_id=station_id, author_id=author, now=now, salts=())
    append(connection, station_id, incoming, server_sender(author), now=now)


def put_photos(
    store: PhotoStore,
    folder: Path,
    where: Path,
    station_id: str,
    progress: Callable[[int], None] = quiet,
) -> list[str]:
    """Every photo of the set into the store, hashed on its way; those that could not be given back.

    One that is in the store already stays if it is whole: a store of its own may have outlived the
    machine.
    """
    lacking = []
    for done, photo in enumerate(photos_of(where), 1):
        name = original_name(station_id, photo.sha256)
        if not (_whole(store, name, photo.sha256) or _put(store, name, folder, photo.sha256)):
            lacking.append(photo.sha256)
        progress(done)
    return lacking


def _put(store: PhotoStore, name: str, folder: Path, sha256: str) -> bool:
    path = photo_path(folder, sha256)
    if not path.exists():
        return False
    store.put(name, path)
    return _whole(store, name, sha256)


def _whole(store: PhotoStore, name: str, sha256: str) -> bool:
    pieces = store.stream(name)
    if pieces is None:
        return False
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest() == sha256
