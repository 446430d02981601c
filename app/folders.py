"""Folders that are still there after a power cut.

A new folder is durable only once the folder it stands in is synced. Without that a station's first
day could vanish with its data folder, whatever was synced below it.
It must not know what lies there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def meeting_folder() -> Path:
    """Where the processes of one machine meet, whatever data they serve; never tried out.

    `tempfile.gettempdir` writes a file first: on a full disk a worker that starts would die of it,
    and gunicorn ends the whole server when a worker cannot start.
    """
    return Path(os.environ.get("TMPDIR") or "/tmp")  # noqa: S108 - names in it are our own


def make_folder(folder: Path) -> None:
    """Make a folder and whatever is missing above it, durable when this returns.

    A folder that is there already is made sure of, too: whoever made it may not have synced it.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in (folder, *missing):
        # A folder above ours may not be ours to read; then it was not ours to make, either.
        with suppress(PermissionError):
            _sync(each.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
