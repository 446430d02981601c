"""The SQL of accounts at the desk: passwords, sessions, links, counted failures, who saw what.

Functions take a connection and never commit. What a password or a delay means is decided in
passwords.py and delays.py; this file must not know HTTP.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.auth.delays import FORGOTTEN_AFTER, Attempts
from app.auth.rules import login_key
from app.clock import instant, parse_instant
from app.db import run


@dataclass(frozen=True, slots=True)
class LoginAccount:
    """What logging in needs of an account."""

    account_id: str
    active: bool
    password_hash: str | None


def find_login(connection: Connection, station_id: str, login: str) -> LoginAccount | None:
    """The account behind a login as typed; an active one first, should two share a name."""
    found = run(
        connection,
        "SELECT a.id, a.active, s.password_hash FROM account a LEFT JOIN account_secret s"
        " ON s.station_id = a.station_id AND s.account_id = a.id"
        " WHERE a.station_id = ? AND a.login = ? ORDER BY a.active DESC, a.id LIMIT 1",
        (station_id, login_key(login)),
    )
    return LoginAccount(found[0][0], bool(found[0][1]), found[0][2]) if found else None


def find_account(connection: Connection, station_id: str, account_id: str) -> dict[str, Any] | None:
    """An account's row, or None."""
    found = run(
        connection,
        "SELECT row FROM account WHERE station_id = ? AND id = ?",
        (station_id, account_id),
    )
    return dict(json.loads(found[0][0])) if found else None


def list_accounts(connection: Connection, station_id: str) -> list[dict[str, Any]]:
    """Every account's row with whether it has a password and how many phones it uses."""
    found = run(
        connection,
        "SELECT a.row, s.password_hash IS NOT NULL, (SELECT count(*) FROM enrolment e"
        " WHERE e.station_id = a.station_id AND e.account_id = a.id AND e.revoked_at IS NULL)"
        " FROM account a LEFT JOIN account_secret s"
        " ON s.station_id = a.station_id AND s.account_id = a.id"
        " WHERE a.station_id = ? ORDER BY a.login, a.id",
        (station_id,),
    )
    return [
        {**json.loads(row), "has_password": bool(has_password), "phones": phones}
        for row, has_password, phones in found
    ]


def set_password(
    connection: Connection, station_id: str, account_id: str, *, password_hash: str, now: datetime
) -> None:
    """Keep a new password's hash; every session and every open link of the account ends."""
    run(
        connection,
        "INSERT INTO account_secret (station_id, account_id, password_hash, changed_at)"
        " VALUES (?, ?, ?, ?) ON CONFLICT (station_id, account_id)"
        " DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at",
        (station_id, account_id, password_hash, instant(now)),
    )
    end_sessions(connection, station_id, account_id, now=now)
    run(
        connection,
        "UPDATE one_time_link SET used_at = ?"
        " WHERE station_id = ? AND account_id = ? AND used_at IS NULL",
        (instant(now), station_id, account_id),
    )


