"""The command line with the kill points laid over it.

`python -m tests.faults.kill_command migrate` is `python -m app.cli migrate`, and may die.
It must not know any command.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import app.domains  # noqa: F401 - everything a command could ask for later
from app.cli.__main__ import main
from tests.faults.kill_gunicorn import COMMAND_SCENES
from tests.faults.points import FOLDER_VARIABLE, POINTS, put_in

if __name__ == "__main__":
    scenes = tuple(point for point in POINTS if point.scene in COMMAND_SCENES)
    put_in(scenes, Path(os.environ[FOLDER_VARIABLE]))
    sys.exit(main())
