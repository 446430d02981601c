"""A disk that can be filled up to a byte, made read-only, and given room again.

A tmpfs where mounting is permitted; everywhere, a limit on how large the served processes may make
any file, which the system answers in the same place. It must not know what is written there.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.served import Served

DISK_BYTES = 24 * 1024 * 1024
FILLER = "filler"
BLOCK_BYTES = 4096


@dataclass(slots=True)
class Tmpfs:
    """A mounted one of DISK_BYTES."""

    folder: Path

    def fill(self, leave_bytes: int) -> None:
        """Take all room but so much, in whole blocks; others may be taking it at the same time."""
        with (self.folder / FILLER).open("ab", buffering=0) as file, suppress(OSError):
            while (free := shutil.disk_usage(self.folder).free - leave_bytes) >= BLOCK_BYTES:
                file.write(bytes(min(free, 1024 * 1024) // BLOCK_BYTES * BLOCK_BYTES))

    def make_room(self) -> None:
        """Somebody has cleared up."""
        (self.folder / FILLER).unlink(missing_ok=True)

    def remount(self, how: str) -> None:
        """`ro` or `rw`, under whoever uses it; refused while a file is being written."""
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True)


@contextmanager
def tmpfs(folder: Path, size: int = DISK_BYTES) -> Iterator[Tmpfs]:
    """Mounted on `folder` for the length of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    subprocess.run(words, check=True, capture_output=True)
    try:
        yield Tmpfs(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@cache
def may_mount() -> bool:
    """Whether this account on this machine may; on most developers' machines it may not."""
    with tempfile.TemporaryDirectory(prefix="gi-mount-") as name:
        try:
            with tmpfs(Path(name) / "disk"):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False


@dataclass(slots=True)
class Limit:
    """No file of the served processes may grow beyond `leave_bytes`; what is there stays."""

    served: Served

    def fill(self, leave_bytes: int) -> None:
        """As a full disk for whatever would be longer than this."""
        self._set(leave_bytes)

    def make_room(self) -> None:
        """No limit."""
        self._set(resource.RLIM_INFINITY)

    def _set(self, soft: int) -> None:
        for pid in self.served.family():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))
