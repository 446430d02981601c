"""Commands about losing the machine: make a backup, check one, copy the keys, restore.

`backup make` counts a set only after it was loaded into an empty database of its own and its log
held; phones hear of it then, and not before.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from app.backup.dump import seal_of
from app.backup.make import (
    BadSet,
    Dumped,
    check_files,
    copy_photos,
    damaged_photos,
    dump_station,
    finish,
)
from app.backup.manifest import SETS, Manifest, read_manifest, sets_of, write_sealed
from app.backup.report import read_report
from app.backup.restore import Restored, load_set, open_epoch, put_photos, refuse_unless_empty
from app.backup.words import words_of
from app.cli.tool import CommandError, Progress, Subparsers, Tool, command, group
from app.db import make_database
from app.marks import save_backed_up
from app.settings import Settings

REPORT_FILE = "restore-report.txt"
NAMED_MAX = 20

T = TypeVar("T")


def add(subparsers: Subparsers) -> None:
    """Add this file's commands."""
    below = group(subparsers, "backup", "Backups: make, check, keys.")
    parser = command(below, "make", make, "Back the station up while it runs.")
    parser.add_argument("folder", type=Path, help="where the sets lie; on another disk or machine")
    parser = command(below, "check", check, "Read a whole set again, every photo too.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", dest="set_name", help="its name; without it, the newest")
    parser = command(below, "keys", keys, "Copy the station's keys, to be kept apart.")
    parser.add_argument("folder", type=Path, help="a stick or a safe place, not the backup's")
    below = group(subparsers, "restore", "After the machine was lost: restore, report.")
    parser = command(below, "from", restore, "Restore a set onto an empty machine.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", dest="set_name", help="its name; without it, the newest")
    parser.add_argument(
        "--new-key",
        action="store_true",
        help="the keys are gone for good: make new ones; every phone must be enrolled anew",
    )
    parser = command(below, "report", report, "What is known to be missing since the restore.")
    parser.add_argument("--english", action="store_true", help="in English")


# --- making -----------------------------------------------------------------------------------


