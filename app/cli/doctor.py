"""The command that looks over an installation: what is wrong, what was left, what to do."""

from __future__ import annotations

import argparse

from app.cli.tool import Subparsers, Tool, command
from app.doctor import examine
from app.doctor.clear import clear


def add(subparsers: Subparsers) -> None:
    """Add this file's command."""
    sentence = "Look over the whole installation and explain every leftover."
    parser = command(subparsers, "doctor", doctor, sentence)
    parser.add_argument(
        "--fix", action="store_true",
        help="clear half-made files older than an hour that nothing can ask for; never a photo",
    )  # fmt: skip


def doctor(tool: Tool, arguments: argparse.Namespace) -> int:
    """1 when somebody has to act; leftovers alone are no reason to."""
    services = tool.services
    with services.database.read() as connection:
        findings = examine(services, connection)
    cleared = clear(findings) if arguments.fix else []
    for each in findings:
        if each not in cleared:
            print(f"{'WRONG ' if each.grave else 'note  '} {each.words}\n         {each.advice}")
    for each in cleared:
        print(f"cleared {each.words}")
    grave = sum(each.grave for each in findings)
    left = len(findings) - grave - len(cleared)
    print(f"{grave} wrong, {left} explained" + (f", {len(cleared)} cleared" if cleared else ""))
    return 1 if grave else 0
