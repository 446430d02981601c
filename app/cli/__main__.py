"""Reads the words on the command line and runs the command they name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from app.cli import accounts, backup, doctor, generate, ledger, photos, station
from app.cli.tool import CommandError, Tool
from app.db import UnsafeDatabase
from app.gate import GateBusy
from app.problems import ProblemError
from app.settings import SettingError

EXIT_FAULT = 1
EXIT_USAGE = 2


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    found = argparse.ArgumentParser(prog="python -m app.cli", description="Grid Inspector")
    subparsers = found.add_subparsers(required=True, metavar="COMMAND")
    for family in (photos, station, accounts, ledger, backup, generate, doctor):
        family.add(subparsers)
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what it says, 1 when not, 2 when it was asked wrongly."""
    arguments = parser().parse_args(words)
    try:
        return int(arguments.run(Tool(), arguments))
    except (SettingError, UnsafeDatabase, CommandError) as error:
        print(f"stopped: {error}", file=sys.stderr)
    except ProblemError as error:
        print(f"stopped: {error.problem.sentence('en', error.params)}", file=sys.stderr)
    except GateBusy:
        print("stopped: another writer is busy with the database; try again", file=sys.stderr)
    return EXIT_FAULT


if __name__ == "__main__":
    raise SystemExit(main())
