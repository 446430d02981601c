"""gunicorn as it is served, with the kill points laid over each worker after it has loaded.

Three limits are lowered, so that a checkpoint, an export's progress and parts come about within a
few requests; nothing else differs from deploy/gunicorn.conf.py, which it reads.
"""

from __future__ import annotations

import os
import runpy
from pathlib import Path

from tests.faults.points import FOLDER_VARIABLE, POINTS, put_in

ROOT = Path(__file__).resolve().parent.parent.parent
WAL_BYTES_MAX = 400_000
COMMAND_SCENES = frozenset({"setup", "migrate", "rebuild"})

_served = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))
globals().update({name: value for name, value in _served.items() if not name.startswith("__")})


def post_worker_init(_worker: object) -> None:
    """After the application was made: its own names are covered from here on."""
    import app.db
    import app.exports.job

    app.db.WAL_BYTES_MAX = WAL_BYTES_MAX
    app.exports.job.PROGRESS_EVERY_S = 0.0
    points = tuple(point for point in POINTS if point.scene not in COMMAND_SCENES)
    put_in(points, Path(os.environ[FOLDER_VARIABLE]))
