"""What the doctor says of one thing. It must not know how anything was found."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

# A younger half-made file may belong to a request, an export or a command that is still running.
LEFTOVER_AGE_S_MIN = 3600


@dataclass(frozen=True, slots=True)
class Finding:
    """`grave`: somebody has to act. `safe`: nothing can ever ask for it, `--fix` may clear it.

    `path` is a local file or folder, `name` an object of the photo store.
    """

    kind: str
    words: str
    advice: str
    grave: bool = False
    path: Path | None = None
    name: str | None = None
    safe: bool = False


def old_enough(path: Path) -> bool:
    """Whether nobody can still be writing this; what has gone meanwhile is not old."""
    try:
        return time.time() - path.stat().st_mtime > LEFTOVER_AGE_S_MIN
    except FileNotFoundError:
        return False


def when_safe(safe: bool) -> str:
    """What to do about a leftover that may or may not be cleared yet."""
    if safe:
        return "nothing needs it: `doctor --fix` clears it"
    return "may still be in use; after an hour `doctor --fix` clears it"
