"""Commands about the ledger: verify every link, rebuild every row, print the head to be kept."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from app.cli.tool import CommandError, Progress, Subparsers, Tool, command, group
from app.ledger.head import signed_head
from app.ledger.rebuild import Rebuilt, rebuild
from app.ledger.verify import Head, read_heads, verify


def add(subparsers: Subparsers) -> None:
    """Add this file's commands."""
    below = group(subparsers, "ledger", "The ledger: verify, rebuild, head.")
    parser = command(below, "verify", verify_ledger, "Check every link of the log.")
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        type=Path,
        help="file with a head kept outside this server (may be given several times)",
    )
    parser = command(below, "rebuild", rebuild_ledger, "Fold every subject again.")
    parser.add_argument("--check", action="store_true", help="only compare, write nothing")
    parser = command(below, "head", show_head, "Print the signed head, to be kept elsewhere.")


def verify_ledger(tool: Tool, arguments: argparse.Namespace) -> int:
    """1 when a link is broken, with the first ones named."""
    heads: list[Head] = []
    for path in arguments.head:
        try:
            heads += read_heads(path.read_text(encoding="utf-8"), str(path))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CommandError(f"{path} holds no head ({error})") from None
    started = time.monotonic()
    with tool.services.database.read() as connection:
        station = tool.station(connection)
        progress = Progress("entries", station.size)
        report = verify(
            connection,
            station,
            heads,
            server_key=tool.services.signer.public_key,
            progress=progress,
        )
        progress.end()
    for words in report.breaks:
        print(f"BROKEN  {words}")
    seconds = time.monotonic() - started
    print(f"{report.entries} entries, root {report.root}, {seconds:.1f} s")
    if report.breaks:
        return 1
    witnessed = f"{report.heads_checked} head(s) from outside agree"
    alone = "no head from outside was given (--head): a rewrite of the whole log would not show"
    print(f"every link holds; {witnessed if report.heads_checked else alone}")
    return 0


def rebuild_ledger(tool: Tool, arguments: argparse.Namespace) -> int:
    """1 when --check finds a difference."""
    if arguments.check:
        with tool.services.database.read() as connection:
            station = tool.station(connection)
            progress = Progress("subjects", None)
            report = rebuild(connection, station, apply=False, progress=progress)
            progress.end()
    else:
        progress = Progress("subjects", None)
        report = tool.write(
            lambda connection: rebuild(
                connection, tool.station(connection), apply=True, progress=progress
            )
        )
        progress.end()
    _tell(report)
    wrong = report.differing + len(report.extra)
    if not wrong:
        print(f"{report.subjects} subjects: every row is what its facts say")
        return 0
    done = "would change" if arguments.check else "were corrected"
    print(f"{report.subjects} subjects: {wrong} rows {done}")
    return 1 if arguments.check else 0


def _tell(report: Rebuilt) -> None:
    for each in report.differences:
        print(f"{each.type} {each.subject_id}")
        for name, (before, after) in each.fields.items():
            print(f"    {name}: {_short(before)} -> {_short(after)}")
    for type_, subject_id in report.extra[:20]:
        print(f"{type_} {subject_id}: no fact stands behind this row")


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."


def show_head(tool: Tool, _arguments: argparse.Namespace) -> int:
    """One line of JSON."""
    with tool.services.database.read() as connection:
        head = signed_head(tool.services.signer, tool.station(connection), tool.services.clock())
    print(json.dumps(head))
    return 0