def add_session(
    connection: Connection,
    station_id: str,
    account_id: str,
    *,
    token_hash: str,
    csrf: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Begin a session."""
    run(
        connection,
        "INSERT INTO session (station_id, token_hash, account_id, csrf, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (station_id, token_hash, account_id, csrf, instant(now), instant(expires_at)),
    )


@dataclass(frozen=True, slots=True)
class Session:
    """A running session."""

    station_id: str
    account_id: str
    csrf: str
    expires_at: datetime


def find_session(connection: Connection, token_hash: str, now: datetime) -> Session | None:
    """The session behind a cookie, if it still runs."""
    found = run(
        connection,
        "SELECT station_id, account_id, csrf, expires_at FROM session"
        " WHERE token_hash = ? AND ended_at IS NULL AND expires_at > ?",
        (token_hash, instant(now)),
    )
    if not found:
        return None
    station_id, account_id, csrf, expires_at = found[0]
    return Session(station_id, account_id, csrf, parse_instant(expires_at))


def slide_session(
    connection: Connection, token_hash: str, *, now: datetime, idle: timedelta, whole: timedelta
) -> None:
    """Somebody is there: the session runs on for the idle time, never past its whole time."""
    found = run(connection, "SELECT created_at FROM session WHERE token_hash = ?", (token_hash,))
    if not found:
        return
    until = min(now + idle, parse_instant(found[0][0]) + whole)
    run(
        connection,
        "UPDATE session SET expires_at = ? WHERE token_hash = ? AND ended_at IS NULL",
        (instant(until), token_hash),
    )


def end_session(connection: Connection, token_hash: str, *, now: datetime) -> None:
    """Sign out here."""
    run(
        connection,
        "UPDATE session SET ended_at = ? WHERE token_hash = ? AND ended_at IS NULL",
        (instant(now), token_hash),
    )


def end_sessions(
    connection: Connection, station_id: str, account_id: str, *, now: datetime
) -> None:
    """Sign out everywhere."""
    run(
        connection,
        "UPDATE session SET ended_at = ?"
        " WHERE station_id = ? AND account_id = ? AND ended_at IS NULL",
        (instant(now), station_id, account_id),
    )


def drop_old_sessions(connection: Connection, station_id: str, *, before: datetime) -> None:
    """Forget sessions that ended long ago."""
    run(
        connection,
        "DELETE FROM session WHERE station_id = ? AND expires_at < ?",
        (station_id, instant(before)),
    )


def add_link(
    connection: Connection,
    station_id: str,
    account_id: str,
    *,
    token_hash: str,
    now: datetime,
    expires_at: datetime,
    created_by: str | None,
) -> None:
    """A one-time link for setting a password; an older unused one of the account is void."""
    run(
        connection,
        "UPDATE one_time_link SET used_at = ?"
        " WHERE station_id = ? AND account_id = ? AND used_at IS NULL",
        (instant(now), station_id, account_id),
    )
    run(
        connection,
        "INSERT INTO one_time_link"
        " (station_id, token_hash, account_id, created_at, expires_at, created_by)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (station_id, token_hash, account_id, instant(now), instant(expires_at), created_by),
    )


def use_link(connection: Connection, station_id: str, token_hash: str, now: datetime) -> str | None:
    """Spend a link; its account, or None when it is unknown, spent or too old. One caller wins."""
    found = run(
        connection,
        "UPDATE one_time_link SET used_at = ?"
        " WHERE station_id = ? AND token_hash = ? AND used_at IS NULL AND expires_at > ?"
        " RETURNING account_id",
        (instant(now), station_id, token_hash, instant(now)),
    )
    return str(found[0][0]) if found else None


def link_account(connection: Connection, station_id: str, token_hash: str) -> str | None:
    """Whose link it is, spent or not: the password rule wants the login."""
    found = run(
        connection,
        "SELECT account_id FROM one_time_link WHERE station_id = ? AND token_hash = ?",
        (station_id, token_hash),
    )
    return str(found[0][0]) if found else None


def read_attempts(connection: Connection, station_id: str, source: str) -> Attempts:
    """What is remembered of a login or an address."""
    found = run(
        connection,
        "SELECT failures, next_at, last_at FROM login_attempt WHERE station_id = ? AND source = ?",
        (station_id, source),
    )
    if not found:
        return Attempts()
    failures, next_at, last_at = found[0]
    return Attempts(failures, parse_instant(next_at) if next_at else None, parse_instant(last_at))


def lock_attempts(connection: Connection, station_id: str, source: str, now: datetime) -> Attempts:
    """The same, with the row locked: of eight guesses at once each one counts."""
    run(
        connection,
        "INSERT INTO login_attempt (station_id, source, failures, last_at) VALUES (?, ?, 0, ?)"
        " ON CONFLICT (station_id, source) DO UPDATE SET failures = login_attempt.failures",
        (station_id, source, instant(now)),
    )
    return read_attempts(connection, station_id, source)


def write_attempts(
    connection: Connection, station_id: str, source: str, attempts: Attempts, *, now: datetime
) -> None:
    """Remember a failure."""
    run(
        connection,
        "UPDATE login_attempt SET failures = ?, last_at = ?, next_at = ?"
        " WHERE station_id = ? AND source = ?",
        (
            attempts.failures,
            instant(attempts.last_at or now),
            instant(attempts.blocked_until) if attempts.blocked_until else None,
            station_id,
            source,
        ),
    )


def forget_attempts(connection: Connection, station_id: str, source: str, *, now: datetime) -> None:
    """A success wipes the slate; so does a day without a failure, for everybody."""
    run(
        connection,
        "DELETE FROM login_attempt WHERE station_id = ? AND (source = ? OR last_at < ?)",
        (station_id, source, instant(now - FORGOTTEN_AFTER)),
    )


def note_access(
    connection: Connection,
    station_id: str,
    *,
    entry_id: str,
    now: datetime,
    account_id: str,
    action: str,
    subject_id: str,
    field: str,
    reason: str,
) -> None:
    """Write down who looked at whose number, and why."""
    run(
        connection,
        "INSERT INTO access_log"
        " (station_id, entry_id, at, account_id, action, subject_id, field, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (station_id, entry_id, instant(now), account_id, action, subject_id, field, reason),
    )


def read_accesses(connection: Connection, station_id: str, *, limit: int) -> list[dict[str, Any]]:
    """The latest looks, newest first."""
    found = run(
        connection,
        "SELECT at, account_id, action, subject_id, field, reason FROM access_log"
        " WHERE station_id = ? ORDER BY at DESC, entry_id DESC LIMIT ?",
        (station_id, limit),
    )
    names = ("at", "account", "action", "subject", "field", "reason")
    return [dict(zip(names, row, strict=True)) for row in found]
