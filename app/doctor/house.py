"""The data folder itself: what belongs there, what a killed process left, what is not ours; and
what the machine lacks.

It must not know rows; the photo store has a look of its own.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from app.doctor.finding import Finding, old_enough, when_safe
from app.doctor.places import local_folder
from app.photos.lettering import lettering_of
from app.services import Services

DATABASE_ENDINGS = ("", "-wal", "-shm", ".gate", ".gate-waiting")
OTHERS_MAY_READ = stat.S_IRWXG | stat.S_IRWXO
EXPORT_PREFIX = "export-"  # the temporary folders of app/exports/job.py
COPY_MARK = ".before-"  # the copies of app/cli/station.py


def look(services: Services) -> Iterator[Finding]:
    """Everything in the data folder that is not database, key or photo store; the font."""
    keys = (services.settings.key_file, services.settings.rescue_key_file)
    database = services.database.path
    ours = {*keys, local_folder(services.settings)}
    if database is not None:
        ours |= {database.with_name(database.name + ending) for ending in DATABASE_ENDINGS}
    for key in keys:
        yield from _open_key(key)
    if lettering_of(services.settings) is None:
        yield Finding(
            "font",
            "no font with Chinese: exported photos carry no words, copies of photos cannot be made",
            "install the package fonts-noto-cjk, or name a font file in GI_FONT",
        )
    for path in sorted(services.settings.data_dir.iterdir()):
        if path not in ours:
            yield _explained(path, keys, database)


def _open_key(key: Path) -> Iterator[Finding]:
    mode = stat.S_IMODE(key.stat().st_mode)
    if mode & OTHERS_MAY_READ:
        yield Finding("key", f"{key.name} can be read by others (mode {mode:o})",
                      f"chmod 600 {key}", grave=True, path=key)  # fmt: skip


def _explained(path: Path, keys: tuple[Path, ...], database: Path | None) -> Finding:
    """One thing in the data folder that a running server does not need."""
    if path.name.startswith(EXPORT_PREFIX) and path.is_dir():
        safe = old_enough(path)
        words = f"{path.name}: an export that was broken off worked here; it was started again"
        return Finding("export", words, when_safe(safe), path=path, safe=safe)
    if any(path.name.removeprefix(f"{key.name}.").isdigit() for key in keys):
        # Either a key's second name or one that never became a key: keys are made before we look.
        safe = old_enough(path)
        words = f"{path.name}: left when the making of a key was broken off"
        return Finding("key", words, when_safe(safe), path=path, safe=safe)
    if database is not None and path.name.startswith(f"{database.name}{COPY_MARK}"):
        return Finding(
            "copy",
            f"{path.name}: the database as it was before a migration"
            + (", broken off half-way" if path.name.endswith("-journal") else ""),
            "keep it until you are sure of the new version, then delete it by hand",
            path=path,
        )
    return Finding(
        "stranger",
        f"{path.name}: not part of the ledger; logs and what other programs keep here",
        "nothing to do if you know it",
        path=path,
    )
