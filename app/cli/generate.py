"""Commands that write what is generated from declarations, and check the bundled checklists."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from app.checklists.load import bundled_paths, check
from app.checklists.store import publish_bundled
from app.cli.tool import Subparsers, Tool, command, group
from app.contract_files import contract_files
from app.db import run
from app.openapi import openapi_text
from app.settings import PROJECT

OPENAPI_FILE = "docs/openapi.json"


def add(subparsers: Subparsers) -> None:
    """Add this file's commands."""
    for name, function, sentence in (
        ("contract", contract, "Write the files generated from sync/kinds."),
        ("openapi", openapi, f"Write {OPENAPI_FILE} from the declared routes."),
    ):
        parser = command(subparsers, name, function, sentence)
        parser.add_argument("--check", action="store_true", help="only compare, write nothing")
    below = group(subparsers, "checklists", "The bundled checklists.")
    parser = command(below, "check", check_checklists, "Check checklist files.")
    parser.add_argument("files", nargs="*", type=Path, help="default: the bundled ones")
    command(below, "publish", publish, "Publish bundled versions the station does not have.")


def contract(_tool: Tool, arguments: argparse.Namespace) -> int:
    """TypeScript types, limits, problems; docs of kinds and problems."""
    return _write_or_compare(contract_files(), check_only=arguments.check)


def openapi(_tool: Tool, arguments: argparse.Namespace) -> int:
    """The API as OpenAPI."""
    from app.domains import ROUTES

    return _write_or_compare({OPENAPI_FILE: openapi_text(ROUTES)}, check_only=arguments.check)


def _write_or_compare(files: Mapping[str, str], *, check_only: bool) -> int:
    stale = [
        name
        for name, text in files.items()
        if not (PROJECT / name).exists() or (PROJECT / name).read_text(encoding="utf-8") != text
    ]
    for name in stale:
        if check_only:
            print(f"stale: {name}")
        else:
            (PROJECT / name).parent.mkdir(parents=True, exist_ok=True)
            (PROJECT / name).write_text(files[name], encoding="utf-8")
            print(f"wrote {name}")
    if not stale:
        print(f"{len(files)} file(s) fresh")
    return 1 if stale and check_only else 0


def check_checklists(_tool: Tool, arguments: argparse.Namespace) -> int:
    """Every problem on a line of its own."""
    paths = arguments.files or bundled_paths()
    problems = check(paths)
    for problem in problems:
        print(problem)
    print(f"{len(paths)} checklist(s), {len(problems)} problem(s)")
    return 1 if problems else 0


def publish(tool: Tool, _arguments: argparse.Namespace) -> int:
    """In the first account's name."""
    services = tool.services
    with services.database.read() as connection:
        station = tool.station(connection)
        author = run(
            connection,
            "SELECT id FROM account WHERE station_id = ? ORDER BY id LIMIT 1",
            (station.id,),
        )[0][0]
    titles = tool.write(
        lambda connection: publish_bundled(
            connection, station.id, author, now=services.clock(), ids=services.ids
        )
    )
    for title in titles:
        print(f"published: {title}")
    print(f"{len(titles)} published")
    return 0
