"""Names for the restore report: people, phones, checklists, and what came back without its maker.

A number tells an admin nothing; a name, a place and what to do about it does. Only looks; each
question is bounded, because it is asked whenever somebody opens the page. It must not decide what
is missing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from app.db import run
from app.ledger.entrusted import ENTRUSTED_KINDS
from app.ledger.head import Station

LOOKED_AT_MAX = 20_000  # entries after the restore: phones come back in its first days
LISTED_MAX = 200


@dataclass(slots=True)
class Named:
    """What a person can act on; every list holds at most LISTED_MAX."""

    people: list[dict[str, Any]] = field(default_factory=list)  # every account, to be looked at
    phones: list[dict[str, Any]] = field(default_factory=list)  # in use, with whether they came
    decided: list[dict[str, Any]] = field(default_factory=list)  # by the desk, told by phones
    nameless: list[dict[str, Any]] = field(default_factory=list)  # wrote facts, have no account
    checklists: list[dict[str, Any]] = field(default_factory=list)  # used, and not here
    unfinished: list[dict[str, Any]] = field(default_factory=list)  # rows whose beginning lacks


def read_named(
    connection: Connection, station: Station, *, size: int, made_at: str, restored_at: str
) -> Named:
    """`size`: of the log as it was restored; the instants of the set and of the restore."""
    accounts = _rows(connection, station.id, "account")
    names = {id_: person_name(row) for id_, row in accounts.items()}
    decided = _decided(connection, station.id, size, names)
    return Named(
        people=_people(accounts, decided),
        phones=_phones(connection, station.id, names, made_at, restored_at),
        decided=decided[:LISTED_MAX],
        nameless=_nameless(connection, station.id, size, accounts.keys()),
        checklists=_checklists(connection, station.id, size),
        unfinished=_unfinished(connection, station.id, names),
    )


def _rows(connection: Connection, station_id: str, table: str) -> dict[str, dict[str, Any]]:
    found = run(
        connection,
        f"SELECT id, row FROM {table} WHERE station_id = ?",  # noqa: S608 - our tables
        (station_id,),
    )
    return {id_: json.loads(text) for id_, text in found}


def person_name(row: dict[str, Any]) -> str:
    """What an account or a site is called; empty for a row that never came."""
    return str(row.get("name") or row.get("login") or "")


def _people(
    accounts: dict[str, dict[str, Any]], decided: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    told = {each["subject"] for each in decided}
    found = [
        {
            "account": id_, "name": person_name(row), "login": row.get("login") or "",
            "active": bool(row.get("active")), "roles": list(row.get("roles") or ()),
            "told_by_phones": id_ in told,
        }
        for id_, row in accounts.items()
    ]  # fmt: skip
    found.sort(key=lambda each: (not each["active"], each["login"]))
    return found[:LISTED_MAX]


def _phones(
    connection: Connection, station_id: str, names: dict[str, str], made_at: str, restored_at: str
) -> list[dict[str, Any]]:
    rows = run(
        connection,
        "SELECT enrolment_id, account_id, label, claimed_at, last_seen_at FROM enrolment"
        " WHERE station_id = ? AND revoked_at IS NULL",
        (station_id,),
    )
    found = [
        {
            "enrolment": id_, "account": account, "name": names.get(account, ""),
            "phone": label or "", "seen_at": seen,
            "came_back": seen is not None and seen >= restored_at,
            "after_backup": made_at < claimed < restored_at,
        }
        for id_, account, label, claimed, seen in rows
    ]  # fmt: skip
    found.sort(key=lambda each: (each["came_back"], each["name"], each["enrolment"]))
    return found[:LISTED_MAX]


def _decided(
    connection: Connection, station_id: str, size: int, names: dict[str, str]
) -> list[dict[str, Any]]:
    """Decisions about people, phones and checklists that only came back with phones."""
    rows = run(
        connection,
        "SELECT l.idx, r.received_at, f.kind, f.subject_id, f.author_id, f.bytes"
        " FROM returned_fact r"
        " JOIN fact f ON f.station_id = r.station_id AND f.sha256 = r.fact_sha256"
        " JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE r.station_id = ? AND f.kind = ANY(?) AND l.idx >= ?",
        (station_id, sorted(ENTRUSTED_KINDS), size),
    )
    latest = {row[0]: row for row in rows}  # of several lost lives the one told last
    found = []
    for _, at, kind, subject, author, raw in (latest[idx] for idx in sorted(latest)):
        body = json.loads(bytes(raw))["body"]
        about = body.get("account") if kind == "enrolment.set" else subject
        said = {name: body[name] for name in ("active", "roles", "state", "label", "checklist",
                                              "version", "login") if name in body}  # fmt: skip
        found.append(
            {"at": at, "kind": kind, "subject": subject, "name": names.get(about, ""),
             "by": names.get(author, ""), **said}
        )  # fmt: skip
    return found


def _nameless(
    connection: Connection, station_id: str, size: int, known: Iterable[str]
) -> list[dict[str, Any]]:
    rows = run(
        connection,
        "SELECT f.author_id, count(*) FROM log_entry l JOIN fact f ON f.seq = l.fact_seq"
        " WHERE l.station_id = ? AND l.idx >= ? AND l.idx < ? AND f.author_id IS NOT NULL"
        " GROUP BY f.author_id",
        (station_id, size, size + LOOKED_AT_MAX),
    )
    lacking: dict[str, int] = dict(rows)
    for account in known:
        lacking.pop(account, None)
    labels = run(
        connection,
        "SELECT account_id, label FROM enrolment WHERE station_id = ? AND account_id = ANY(?)",
        (station_id, sorted(lacking)),
    )
    phones: dict[str, str] = dict(labels)
    found = [
        {"account": account, "facts": count, "phone": phones.get(account, "")}
        for account, count in sorted(lacking.items())
    ]
    return found[:LISTED_MAX]


def _checklists(connection: Connection, station_id: str, size: int) -> list[dict[str, Any]]:
    rows = run(
        connection,
        "SELECT f.bytes FROM log_entry l JOIN fact f ON f.seq = l.fact_seq"
        " WHERE l.station_id = ? AND l.idx >= ? AND l.idx < ? AND f.kind = 'inspection.submitted'"
        " AND l.admitted",
        (station_id, size, size + LOOKED_AT_MAX),
    )
    bodies = [json.loads(bytes(raw))["body"] for (raw,) in rows]
    used = Counter((body["checklist"], body["checklist_version"]) for body in bodies)
    query = "SELECT checklist_id, version FROM checklist WHERE station_id = ?"
    here = set(map(tuple, run(connection, query, (station_id,))))
    return [
        {"checklist": checklist, "version": version, "inspections": used[checklist, version]}
        for checklist, version in sorted(used.keys() - here)
    ][:LISTED_MAX]


def _unfinished(
    connection: Connection, station_id: str, names: dict[str, str]
) -> list[dict[str, Any]]:
    """Hazards and inspections of which later facts are here and the first is not."""
    found = []
    for table in ("hazard", "inspection"):
        rows = run(
            connection,
            f"SELECT t.id, t.author_id, t.row, s.row FROM {table} t"  # noqa: S608 - our tables
            " LEFT JOIN site s ON s.station_id = t.station_id AND s.id = t.site_id"
            " WHERE t.station_id = ? AND t.state = 'incomplete' ORDER BY t.id LIMIT ?",
            (station_id, LISTED_MAX),
        )
        found += [
            {"type": table, "id": id_, "number": json.loads(text).get("number"),
             "site": person_name(json.loads(site or "{}")), "by": names.get(author, "")}
            for id_, author, text, site in rows
        ]  # fmt: skip
    return found


def read_history(connection: Connection, station: Station) -> list[dict[str, Any]]:
    """Every restore this log knows of, the running one first."""
    names = ("epoch", "from_epoch", "size", "set_name", "made_at", "restored_at")
    rows = run(
        connection,
        f"SELECT {', '.join(names)} FROM restore WHERE station_id = ?",  # noqa: S608 - ours
        (station.id,),
    )
    return [dict(zip(names, row, strict=True)) for row in sorted(rows, reverse=True)]
