"""Who is asking: one account of one station, by desk session or by phone enrolment.

Also the reading of what an account may see (its scope) from the ledger's own account and area rows,
so that desk, phone and batch admission agree. It must not know passwords, tokens or cookies.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.db import run

CHIEF_OR_ADMIN = frozenset({"chief", "admin"})  # who sees the whole station
AREA_TREE_COUNTER = "area_tree"  # log index of the last change to which area lies in which


@dataclass(frozen=True, slots=True)
class Scope:
    """What an account may see: roles, areas with everything below them, and the version of both."""

    account_id: str
    active: bool
    roles: frozenset[str]
    areas: frozenset[str]
    whole: bool
    version: int
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated caller; `whole` means every area of the station."""

    account_id: str
    station_id: str
    roles: frozenset[str]
    areas: frozenset[str]
    whole: bool
    scope_version: int
    enrolment_id: str | None = None
    public_key: str | None = None
    revoked: bool = False
    session: str | None = None
    csrf: str | None = None


def areas_below(parents: dict[str, str | None], granted: frozenset[str]) -> frozenset[str]:
    """The granted areas and all their descendants; a loop in the tree ends where it began."""
    inside = set(granted)
    growing = True
    while growing:
        more = {area for area, parent in parents.items() if parent in inside} - inside
        inside |= more
        growing = bool(more)
    return frozenset(inside)


def read_scope(connection: Connection, station_id: str, account_id: str) -> Scope | None:
    """The scope of an account as the ledger stands in this transaction; None when there is none."""
    found = run(
        connection,
        "SELECT a.active, a.scope_idx, a.row,"
        " (SELECT c.value FROM counter c WHERE c.station_id = a.station_id AND c.name = ?)"
        " FROM account a WHERE a.station_id = ? AND a.id = ?",
        (AREA_TREE_COUNTER, station_id, account_id),
    )
    if not found:
        return None
    active, scope_idx, text, tree_idx = found[0]
    row = json.loads(text)
    roles = frozenset(row.get("roles") or ())
    granted = frozenset(row.get("areas") or ())
    whole = not granted and bool(roles & CHIEF_OR_ADMIN)
    areas = granted
    if granted:
        pairs = run(
            connection, "SELECT id, parent_id FROM area WHERE station_id = ?", (station_id,)
        )
        areas = areas_below(dict(pairs), granted)
    version = max(scope_idx or 0, tree_idx or 0)
    return Scope(account_id, bool(active), roles, areas, whole, version, row)


def make_actor(scope: Scope, station_id: str, **more: Any) -> Actor:
    """An actor with this scope; `more` names the session or the enrolment it came by."""
    return Actor(
        account_id=scope.account_id,
        station_id=station_id,
        roles=scope.roles,
        areas=scope.areas,
        whole=scope.whole,
        scope_version=scope.version,
        **more,
    )
