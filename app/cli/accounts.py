"""Commands about people: list and add accounts, grant roles, hand out password and phone links.

What they change are facts like at the desk, in the first admin's name.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from sqlalchemy import Connection

from app.auth.links import new_enrolment_code, new_password_link
from app.auth.rules import login_key
from app.auth.store import find_login
from app.cli.tool import CommandError, Subparsers, Tool, command, group
from app.db import run
from app.ledger.append import append
from app.ledger.incoming import ALL_ROLES, DeskFact, desk_incoming, server_sender


def add(subparsers: Subparsers) -> None:
    """Add this file's commands."""
    below = group(subparsers, "accounts", "People: list, add, grant, links.")
    command(below, "list", list_accounts, "Everybody with roles and areas.")
    parser = command(below, "add", add_account, "A new account.")
    parser.add_argument("login")
    parser.add_argument("name")
    parser.add_argument("--phone", default=None)
    parser.add_argument("--roles", nargs="*", default=[], choices=sorted(ALL_ROLES))
    parser.add_argument("--areas", nargs="*", default=[], help="names of areas")
    parser = command(below, "grant", grant, "Set the roles and areas of an account.")
    parser.add_argument("login")
    parser.add_argument("--roles", nargs="*", required=True, choices=sorted(ALL_ROLES))
    parser.add_argument("--areas", nargs="*", default=[], help="names of areas; none: see --help")
    for name, function, sentence in (
        ("password-link", password_link, "A one-time link to set a password."),
        ("enrol", enrol, "A code and link for one phone."),
    ):
        command(below, name, function, sentence).add_argument("login")


def list_accounts(tool: Tool, _arguments: argparse.Namespace) -> int:
    """One line each."""
    with tool.services.database.read() as connection:
        station = tool.station(connection)
        names: dict[str, str] = dict(
            run(connection, "SELECT id, name FROM area WHERE station_id = ?", (station.id,))
        )
        rows = run(connection, "SELECT row FROM account WHERE station_id = ?", (station.id,))
    for row in sorted((json.loads(text) for (text,) in rows), key=lambda row: row["login"]):
        areas = "、".join(names.get(area, area) for area in row.get("areas") or []) or "-"
        roles = ",".join(row.get("roles") or []) or "-"
        state = "" if row.get("active") else "  (停用)"
        print(f"{row['login']:16} {row.get('name') or '':10} {roles:32} {areas}{state}")
    return 0


def add_account(tool: Tool, arguments: argparse.Namespace) -> int:
    """An account with its grant, and a link to set its password."""

    def work(connection: Connection) -> str:
        station = tool.station(connection)
        if find_login(connection, station.id, arguments.login) is not None:
            raise CommandError(f"there is already an account {arguments.login}")
        account_id, made = tool.services.ids(), tool.services.ids()
        private = {"name": arguments.name}
        if arguments.phone:
            private["phone"] = arguments.phone
        body = {"login": login_key(arguments.login), "active": True}
        granted = _grant_body(connection, station.id, arguments)
        _record(
            tool,
            connection,
            DeskFact(made, "account.set", account_id, body, private=private),
            DeskFact(tool.services.ids(), "grant.set", account_id, granted, [made]),
        )
        return _link(tool, connection, account_id)

    print(f"{arguments.login}: {tool.write(work)}")
    return 0


def grant(tool: Tool, arguments: argparse.Namespace) -> int:
    """Roles and areas as given replace what was."""

    def work(connection: Connection) -> None:
        station = tool.station(connection)
        account_id = _account_id(connection, station.id, arguments.login)
        body = _grant_body(connection, station.id, arguments)
        rows = run(
            connection,
            "SELECT row FROM account WHERE station_id = ? AND id = ?",
            (station.id, account_id),
        )
        heads = json.loads(rows[0][0])["heads"]
        _record(
            tool, connection, DeskFact(tool.services.ids(), "grant.set", account_id, body, heads)
        )

    tool.write(work)
    print(f"{arguments.login}: {', '.join(arguments.roles) or 'no role'}")
    return 0


def password_link(tool: Tool, arguments: argparse.Namespace) -> int:
    """The link before is void."""

    def work(connection: Connection) -> str:
        station = tool.station(connection)
        return _link(tool, connection, _account_id(connection, station.id, arguments.login))

    print(tool.write(work))
    return 0


def enrol(tool: Tool, arguments: argparse.Namespace) -> int:
    """A code a person can type, and the link that carries it."""
    settings = tool.services.settings

    def work(connection: Connection) -> tuple[str, str]:
        station = tool.station(connection)
        account_id = _account_id(connection, station.id, arguments.login)
        made = new_enrolment_code(
            connection,
            station.id,
            account_id,
            public_url=settings.public_url,
            now=tool.services.clock(),
            hours=settings.enrolment_code_h,
            created_by=account_id,
        )
        return made.code, made.url

    code, url = tool.write(work)
    print(f"{code}\n{url}")
    return 0


def _account_id(connection: Connection, station_id: str, login: str) -> str:
    found = find_login(connection, station_id, login)
    if found is None:
        raise CommandError(f"there is no account {login}")
    return str(found.account_id)


def _grant_body(
    connection: Connection, station_id: str, arguments: argparse.Namespace
) -> dict[str, Any]:
    by_name: dict[str, str] = dict(
        run(connection, "SELECT name, id FROM area WHERE station_id = ?", (station_id,))
    )
    unknown = [name for name in arguments.areas if name not in by_name]
    if unknown:
        raise CommandError(f"there is no area {'、'.join(unknown)}")
    return {"roles": arguments.roles, "areas": [by_name[name] for name in arguments.areas]}


def _record(tool: Tool, connection: Connection, *facts: DeskFact) -> None:
    """Append facts in the name of the first account."""
    station = tool.station(connection)
    rows = run(
        connection, "SELECT id FROM account WHERE station_id = ? ORDER BY id LIMIT 1", (station.id,)
    )
    author_id, now = str(rows[0][0]), tool.services.clock()
    salts = (tool.services.ids().replace("-", "") for _ in facts)
    incoming = desk_incoming(
        facts, station_id=station.id, author_id=author_id, now=now, salts=salts
    )
    appended = append(connection, station.id, incoming, server_sender(author_id), now=now)
    refused = [
        each.verdict for each in appended.outcomes if not each.verdict.startswith("admitted")
    ]
    if refused:
        raise CommandError(f"the ledger does not take this: {', '.join(refused)}")


def _link(tool: Tool, connection: Connection, account_id: str) -> str:
    made = new_password_link(
        connection,
        tool.station(connection).id,
        account_id,
        public_url=tool.services.settings.public_url,
        now=tool.services.clock(),
    )
    return made.url
