"""What deciding looks up: facts already stored under an id, subjects with their rows and scope.

Each function is one statement per noun, however many facts a request holds. It must not know HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.auth.scope import can_see
from app.db import run
from app.decisions.rules import Named, Stored
from app.problems import ProblemError
from app.projections import registered


def hold_station(connection: Connection, station_id: str) -> None:
    """Take the station's lock before looking up ids, so that a double click finds the first one."""
    run(connection, "UPDATE station SET epoch = epoch WHERE id = ?", (station_id,))


def stored_facts(connection: Connection, station_id: str, ids: Iterable[str]) -> dict[str, Stored]:
    """Facts under these ids, read again from their bytes."""
    found = run(
        connection,
        "SELECT f.fact_id, f.bytes, p.bytes FROM fact f LEFT JOIN private_line p"
        " ON p.station_id = f.station_id AND p.fact_sha256 = f.sha256"
        " WHERE f.station_id = ? AND f.fact_id = ANY(?)",
        (station_id, sorted(set(ids))),
    )
    stored: dict[str, Stored] = {}
    for fact_id, raw, private in found:
        fact = json.loads(bytes(raw))
        fields = json.loads(bytes(private)).get("fields") if private is not None else None
        stored[fact_id] = Stored(
            fact["kind"], fact["subject"], fact["author"], fact.get("body") or {}, fields
        )
    return stored


def subject_rows(
    connection: Connection, station_id: str, actor: Actor, subjects: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """The rows of these subjects; one outside the actor's scope is not there for them (I11)."""
    found = run(
        connection,
        "SELECT subject_id, type, area_id, author_id FROM subject"
        " WHERE station_id = ? AND subject_id = ANY(?)",
        (station_id, sorted(set(subjects))),
    )
    by_type: dict[str, list[str]] = {}
    for subject, type_, area, author in found:
        if not can_see(actor, area, author_id=author):
            raise ProblemError("not-found")
        by_type.setdefault(type_, []).append(subject)
    rows: dict[str, dict[str, Any]] = {}
    for type_, ids in by_type.items():
        if type_ in registered():
            rows.update(_rows(connection, station_id, registered()[type_].table.name, ids))
    return rows


def _rows(
    connection: Connection, station_id: str, table: str, ids: list[str]
) -> dict[str, dict[str, Any]]:
    found = run(
        connection,
        f"SELECT id, row FROM {table} WHERE station_id = ? AND id = ANY(?)",  # noqa: S608 - ours
        (station_id, ids),
    )
    return {str(subject): json.loads(text) for subject, text in found}


def named_facts(
    connection: Connection, station_id: str, sha256s: Iterable[str]
) -> dict[str, Named]:
    """Of the facts that a decision names: what was logged about each, and whether it counts now."""
    found = run(
        connection,
        "SELECT f.sha256, l.verdict, l.admitted, f.kind FROM fact f"
        " JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE f.station_id = ? AND f.sha256 = ANY(?)",
        (station_id, sorted(set(sha256s))),
    )
    return {str(row[0]): Named(str(row[1]), bool(row[2]), str(row[3] or "")) for row in found}


def login_owner(connection: Connection, station_id: str, logins: Iterable[str]) -> dict[str, str]:
    """Which account uses each login."""
    found = run(
        connection,
        "SELECT login, id FROM account WHERE station_id = ? AND login = ANY(?)",
        (station_id, sorted(set(logins))),
    )
    return {str(login): str(account) for login, account in found}


def active_admins(connection: Connection, station_id: str) -> int:
    """How many accounts could still administer the station."""
    found = run(connection, "SELECT active, row FROM account WHERE station_id = ?", (station_id,))
    return sum(
        bool(active) and "admin" in (json.loads(text).get("roles") or ()) for active, text in found
    )
