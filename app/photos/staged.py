"""A local file that gets its name only when it is whole: written beside it, synced, then renamed.

After `settle` the bytes and the name survive a power cut. What a killed process leaves stands
beside the name as `name#1` and counts for nothing. It must not know what the bytes are.
"""

from __future__ import annotations

import mmap
import os
import time
from itertools import count
from pathlib import Path

# A younger half-written file may belong to a request that is still running.
LEFTOVER_AGE_S_MIN = 3600


class StagedFile:
    """One file on its way; errors are the system's own (OSError)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor, self._staged, self._beside = _open_beside(str(path))

    def write(self, piece: bytes) -> None:
        """Append all of it."""
        left = memoryview(piece)
        while left:
            left = left[os.write(self._descriptor, left) :]

    def look(self) -> mmap.mmap:
        """The bytes written so far, without a copy; not for an empty file."""
        return mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ)

    def settle(self) -> None:
        """Make it durable under its name; in place of what had the name before."""
        os.fsync(self._descriptor)
        os.rename(self._staged, self._path)  # noqa: PTH104 - on the hot path
        self._staged = ""
        fsync_path(self._path.parent)
        if self._beside:
            _drop_leftovers(str(self._path))

    def close(self) -> None:
        """Let go; bytes that were not settled are removed."""
        os.close(self._descriptor)
        if self._staged:
            os.unlink(self._staged)  # noqa: PTH108 - on the hot path


def fsync_path(path: Path) -> None:
    """Make a file's bytes or a folder's names durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open_beside(path: str) -> tuple[int, str, bool]:
    """A new file `path#number`, its name, and whether smaller numbers were taken."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    number = 1
    while True:
        staged = f"{path}#{number}"
        try:
            return os.open(staged, flags, 0o666), staged, number > 1
        except FileExistsError:
            number += 1
        except FileNotFoundError:
            Path(path).parent.mkdir(parents=True, exist_ok=True)


def _drop_leftovers(path: str) -> None:
    """Remove what a killed process left half-written beside a name that is whole now."""
    for number in count(1):
        staged = Path(f"{path}#{number}")
        try:
            age_s = time.time() - staged.stat().st_mtime
        except FileNotFoundError:
            return
        if age_s > LEFTOVER_AGE_S_MIN:
            staged.unlink(missing_ok=True)
