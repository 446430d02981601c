"""Whose phone an enrolment is, for what somebody else brings from it in a file.

The same actor as a token would give, so that nothing is judged differently. It must not know files.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from app.actor import Actor, make_actor, read_scope
from app.auth import enrolment_store


@dataclass(frozen=True, slots=True)
class Owner:
    """A phone: who it acts for, what it is called, whose it is."""

    actor: Actor
    label: str
    name: str


def phone_of(connection: Connection, station_id: str, enrolment_id: str) -> Owner | None:
    """The phone behind an enrolment, revoked or not; None when the station knows no such one."""
    found = enrolment_store.find_enrolment_key(connection, station_id, enrolment_id)
    scope = found and read_scope(connection, station_id, found.account_id)
    if not found or not scope:
        return None
    actor = make_actor(
        scope,
        station_id,
        enrolment_id=enrolment_id,
        public_key=found.public_key,
        revoked=found.revoked or not scope.active,
    )
    return Owner(actor, found.label, str(scope.row.get("name") or scope.row.get("login") or ""))
