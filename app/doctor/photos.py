"""Rows against objects: photos whose file is missing, files and parts that no row names.

Names only; `photos verify` reads every byte. It must not change anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from app.db import run
from app.doctor.finding import Finding, old_enough, when_safe
from app.doctor.places import local_folder
from app.exports.job import EXPORT_DAYS_KEPT, EXPORT_JOB, stored_name
from app.photos.rules import derived_name, original_name
from app.services import Services

PREFIXES = ("originals", "derived", "parts", "exports", "set-aside")
STAGED_MARK = "#"  # app/photos/staged.py


@dataclass(slots=True)
class _Known:
    """What the database says of one station's photos."""

    station: str
    held: dict[str, tuple[int, bool]]  # sha256 -> bytes, whether its pictures are made
    wanted: set[str]
    parts: set[str]  # names of objects
    exports: set[str]  # names of finished ones
    exports_running: set[str]
    seen: set[str] = field(default_factory=set)


def look(services: Services, connection: Connection) -> Iterator[Finding]:
    """Every station's photos, then what belongs to no station."""
    folder = local_folder(services.settings)
    stations = [str(row[0]) for row in run(connection, "SELECT id FROM station ORDER BY id")]
    for station in stations:
        known = _read(connection, station)
        for prefix in PREFIXES:
            for name in _objects(services, folder, f"{prefix}/{station}"):
                known.seen.add(name)
                finding = _orphan(known, prefix, name, folder)
                if finding is not None:
                    yield finding
        yield from _missing(known, folder)
    if folder is not None:
        yield from _half_written(folder)
        yield from _strangers(folder, stations)


def _read(connection: Connection, station: str) -> _Known:
    photos = run(
        connection,
        "SELECT sha256, state, received, thumbnail_at FROM photo WHERE station_id = ?",
        (station,),
    )
    jobs = run(
        connection,
        "SELECT job_id, state FROM job WHERE station_id = ? AND kind = ?",
        (station, EXPORT_JOB),
    )
    parts = run(connection, "SELECT name FROM photo_part WHERE station_id = ?", (station,))
    return _Known(
        station,
        {row[0]: (int(row[2]), row[3] is not None) for row in photos if row[1] == "held"},
        {row[0] for row in photos if row[1] != "held"},
        {name for (name,) in parts},
        {stored_name(station, job) for job, state in jobs if state == "done"},
        {stored_name(station, job) for job, state in jobs if state in ("waiting", "running")},
    )


def _objects(services: Services, folder: Path | None, prefix: str) -> Iterator[str]:
    """Names below a prefix; whole ones only."""
    if folder is None or (folder / prefix).is_dir():
        yield from services.photo_store.list(prefix)


def _orphan(known: _Known, prefix: str, name: str, folder: Path | None) -> Finding | None:
    """What an object is that no row stands for; None when one does."""
    path = folder / name if folder is not None else None
    if prefix == "originals":
        return _orphan_original(known, name, path)
    if prefix == "exports":
        return _orphan_export(known, name, path)
    if prefix == "set-aside":
        words = "bytes that were no longer those of their photo, found by `photos verify`"
        advice = "keep them until the photo has come again"
        return Finding("photo", f"{name}: {words}", advice, path=path, name=name)
    if prefix == "parts":
        if name in known.parts:
            return None
        whole = name.split("/")[2] in known.held
        words = "a part of a photo that is whole by now" if whole else (
            "a part that was never counted; its phone still has the photo"
        )  # fmt: skip
        return _leftover("part", name, path, words)
    return _orphan_derived(known, name, path)


def _leftover(kind: str, name: str, path: Path | None, words: str) -> Finding:
    # In a bucket nothing tells how old it is, so nothing is cleared there.
    safe = path is not None and old_enough(path)
    advice = when_safe(safe) if path is not None else "costs a little room, nothing else"
    return Finding(kind, f"{name}: {words}", advice, path=path, name=name, safe=safe)


