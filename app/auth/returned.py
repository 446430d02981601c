"""After a restore: phones the lost log had enrolled or switched off are so here too.

What a phone may do stands in a table beside the ledger, so facts about phones that come back have
to reach it. A phone switched off in the lost log is switched off in the same transaction that hears
of it. It must not know who brought the facts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.auth import enrolment_store
from app.clock import parse_instant
from app.db import run
from app.ledger.entrusted import close, entrusted_of_subject
from app.services import Opener

NO_TOKEN = ""  # the hash of no token: the phone proves itself by the station's statement first
REVOKED = "revoked"
KEPT_CHARS_MAX = 12_000  # of a statement, which has to come back in one request


def follow_phones(
    connection: Connection, station_id: str, lines: Iterable[str], *, now: datetime
) -> None:
    """Bring the phones these facts are about to where their rows say they are."""
    claims: dict[str, dict[str, Any]] = {}
    for line in lines:
        fact = json.loads(line)
        if fact.get("kind") == "enrolment.set":
            claims.setdefault(fact["subject"], fact)
    for enrolment_id, row in _rows(connection, station_id, claims).items():
        if enrolment_store.find_enrolment(connection, station_id, enrolment_id) is None:
            _make_known(connection, station_id, enrolment_id, row, claimed=claims[enrolment_id])
        if row.get("state") == REVOKED:
            enrolment_store.revoke(connection, station_id, enrolment_id, now=now)


def account_closed(
    connection: Connection, opener: Opener, station_id: str, account_id: str, *, epoch: int
) -> str:
    """An account's facts, closed for the station alone, for its own phone; empty if too long."""
    about = entrusted_of_subject(connection, station_id, account_id)
    kept = close(opener, station_id, epoch, 0, about) or ""
    return kept if len(kept) <= KEPT_CHARS_MAX else ""


def switched_off(connection: Connection, station_id: str, enrolment_id: str) -> bool:
    """Whether the ledger says so, also of a phone that is known by facts alone."""
    row = _rows(connection, station_id, [enrolment_id]).get(enrolment_id, {})
    return row.get("state") == REVOKED


def _rows(
    connection: Connection, station_id: str, enrolment_ids: Iterable[str]
) -> dict[str, dict[str, Any]]:
    wanted = sorted(enrolment_ids)
    if not wanted:
        return {}
    found = run(
        connection,
        "SELECT id, row FROM enrolment_row WHERE station_id = ? AND id = ANY(?)",
        (station_id, wanted),
    )
    return {id_: json.loads(text) for id_, text in found}


def _make_known(
    connection: Connection,
    station_id: str,
    enrolment_id: str,
    row: dict[str, Any],
    *,
    claimed: dict[str, Any],
) -> None:
    if not (isinstance(row.get("account"), str) and isinstance(row.get("public_key"), str)):
        return
    enrolment_store.add_enrolment(
        connection,
        station_id,
        enrolment_id,
        account_id=row["account"],
        public_key=row["public_key"],
        token_hash=NO_TOKEN,
        label=row.get("label") or "",
        now=parse_instant(claimed["at"]),
    )
