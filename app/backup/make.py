"""Making a set: the database first, then the photos, then the signed manifest.

In that order, because photos are only ever added: whatever the dump speaks of as held is in the
store when it is copied. It must not write to the station, nor know what commands exist.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from app.backup.dump import (
    DumpError,
    Sealed,
    SealedFile,
    read_packed,
    seal_of,
    write_dump,
    write_packed,
)
from app.backup.manifest import (
    DATABASE_FILE,
    PHOTOS_FILE,
    SETS,
    BadSet,
    Manifest,
    photo_path,
    write_manifest,
)
from app.clock import instant
from app.db import run
from app.ledger.head import Station, signed_head
from app.migrate import current_revision
from app.photos.keep import PhotoStore
from app.photos.rules import original_name
from app.photos.staged import fsync_path
from app.services import Signer

Progress = Callable[[int], None]


def quiet(_done: int) -> None:
    """Nobody looks."""


@dataclass(frozen=True, slots=True)
class HeldPhoto:
    """A photo the station held at the moment of the dump."""

    sha256: str
    size: int

    @property
    def line(self) -> bytes:
        """As the list has it."""
        return f"{self.sha256} {self.size}".encode()


@dataclass(frozen=True, slots=True)
class Dumped:
    """The part of a set that is of one moment of the database."""

    where: Path
    manifest: Manifest


@dataclass(slots=True)
class Copied:
    """What became of the photos."""

    new: int = 0
    new_bytes: int = 0
    known: int = 0
    lacking: list[str] = field(default_factory=list)  # the store has them no more, or damaged


def set_name(made_at: str, size: int) -> str:
    """The name of a set: names sort by age."""
    return f"{made_at[:19].replace('-', '').replace(':', '')}Z-{size}"


def dump_station(
    connection: Connection,
    folder: Path,
    station: Station,
    *,
    signer: Signer,
    now: datetime,
    progress: Progress = quiet,
) -> Dumped:
    """Database and list of photos as in this connection's snapshot; nothing is signed yet."""
    head = signed_head(signer, station, now)
    where = folder / SETS / set_name(instant(now), station.size)
    if where.exists():
        raise BadSet(f"{where} is there already")
    where.mkdir(parents=True, mode=0o700)
    held: list[HeldPhoto] = []
    database, tables = write_dump(connection, where / DATABASE_FILE, progress)
    listed = write_packed(where / PHOTOS_FILE, _photo_lines(connection, station.id, held))
    manifest = Manifest(
        made_at=instant(now),
        station={
            "id": station.id, "code": station.code, "name": station.name,
            "timezone": station.timezone,
        },
        server_key=signer.public_key,
        head=head,
        revision=current_revision(connection) or "",
        tables=tables,
        database=database,
        photos=listed,
        photo_count=len(held),
        photo_bytes=sum(photo.size for photo in held),
    )  # fmt: skip
    return Dumped(where, manifest)


def _photo_lines(connection: Connection, station_id: str, held: list[HeldPhoto]) -> Iterator[bytes]:
    rows = run(
        connection,
        "SELECT sha256, received FROM photo WHERE station_id = ? AND state = 'held'",
        (station_id,),
    )
    for sha256, size in sorted(rows):
        held.append(HeldPhoto(sha256, size))
        yield held[-1].line


def photos_of(where: Path) -> list[HeldPhoto]:
    """The photos a set names. Raises BadSet."""
    try:
        pairs = [line.decode("ascii").split(" ") for line in read_packed(where / PHOTOS_FILE)]
        return [HeldPhoto(sha256, int(size)) for sha256, size in pairs]
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise BadSet(f"{where / PHOTOS_FILE}: {error}") from None


def copy_photos(store: PhotoStore, dumped: Dumped, progress: Progress = quiet) -> Copied:
    """Copy what the backup has not got yet; each is hashed on its way and again from the disk."""
    folder, station_id = dumped.where.parent.parent, dumped.manifest.station["id"]
    copied = Copied()
    for done, photo in enumerate(photos_of(dumped.where), 1):
        path = photo_path(folder, photo.sha256)
        if path.exists() and path.stat().st_size == photo.size:
            copied.known += 1
        elif _copy(store, original_name(station_id, photo.sha256), path, photo):
            copied.new += 1
            copied.new_bytes += photo.size
        else:
            copied.lacking.append(photo.sha256)
        progress(done)
    return copied


def _copy(store: PhotoStore, name: str, path: Path, photo: HeldPhoto) -> bool:
    """False when the store does not hold these bytes (any more); nothing is left behind then."""
    pieces = store.stream(name)
    if pieces is None:
        return False
    found = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    file = SealedFile(path)
    try:
        for piece in pieces:
            file.write(piece)
            found.update(piece)
        if found.hexdigest() != photo.sha256:
            return False
        file.seal()
    finally:
        file.close()
    return seal_of(path).sha256 == photo.sha256


def finish(dumped: Dumped, signer: Signer) -> None:
    """Sign: from here on the folder is a set."""
    write_manifest(dumped.where, dumped.manifest, signer)
    for path in (dumped.where, dumped.where.parent, dumped.where.parent.parent):
        fsync_path(path)


def check_files(where: Path, manifest: Manifest) -> None:
    """The set's own files, byte for byte. Raises BadSet."""
    for name, sealed in ((DATABASE_FILE, manifest.database), (PHOTOS_FILE, manifest.photos)):
        if _seal(where / name) != sealed:
            raise BadSet(f"{where / name} is not the file the station signed for")


def _seal(path: Path) -> Sealed | None:
    try:
        return seal_of(path)
    except OSError:
        return None


def damaged_photos(folder: Path, where: Path, progress: Progress = quiet) -> list[str]:
    """Photos of a set whose bytes are not those of their hash (any more): every one is read."""
    wrong = []
    for done, photo in enumerate(photos_of(where), 1):
        sealed = _seal(photo_path(folder, photo.sha256))
        if sealed is None or sealed.sha256 != photo.sha256:
            wrong.append(photo.sha256)
        progress(done)
    return wrong


__all__ = ["BadSet", "Copied", "DumpError", "Dumped", "check_files", "copy_photos",
           "damaged_photos", "dump_station", "finish", "photos_of"]  # fmt: skip