def make(tool: Tool, arguments: argparse.Namespace) -> int:
    """1 when photos are lacking or the set does not hold; then nothing counts as backed up."""
    services, folder = tool.services, arguments.folder.absolute()
    _refuse_inside(folder, services.settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    progress = Progress("rows", None)
    with services.database.read() as connection:
        now = services.clock()  # before the first look: a photo received later is in no dump
        station = tool.station(connection)
        try:
            dumped = dump_station(
                connection, folder, station, signer=services.signer, now=now, progress=progress
            )
        except BadSet as error:
            raise CommandError(str(error)) from None
    progress.end()
    progress = Progress("photos", dumped.manifest.photo_count)
    copied = copy_photos(services.photo_store, dumped, progress)
    progress.end()
    finish(dumped, services.signer)
    _load_to_check(dumped.where, folder)
    manifest = dumped.manifest
    print(f"set {dumped.where.name}: log of {manifest.size}, root {manifest.root}")
    print(f"photos: {copied.new} copied ({copied.new_bytes} bytes), {copied.known} known")
    if copied.lacking:
        _name_lacking(copied.lacking, "the photo store does not hold these any more")
        return 1
    _count_as_backed_up(tool, dumped, now)
    return 0


def _count_as_backed_up(tool: Tool, dumped: Dumped, now: datetime) -> None:
    station_id, size = dumped.manifest.station["id"], dumped.manifest.size
    tool.write(lambda c: save_backed_up(c, station_id, size=size, at=now))
    print("verified; phones may let go of photos it covers. Keys: run `backup keys` once")


def _refuse_inside(folder: Path, settings: Settings) -> None:
    if folder == settings.data_dir or settings.data_dir in folder.parents:
        print(
            f"warning: {folder} lies on the machine it is to outlive; use another disk",
            file=sys.stderr,
        )


def _load_to_check(where: Path, folder: Path) -> Manifest:
    """Load the set into a database of its own, which is thrown away: the proof that it can be."""
    scratch = Path(tempfile.mkdtemp(prefix="check-", dir=folder))
    try:
        database = make_database(f"sqlite:///{scratch / 'check.db'}")
        try:
            return database.in_transaction(lambda c: load_set(c, where))
        finally:
            database.close()
    except BadSet as error:
        raise CommandError(f"{where.name} is no backup: {error}") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _name_lacking(lacking: list[str], words: str) -> None:
    print(f"{len(lacking)} photos LACK: {words}")
    for sha256 in lacking[:NAMED_MAX]:
        print(f"  {sha256}")


def check(_tool: Tool, arguments: argparse.Namespace) -> int:
    """1 when anything of the set is not what the station signed."""
    folder = arguments.folder.absolute()
    where = _chosen(folder, arguments.set_name)
    manifest = _load_to_check(where, folder)
    progress = Progress("photos", manifest.photo_count)
    damaged = damaged_photos(folder, where, progress)
    progress.end()
    print(f"set {where.name}: log of {manifest.size}, root {manifest.root}; every link holds")
    print(f"photos: {manifest.photo_count - len(damaged)} of {manifest.photo_count} whole")
    if damaged:
        _name_lacking(damaged, "damaged or gone from the backup")
    return 1 if damaged else 0


def _chosen(folder: Path, name: str | None) -> Path:
    names = sets_of(folder)
    if not names:
        raise CommandError(f"{folder} holds no backup: no set in {folder / SETS} is whole")
    if name is not None and name not in names:
        raise CommandError(f"no set {name}; there are: {', '.join(names)}")
    return folder / SETS / (name or names[-1])


def keys(tool: Tool, arguments: argparse.Namespace) -> int:
    """Both keys, readable by their owner alone, compared after the copy."""
    _made = tool.services  # makes the keys of a station that never started
    folder = arguments.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = tool.services.settings
    for path in (settings.key_file, settings.rescue_key_file):
        copy = folder / path.name
        write_sealed(copy, path.read_bytes())
        copy.chmod(0o600)
        if seal_of(copy) != seal_of(path):
            raise CommandError(f"{copy} is not what {path} is; try another place")
        print(f"copied: {copy}")
    print("whoever holds these can speak for the station: keep them locked, and not in the backup")
    return 0


# --- restoring --------------------------------------------------------------------------------


def restore(tool: Tool, arguments: argparse.Namespace) -> int:
    """1 when photos of the set could not be given back; they are wanted from phones then."""
    settings, folder = tool.settings, arguments.folder.absolute()
    where = _chosen(folder, arguments.set_name)
    manifest = _manifest(where)
    _refuse_without_key(tool, settings, manifest, new_key=arguments.new_key)
    with tool.services.database.read() as connection:
        _plainly(lambda: refuse_unless_empty(connection))
    _plainly(lambda: check_files(where, manifest))
    progress = Progress("photos", manifest.photo_count)
    lacking = put_photos(tool.services.photo_store, folder, where, manifest.station["id"], progress)
    progress.end()
    progress = Progress("rows", sum(manifest.tables.values()))
    restored = _plainly(
        lambda: tool.write(lambda c: _restore_into(c, tool, where, lacking, progress))
    )
    progress.end()
    print(f"restored {where.name}: log of {restored.size}, root {restored.root}")
    print(f"epoch {restored.epoch} is open; every link of the log holds")
    if lacking:
        _name_lacking(lacking, "not in the backup or damaged; phones are asked for them")
    _tell_report(tool, english=False)
    return 1 if lacking else 0


def _restore_into(
    connection: Connection, tool: Tool, where: Path, lacking: list[str], progress: Progress
) -> Restored:
    manifest = load_set(connection, where, progress)
    return open_epoch(
        connection,
        manifest,
        set_name=where.name,
        photos_lacking=lacking,
        now=tool.services.clock(),
        ids=tool.services.ids,
    )


def _manifest(where: Path) -> Manifest:
    try:
        return read_manifest(where)
    except BadSet as error:
        raise CommandError(str(error)) from None


def _plainly(work: Callable[[], T]) -> T:
    try:
        return work()
    except BadSet as error:
        raise CommandError(str(error)) from None


def _refuse_without_key(
    tool: Tool, settings: Settings, manifest: Manifest, *, new_key: bool
) -> None:
    """Phones trust one key only: without it they would take no receipt of the restored station."""
    if new_key:
        print("a new key: every phone must be enrolled anew, what they pulled cannot be proved")
        return
    if not settings.key_file.exists():
        raise CommandError(
            f"the station's key is missing. Copy it from where `backup keys` put it to"
            f" {settings.key_file} and begin again. If it is gone for good: --new-key; then every"
            " phone has to be enrolled anew (nothing on the phones is lost)"
        )
    if tool.services.signer.public_key != manifest.server_key:
        raise CommandError(
            f"{settings.key_file} is not the key of this backup's station; put the right one there"
        )


# --- the report -------------------------------------------------------------------------------


def report(tool: Tool, arguments: argparse.Namespace) -> int:
    """0 when nothing that any phone knew is missing, 1 while something is."""
    return _tell_report(tool, english=arguments.english)


def _tell_report(tool: Tool, *, english: bool) -> int:
    with tool.services.database.read() as connection:
        found = read_report(connection, tool.station(connection))
    text = words_of(found, english=english)
    path = tool.services.settings.data_dir / REPORT_FILE
    path.write_text(text, encoding="utf-8")
    print(f"\n{text}\n({path})")
    return 0 if found is None or found.complete else 1