def _orphan_original(known: _Known, name: str, path: Path | None) -> Finding | None:
    sha256 = name.rsplit("/", 1)[1]
    if sha256 in known.held:
        return None
    if sha256 in known.wanted:
        words = "a photo that came whole just before its receipt was broken off"
        advice = "nothing to do: it counts as soon as its phone sends it again"
    else:
        words = "a photo that no fact of this station names"
        advice = "keep it: a restored ledger may name it later"
    return Finding("photo", f"{name}: {words}", advice, path=path, name=name)


def _orphan_derived(known: _Known, name: str, path: Path | None) -> Finding | None:
    sha256, _, size = name.rsplit("/", 1)[1].partition("-")
    if size == "preview":
        if sha256 in known.wanted:
            return None
        return _leftover("picture", name, path, "a preview whose photo is here by now")
    if sha256 in known.held:
        made = known.held[sha256][1]
        if made:
            return None
        words = "a picture whose making was broken off; it is made again with the next job"
        return Finding("picture", f"{name}: {words}", "nothing to do", path=path, name=name)
    return _leftover("picture", name, path, "a small picture of a photo that is not here")


def _orphan_export(known: _Known, name: str, path: Path | None) -> Finding | None:
    if name in known.exports:
        return None
    if name in known.exports_running:
        words = "an export whose last step was broken off; its job makes it anew"
        return Finding("export", f"{name}: {words}", "nothing to do", path=path, name=name)
    return _leftover("export", name, path, "an export whose job is gone or failed")


def _missing(known: _Known, folder: Path | None) -> Iterator[Finding]:
    """Rows that promise an object which is not there, or not as long as it was."""
    for sha256, (size, made) in sorted(known.held.items()):
        name = original_name(known.station, sha256)
        if name not in known.seen:
            yield Finding(
                "photo", f"{name}: acknowledged, and its file is missing",
                "restore it from a backup; phones keep photos until a backup covers them",
                grave=True, name=name,
            )  # fmt: skip
        elif folder is not None and _size(folder / name) != size:
            yield Finding(
                "photo", f"{name}: acknowledged with {size} bytes, its file has another length",
                "keep the file, restore the photo from a backup", grave=True, name=name,
            )  # fmt: skip
        elif made and derived_name(known.station, sha256, "thumbnail") not in known.seen:
            yield Finding("picture", f"{name}: its thumbnail is gone",
                          "nothing to do: it is made whenever somebody looks at it")  # fmt: skip
    for name in sorted(known.parts - known.seen):
        advice = "nothing to do: the photo does not give its hash and is sent again"
        yield Finding("part", f"{name}: a part that counts, and its file is gone", advice)
    gone = known.exports - known.seen
    if gone:
        yield Finding(
            "export",
            f"{len(gone)} finished exports have no file any more (kept {EXPORT_DAYS_KEPT} days)",
            "nothing to do: an export can be made again at any time",
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1


def _files(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            yield Path(place) / name


def _half_written(folder: Path) -> Iterator[Finding]:
    """Files that never got their name: nothing was acknowledged of them."""
    for path in _files(folder):
        if STAGED_MARK in path.name:
            safe = old_enough(path)
            name = path.relative_to(folder).as_posix()
            words = f"{name}: half-written when its process was killed; nothing relies on it"
            yield Finding("half", words, when_safe(safe), path=path, safe=safe)


def _strangers(folder: Path, stations: list[str]) -> Iterator[Finding]:
    """What lies in the photo store and is none of the names this program makes."""
    ours = {f"{prefix}/{station}" for station in stations for prefix in PREFIXES}
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if "/".join(name.split("/")[:2]) in ours or STAGED_MARK in path.name:
            continue
        if name.startswith("probe/"):
            yield _leftover("half", name, path, "left by a check whether the store takes bytes")
        else:
            yield Finding("stranger", f"{name}: in the photo store, but not of this station",
                          "nothing to do if you know it", path=path)  # fmt: skip
