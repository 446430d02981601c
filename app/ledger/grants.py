"""The grants of accounts, read from the ledger: who held which roles at which place in the log.

What they mean for a fact is decided in sync/grants.py. It must not write anything.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from app.db import run
from sync.fact import Fact, parse_fact
from sync.grants import Granted, granted


def account_grants(
    connection: Connection, station_id: str, accounts: Collection[str]
) -> dict[str, list[Granted]]:
    """For each of these accounts what it held after each of its grants, in one statement."""
    rows = run(
        connection,
        "SELECT f.subject_id, l.idx, l.received_at, f.bytes FROM fact f"
        " JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE f.station_id = ? AND f.subject_id = ANY(?) AND f.kind = 'grant.set'"
        " AND l.admitted",
        (station_id, sorted(accounts)),
    )
    found: dict[str, list[tuple[int, str, Fact]]] = {}
    for account, idx, received_at, raw in rows:
        fact = parse_fact(bytes(raw))
        if isinstance(fact, Fact):
            found.setdefault(account, []).append((idx, received_at, fact))
    return {account: granted(grants) for account, grants in found.items()}
