"""How much room is left; handing over stops before the disk is full, never in the middle.

It must not know what would be written.
"""

from __future__ import annotations

import shutil

from app.problems import ProblemError
from app.settings import Settings

RETRY_AFTER_S = 300


def free_bytes(settings: Settings) -> int:
    """Room left where the data lies."""
    return shutil.disk_usage(settings.data_dir).free


def refuse_when_full(settings: Settings) -> None:
    """507 below the limit; the phone keeps everything and tries again later."""
    if free_bytes(settings) < settings.disk_free_bytes_min:
        raise ProblemError("disk-full", headers={"Retry-After": str(RETRY_AFTER_S)})
