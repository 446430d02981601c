"""gunicorn as it is served, for a recording: only the write-ahead log's limit is lowered.

So checkpoints come about within a few batches. FAULTS_SYNCHRONOUS=1 makes SQLite sync less (the
setting NORMAL), which the model must notice.
"""

from __future__ import annotations

import os
import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent.parent
WAL_BYTES_MAX = 400_000

_served = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))
globals().update({name: value for name, value in _served.items() if not name.startswith("__")})


def post_fork(_server: object, _worker: object) -> None:
    """Before the application is made in this worker."""
    import app.db

    app.db.WAL_BYTES_MAX = WAL_BYTES_MAX
    weaker = os.environ.get("FAULTS_SYNCHRONOUS")
    if weaker is not None:
        right = app.db.sqlite_pragmas()
        app.db.sqlite_pragmas = lambda: {**right, "synchronous": int(weaker)}
