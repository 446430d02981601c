"""Commands about the ledger: verify links, rebuild rows, prove facts, print the head to be kept."""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

from app.cli.tool import CommandError, Progress, Subparsers, Tool, command, group
from app.ledger.correct import Correcting
from app.ledger.head import signed_head
from app.ledger.proof import check_proof, facts_about, hazard_by_number, make_proof
from app.ledger.rebuild import Rebuilt, count_subjects, rebuild
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
    parser = command(below, "proof", write_proof, "Write a file that proves facts to anybody.")
    parser.add_argument("what", help="a hazard's number, or a fact's hash (64 hex digits)")
    parser.add_argument("--out", type=Path, help="the file to write (default: proof-<what>.json)")
    parser = command(below, "check-proof", check_file, "Check a proof file; needs no database.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", help="the station's key as you know it, to compare")
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
    signed = f"{report.batches_signed} phones' batches bear the signature of their phone's key"
    before = f", {report.batches_unsigned} from before signatures were kept"
    print(signed + (before if report.batches_unsigned else ""))
    if report.breaks:
        return 1
    witnessed = f"{report.heads_checked} head(s) from outside agree"
    alone = "no head from outside was given (--head): a rewrite of the whole log would not show"
    print(f"every link holds; {witnessed if report.heads_checked else alone}")
    return 0


def rebuild_ledger(tool: Tool, arguments: argparse.Namespace) -> int:
    """1 when --check finds a difference."""
    report = _compared(tool) if arguments.check else corrected(tool)
    tell(report)
    wrong = report.differing + len(report.extra)
    if not wrong:
        print(f"{report.subjects} subjects: every row is what its facts say")
        return 0
    done = "would change" if arguments.check else "were corrected"
    print(f"{report.subjects} subjects: {wrong} rows {done}")
    return 1 if arguments.check else 0


def _compared(tool: Tool) -> Rebuilt:
    with tool.services.database.read() as connection:
        station = tool.station(connection)
        progress = Progress("subjects", count_subjects(connection, station.id))
        report = rebuild(connection, station, apply=False, progress=progress)
    progress.end()
    return report


def corrected(tool: Tool) -> Rebuilt:
    """In short steps: phones go on handing over meanwhile."""
    services = tool.services
    with services.database.read() as connection:
        station_id = tool.station(connection).id
        progress = Progress("subjects", count_subjects(connection, station_id))
    work = Correcting(tool.write, station_id, services.clock)
    report = work.run(progress)
    progress.end()
    if work.resumed_at:
        print(f"went on where an earlier run had stopped, after {work.resumed_at} subjects")
    return report


def tell(report: Rebuilt) -> None:
    for each in report.differences:
        print(f"{each.type} {each.subject_id} {each.title}".rstrip())
        for name, (before, after) in each.fields.items():
            print(f"    {name}: {_short(before)} -> {_short(after)}")
    if report.differing > len(report.differences):
        print(f"... and {report.differing - len(report.differences)} more rows")
    for type_, subject_id in report.extra[:20]:
        print(f"{type_} {subject_id}: no fact stands behind this row")
    if report.weighty:
        print(f"\nstates, levels and deadlines that people acted on ({len(report.weighty)} rows;")
        print(
            "the chief and the admin find them at the desk under 核对提醒 once they are written):"
        )
    for each in report.weighty:
        changes = (f"{n} {_short(a)} -> {_short(b)}" for n, (a, b) in each.weighty.items())
        print(f"  {each.title or each.subject_id}: {'; '.join(changes)}")


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."


def write_proof(tool: Tool, arguments: argparse.Namespace) -> int:
    """The facts of a hazard, or one fact, with paths and signatures."""
    what = str(arguments.what)
    services = tool.services
    with services.database.read() as connection:
        station = tool.station(connection)
        about: dict[str, str] = {}
        sha256s = [what]
        if not re.fullmatch(r"[0-9a-f]{64}", what):
            hazard = hazard_by_number(connection, station.id, what)
            if hazard is None:
                raise CommandError(f"{what} is neither a hazard's number nor a fact's hash")
            about = {"hazard": hazard, "number": what}
            sha256s = facts_about(connection, station.id, hazard)
        document = make_proof(
            connection, station, sha256s, services.signer, now=services.clock(), about=about
        )
    if not document["facts"]:
        raise CommandError(f"no fact {what} stands in the log")
    path = arguments.out or Path(f"proof-{what[:40]}.json")
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"{path}: {len(document['facts'])} facts, in the log of {station.size}")
    print(f"the station's key: {document['server_key']}")
    return 0


def check_file(_tool: Tool, arguments: argparse.Namespace) -> int:
    """1 when anything in the file does not hold."""
    try:
        document = json.loads(arguments.file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{arguments.file} cannot be read ({error})") from None
    found = check_proof(document, key=arguments.key)
    for words in found.wrong:
        print(f"BROKEN  {words}")
    for fact in found.facts:
        who = f"signed by phone {fact.phone}" if fact.phone else "written at the station"
        print(f"{fact.index:>8}  {fact.received_at}  {fact.kind}  {fact.verdict}  {who}")
    if found.wrong:
        return 1
    print(f"{found.station}: they stand unchanged in the log of {found.size} signed {found.time}")
    if arguments.key is None:
        print(f"compare the key with the station's (or give it by --key): {found.server_key}")
    return 0


def show_head(tool: Tool, _arguments: argparse.Namespace) -> int:
    """One line of JSON."""
    with tool.services.database.read() as connection:
        head = signed_head(tool.services.signer, tool.station(connection), tool.services.clock())
    print(json.dumps(head))
    return 0
