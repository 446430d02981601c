"""The SQL of phones: enrolment codes, enrolments and their tokens.

Functions take a connection and never commit. What a code looks like is decided in tokens.py, when
it may be claimed in claims.py; this file must not know HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.clock import instant
from app.db import run


@dataclass(frozen=True, slots=True)
class TokenOwner:
    """The enrolment a bearer token belongs to."""

    station_id: str
    enrolment_id: str
    account_id: str
    public_key: str
    token_hash: str
    revoked: bool


def find_token(connection: Connection, token_hash: str) -> TokenOwner | None:
    """Whose token it is, revoked or not."""
    found = run(
        connection,
        "SELECT station_id, enrolment_id, account_id, public_key, token_hash, revoked_at"
        " FROM enrolment WHERE token_hash = ?",
        (token_hash,),
    )
    if not found:
        return None
    station_id, enrolment_id, account_id, key, stored, revoked_at = found[0]
    return TokenOwner(
        station_id, enrolment_id, account_id, key, stored, revoked=revoked_at is not None
    )


@dataclass(frozen=True, slots=True)
class EnrolmentKey:
    """What an enrolment signs with, and for whom."""

    account_id: str
    public_key: str
    label: str
    revoked: bool


def find_enrolment_key(
    connection: Connection, station_id: str, enrolment_id: str
) -> EnrolmentKey | None:
    """The key of an enrolment, revoked or not."""
    found = run(
        connection,
        "SELECT account_id, public_key, label, revoked_at FROM enrolment"
        " WHERE station_id = ? AND enrolment_id = ?",
        (station_id, enrolment_id),
    )
    if not found:
        return None
    account_id, public_key, label, revoked_at = found[0]
    return EnrolmentKey(account_id, public_key, label or "", revoked=revoked_at is not None)


def note_seen(connection: Connection, station_id: str, enrolment_id: str, *, now: datetime) -> None:
    """The phone was in touch."""
    run(
        connection,
        "UPDATE enrolment SET last_seen_at = ? WHERE station_id = ? AND enrolment_id = ?",
        (instant(now), station_id, enrolment_id),
    )


@dataclass(frozen=True, slots=True)
class Code:
    """An enrolment code as it is kept, and the phone that claimed it."""

    account_id: str
    expires_at: str
    created_by: str | None
    enrolment_id: str | None
    public_key: str | None
    revoked: bool


def add_code(
    connection: Connection,
    station_id: str,
    account_id: str,
    *,
    code_hash: str,
    now: datetime,
    expires_at: datetime,
    created_by: str,
) -> None:
    """A fresh code for an account; older unused ones stay good: a sheet may be on its way."""
    run(
        connection,
        "INSERT INTO enrolment_code"
        " (station_id, code_hash, account_id, created_at, expires_at, created_by)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (station_id, code_hash, account_id, instant(now), instant(expires_at), created_by),
    )


def find_code(connection: Connection, station_id: str, code_hash: str) -> Code | None:
    """A code by its hash."""
    found = run(
        connection,
        "SELECT c.account_id, c.expires_at, c.created_by, c.enrolment_id, e.public_key,"
        " e.revoked_at FROM enrolment_code c LEFT JOIN enrolment e"
        " ON e.station_id = c.station_id AND e.enrolment_id = c.enrolment_id"
        " WHERE c.station_id = ? AND c.code_hash = ?",
        (station_id, code_hash),
    )
    if not found:
        return None
    account_id, expires_at, created_by, enrolment_id, key, revoked_at = found[0]
    return Code(
        account_id, expires_at, created_by, enrolment_id, key, revoked=revoked_at is not None
    )


def take_code(
    connection: Connection, station_id: str, code_hash: str, *, enrolment_id: str, now: datetime
) -> bool:
    """Spend the code for one phone; of several at once exactly one gets True."""
    found = run(
        connection,
        "UPDATE enrolment_code SET used_at = ?, enrolment_id = ?"
        " WHERE station_id = ? AND code_hash = ? AND used_at IS NULL RETURNING account_id",
        (instant(now), enrolment_id, station_id, code_hash),
    )
    return bool(found)


def add_enrolment(
    connection: Connection,
    station_id: str,
    enrolment_id: str,
    *,
    account_id: str,
    public_key: str,
    token_hash: str,
    label: str,
    now: datetime,
) -> None:
    """A phone begins: its key, its token's hash, its name in the list."""
    run(
        connection,
        "INSERT INTO enrolment (station_id, enrolment_id, account_id, public_key, token_hash,"
        " label, claimed_at, last_seen_at, n_announced, n_received, acknowledged_idx)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0)",
        (
            station_id,
            enrolment_id,
            account_id,
            public_key,
            token_hash,
            label,
            instant(now),
            instant(now),
        ),
    )


def renew_token(
    connection: Connection, station_id: str, enrolment_id: str, *, token_hash: str, now: datetime
) -> None:
    """The reply of a claim was lost: the same phone gets another token, the lost one is void."""
    run(
        connection,
        "UPDATE enrolment SET token_hash = ?, last_seen_at = ?"
        " WHERE station_id = ? AND enrolment_id = ?",
        (token_hash, instant(now), station_id, enrolment_id),
    )


def revoke(connection: Connection, station_id: str, enrolment_id: str, *, now: datetime) -> bool:
    """Stop trusting a phone; False when it already was."""
    found = run(
        connection,
        "UPDATE enrolment SET revoked_at = ?"
        " WHERE station_id = ? AND enrolment_id = ? AND revoked_at IS NULL RETURNING enrolment_id",
        (instant(now), station_id, enrolment_id),
    )
    return bool(found)


_COLUMNS = (
    "enrolment_id",
    "account_id",
    "label",
    "public_key",
    "claimed_at",
    "last_seen_at",
    "n_announced",
    "n_received",
    "acknowledged_idx",
    "revoked_at",
    "app",
)


def list_enrolments(connection: Connection, station_id: str) -> list[dict[str, Any]]:
    """Every phone, those in use first, the latest seen on top."""
    found = run(
        connection,
        f"SELECT {', '.join(_COLUMNS)} FROM enrolment WHERE station_id = ?"  # noqa: S608
        " ORDER BY revoked_at IS NOT NULL, last_seen_at DESC, enrolment_id",
        (station_id,),
    )
    return [dict(zip(_COLUMNS, row, strict=True)) for row in found]


def find_enrolment(
    connection: Connection, station_id: str, enrolment_id: str
) -> dict[str, Any] | None:
    """One phone, or None."""
    found = run(
        connection,
        f"SELECT {', '.join(_COLUMNS)} FROM enrolment"  # noqa: S608
        " WHERE station_id = ? AND enrolment_id = ?",
        (station_id, enrolment_id),
    )
    return dict(zip(_COLUMNS, found[0], strict=True)) if found else None


def open_codes(connection: Connection, station_id: str, now: datetime) -> list[dict[str, Any]]:
    """Codes handed out and not yet claimed; the codes themselves are not known any more."""
    found = run(
        connection,
        "SELECT account_id, created_at, expires_at FROM enrolment_code"
        " WHERE station_id = ? AND used_at IS NULL AND expires_at > ? ORDER BY created_at",
        (station_id, instant(now)),
    )
    names = ("account", "created_at", "expires_at")
    return [dict(zip(names, row, strict=True)) for row in found]
