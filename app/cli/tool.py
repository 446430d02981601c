"""What commands share: the real parts without the web, one way to write, clear words on the screen.

It must not know any command.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection

from app.compose import make_services
from app.ledger.store import Station, read_station
from app.services import Services
from app.settings import Settings, read_settings

PROGRESS_EVERY_S = 0.5

T = TypeVar("T")
Run = Callable[["Tool", argparse.Namespace], int]
Subparsers = Any  # argparse keeps the type of its subparsers to itself


class CommandError(Exception):
    """A command cannot go on; the text is for the person who typed it."""


@dataclass
class Tool:
    """The parts of this installation, made when a command first asks for them."""

    @cached_property
    def services(self) -> Services:
        """Settings, database, store, key."""
        import app.domains  # noqa: F401 - registers tables and projections

        return make_services(self.settings)

    @cached_property
    def settings(self) -> Settings:
        """What the environment says; asking for them opens and makes nothing."""
        return read_settings()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run work in one transaction, and commit it."""
        return self.services.database.in_transaction(work)

    def station(self, connection: Connection) -> Station:
        """The station of this installation."""
        found = read_station(connection, self.services.station_id(connection))
        if found is None:
            raise CommandError("no station yet; run: python -m app.cli setup")
        return found


class Progress:
    """A line that counts up, at most twice a second, and only where somebody is looking."""

    def __init__(self, what: str, total: int | None) -> None:
        self._what = what
        self._total = total
        self._next = 0.0
        self._shown = sys.stderr.isatty()

    def __call__(self, done: int) -> None:
        """So many are done."""
        if not self._shown or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PROGRESS_EVERY_S
        of = f" of {self._total}" if self._total is not None else ""
        sys.stderr.write(f"\r  {self._what}: {done}{of} ")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._shown:
            sys.stderr.write("\r" + " " * 60 + "\r")


def command(subparsers: Subparsers, name: str, run: Run, sentence: str) -> argparse.ArgumentParser:
    """Add one command; its arguments are added by the caller."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name, help=sentence, description=sentence
    )
    parser.set_defaults(run=run)
    return parser


def group(subparsers: Subparsers, name: str, sentence: str) -> Subparsers:
    """Add a word that has commands below it."""
    parser = subparsers.add_parser(name, help=sentence, description=sentence)
    return parser.add_subparsers(required=True, metavar="COMMAND")
