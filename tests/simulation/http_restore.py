"""The real application set back to a backup: the real commands on real folders, in a world.

What phones hand back goes through the real requests; http_station.py is everything else.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.backup.report import Report, read_report
from app.cli import backup
from app.cli.tool import Tool
from app.ledger.head import read_station
from app.services import Services
from app.settings import Settings
from tests.simulation.station import Restored


class _Tool(Tool):
    """The command line's parts, on services that are there already."""

    def __init__(self, services: Services) -> None:
        self._made = services

    @property
    def services(self) -> Services:  # type: ignore[override]
        return self._made

    @property
    def settings(self) -> Settings:  # type: ignore[override]
        return self._made.settings


@dataclass(frozen=True, slots=True)
class Backup:
    folder: Path
    epoch: int
    size: int


def _quietly(command: Any, services: Services, folder: Path) -> None:
    said = io.StringIO()
    words = argparse.Namespace(folder=folder, set_name=None, new_key=False)
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = command(_Tool(services), words)
    assert code in (0, 1), said.getvalue()


def back_up(services: Services, station_id: str, folder: Path) -> Backup:
    """`backup make FOLDER`, a folder of its own so that each can be restored by itself."""
    with services.database.read() as connection:
        station = read_station(connection, station_id)
    assert station is not None
    _quietly(backup.make, services, folder)
    return Backup(folder, station.epoch, station.size)


def restore(backup_made: Backup, lost: Services, services: Services, station_id: str) -> Restored:
    """`restore from FOLDER` onto an empty machine to which the keys were copied."""
    _quietly(backup.restore, services, backup_made.folder)
    with services.database.read() as connection:
        station = read_station(connection, station_id)
    assert station is not None
    return Restored(station.epoch, backup_made.epoch, backup_made.size)


def copy_keys(lost: Services, data: Path) -> None:
    """The keys are kept apart from the backups; here they are simply carried over."""
    data.mkdir(parents=True)
    for path in (lost.settings.key_file, lost.settings.rescue_key_file):
        if path.exists():
            shutil.copy(path, data / path.name)


def report(services: Services, station_id: str) -> Report:
    """`restore report`."""
    with services.database.read() as connection:
        station = read_station(connection, station_id)
        assert station is not None
        found = read_report(connection, station)
    assert found is not None
    return found
