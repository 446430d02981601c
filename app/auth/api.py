"""The desk's door: signing in and out, passwords by one-time link, accounts, unmasking a number.

Passwords are hashed and checked before the transaction. It must not know phones (phones_api.py).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from werkzeug.http import dump_cookie

from app.auth import store
from app.auth.authenticator import SESSION_COOKIE
from app.auth.delays import (
    ADDRESS_FAILURES_FREE,
    LOGIN_FAILURES_FREE,
    after_failure,
    wait_seconds,
    wait_words,
)
from app.auth.links import new_password_link
from app.auth.masking import PHONE_FIELDS, masked
from app.auth.passwords import hash_password, password_matches, weakness
from app.auth.rules import account_view, login_key
from app.auth.schema import (
    AccessLogView,
    AccountsView,
    LinkView,
    LoginSchema,
    PasswordSchema,
    PasswordView,
    SessionView,
    UnmaskSchema,
    ValueView,
)
from app.auth.scope import can_see
from app.auth.tokens import csrf_of, hash_token, new_token
from app.clock import instant
from app.db import run
from app.http import Answer, Call, Routes
from app.problems import ProblemError
from app.projections import registered
from app.settled import settled_problem

routes = Routes("auth")

DESK = frozenset({"chief", "admin"})
ADMIN = frozenset({"admin"})
UNMASKING = frozenset({"certified_inspector", "chief", "admin"})
ACCESSES_SHOWN_MAX = 500


@dataclass(frozen=True, slots=True)
class Guess:
    """A login attempt after the slow comparison, before it counts."""

    account_id: str | None
    right: bool


def sources(call: Call, login: str) -> tuple[tuple[str, int], tuple[str, int]]:
    """What a failed login is counted under, each with the failures it is given for free."""
    address = call.request.remote_addr or ""
    return (
        ("login:" + hash_token(login_key(login)), LOGIN_FAILURES_FREE),
        ("address:" + hash_token(address), ADDRESS_FAILURES_FREE),
    )


def delayed(wait_s: int) -> ProblemError:
    """The answer to somebody who must wait."""
    return ProblemError(
        "too-many-attempts",
        headers={"Retry-After": str(wait_s)},
        wait=wait_words(wait_s),
        wait_s=wait_s,
    )


def refuse_while_delayed(call: Call, connection: Connection, names: list[str]) -> None:
    """Raise while any of these sources has to wait."""
    for name in names:
        attempts = store.read_attempts(connection, call.station_id, name)
        wait_s = wait_seconds(attempts, call.now)
        if wait_s:
            raise delayed(wait_s)


def _guess(call: Call) -> Guess:
    """The slow part of signing in: it takes as long for a login nobody has."""
    with call.services.database.read() as connection:
        names = [name for name, _ in sources(call, call.body["login"])]
        refuse_while_delayed(call, connection, names)
        found = store.find_login(connection, call.station_id, call.body["login"])
    usable = found.password_hash if found is not None and found.active else None
    right = password_matches(call.body["password"], usable)
    return Guess(found.account_id if found is not None and right else None, right)


@routes.route(
    "/session",
    methods=["POST"],
    auth="none",
    body=LoginSchema,
    write=True,
    prepare=_guess,
    answers=SessionView,
    summary="Sign in at the desk.",
)
def sign_in(call: Call) -> Answer:
    """A cookie for the right password; for a wrong one a count that makes the next try wait."""
    guess: Guess = call.prepared
    counted = sources(call, call.body["login"])
    before = [
        (name, free, store.lock_attempts(call.connection, call.station_id, name, call.now))
        for name, free in counted
    ]
    for _, _, attempts in before:
        wait_s = wait_seconds(attempts, call.now)
        if wait_s:
            # Eight guesses at once all get here; those beyond the free ones count for nothing.
            raise delayed(wait_s)
    if guess.account_id is None:
        return _count_failure(call, before)
    for name, _ in counted:
        # Also the address: in a station of twenty, somebody mistypes every day.
        store.forget_attempts(call.connection, call.station_id, name, now=call.now)
    return _begin_session(call, guess.account_id)


def _count_failure(call: Call, before: list[tuple[str, int, Any]]) -> Answer:
    waits, left = [], 0
    for name, free, attempts in before:
        after = after_failure(attempts, call.now, free=free)
        store.write_attempts(call.connection, call.station_id, name, after, now=call.now)
        waits.append(wait_seconds(after, call.now))
        if name.startswith("login:"):
            left = max(0, free + 1 - after.failures)
    wait_s = max(waits)
    if wait_s:
        return settled_problem(
            call.request,
            "too-many-attempts",
            headers={"Retry-After": str(wait_s)},
            wait=wait_words(wait_s),
            wait_s=wait_s,
        )
    return settled_problem(call.request, "wrong-password", left=left)


def _begin_session(call: Call, account_id: str) -> Answer:
    settings, token = call.services.settings, new_token()
    whole = timedelta(days=settings.session_days_max)
    store.drop_old_sessions(call.connection, call.station_id, before=call.now - whole)
    store.add_session(
        call.connection,
        call.station_id,
        account_id,
        token_hash=token.hash,
        csrf=csrf_of(token.text),
        now=call.now,
        expires_at=call.now + min(whole, timedelta(hours=settings.session_idle_h)),
    )
    body = _session_view(call, account_id, csrf_of(token.text))
    return Answer(body, headers={"Set-Cookie": _cookie(call, token.text, whole)})


def _cookie(call: Call, value: str, age: timedelta) -> str:
    return dump_cookie(
        SESSION_COOKIE,
        value,
        max_age=age,
        path="/",
        httponly=True,
        secure=call.services.settings.https,
        samesite="Strict",
    )


def station_view(connection: Connection, station_id: str) -> dict[str, Any]:
    """The station as clients are told of it."""
    found = run(
        connection, "SELECT id, code, name, timezone FROM station WHERE id = ?", (station_id,)
    )
    return dict(zip(("id", "code", "name", "timezone"), found[0], strict=True)) if found else {}


def _session_view(call: Call, account_id: str, csrf: str | None) -> dict[str, Any]:
    row = store.find_account(call.connection, call.station_id, account_id) or {}
    return {
        "account": masked(account_view(row)),
        "station": station_view(call.connection, call.station_id),
        "csrf": csrf,
        "roles": sorted(row.get("roles") or ()),
    }


@routes.route(
    "/session", auth="desk", write=False, answers=SessionView, summary="Who is signed in here."
)
def read_session(call: Call) -> dict[str, Any]:
    """The same as signing in answers."""
    return _session_view(call, call.who.account_id, call.who.csrf)


@routes.route("/session", methods=["DELETE"], auth="desk", write=True, summary="Sign out here.")
def sign_out(call: Call) -> Answer:
    """End this session and clear the cookie."""
    store.end_session(call.connection, call.who.session or "", now=call.now)
    return Answer(status=204, headers={"Set-Cookie": _cookie(call, "", timedelta(0))})


def _new_hash(call: Call) -> str:
    """The new password's hash, made before the transaction; only the holder of a link gets here."""
    with call.services.database.read() as connection:
        token_hash = hash_token(call.body["token"])
        account_id = store.link_account(connection, call.station_id, token_hash)
        if account_id is None:
            raise ProblemError("link-unknown")
        row = store.find_account(connection, call.station_id, account_id) or {}
    why = weakness(call.body["password"], login=str(row.get("login") or ""))
    if why:
        fields = [{"path": "password", "text": why}]
        raise ProblemError("weak-password", why=why, fields=fields)
    return hash_password(call.body["password"])


@routes.route(
    "/passwords",
    methods=["POST"],
    auth="none",
    body=PasswordSchema,
    write=True,
    prepare=_new_hash,
    answers=PasswordView,
    summary="Set a password with a one-time link.",
)
def set_password(call: Call) -> Answer:
    """Spend the link; every older session of the account ends."""
    account_id = store.use_link(
        call.connection, call.station_id, hash_token(call.body["token"]), call.now
    )
    if account_id is None:
        raise ProblemError("link-expired")
    row = store.find_account(call.connection, call.station_id, account_id) or {}
    if not row.get("active"):
        raise ProblemError("account-inactive")
    store.set_password(
        call.connection, call.station_id, account_id, password_hash=call.prepared, now=call.now
    )
    login = str(row.get("login") or "")
    store.forget_attempts(
        call.connection, call.station_id, sources(call, login)[0][0], now=call.now
    )
    return Answer({"login": login})


@routes.route(
    "/accounts",
    auth="desk",
    roles=DESK,
    write=False,
    answers=AccountsView,
    summary="Every account of the station.",
)
def list_accounts(call: Call) -> dict[str, Any]:
    """Accounts with roles, areas, whether a password is set and how many phones are in use."""
    return {"items": [masked(row) for row in store.list_accounts(call.connection, call.station_id)]}


@routes.route(
    "/accounts/<account_id>/password-links",
    methods=["POST"],
    auth="desk",
    roles=ADMIN,
    write=True,
    answers=LinkView,
    summary="A one-time link with which a person sets a password (24 hours).",
)
def make_password_link(call: Call) -> dict[str, Any]:
    """The link before is void from now on."""
    account_id = call.path["account_id"]
    row = store.find_account(call.connection, call.station_id, account_id)
    if row is None:
        raise ProblemError("not-found")
    if not row.get("active"):
        raise ProblemError("account-inactive")
    link = new_password_link(
        call.connection,
        call.station_id,
        account_id,
        public_url=call.services.settings.public_url,
        now=call.now,
        created_by=call.who.account_id,
    )
    return {"url": link.url, "expires_at": instant(link.expires_at)}


@routes.route(
    "/unmask",
    methods=["POST"],
    auth="desk",
    roles=UNMASKING,
    body=UnmaskSchema,
    write=True,
    answers=ValueView,
    summary="One whole telephone number, with a reason that is written down.",
)
def unmask(call: Call) -> dict[str, Any]:
    """What is not there and what may not be seen look the same."""
    subject_id, field = str(call.body["subject"]), call.body["field"]
    row = _visible_row(call, subject_id) if field in PHONE_FIELDS else None
    value = (row or {}).get(field)
    if not isinstance(value, str) or not value:
        raise ProblemError("not-found")
    store.note_access(
        call.connection,
        call.station_id,
        entry_id=call.services.ids(),
        now=call.now,
        account_id=call.who.account_id,
        action="unmask",
        subject_id=subject_id,
        field=field,
        reason=call.body["reason"],
    )
    return {"value": value}


def _visible_row(call: Call, subject_id: str) -> dict[str, Any] | None:
    found = run(
        call.connection,
        "SELECT type, area_id, author_id FROM subject WHERE station_id = ? AND subject_id = ?",
        (call.station_id, subject_id),
    )
    if not found:
        return None
    kind, area_id, author_id = found[0]
    own = kind == "account" and subject_id == call.who.account_id
    if kind == "account" and not own and not call.who.roles & DESK:
        return None
    if kind != "account" and not can_see(call.who, area_id, author_id=author_id):
        return None
    projection = registered().get(kind)
    if projection is None:
        return None
    rows = run(
        call.connection,
        f"SELECT row FROM {projection.table.name} WHERE station_id = ? AND id = ?",  # noqa: S608
        (call.station_id, subject_id),
    )
    return dict(json.loads(rows[0][0])) if rows else None


@routes.route(
    "/access-log",
    auth="desk",
    roles=DESK,
    write=False,
    answers=AccessLogView,
    summary="Who looked at which telephone number, and why.",
)
def access_log(call: Call) -> dict[str, Any]:
    """The latest looks, newest first."""
    items = store.read_accesses(call.connection, call.station_id, limit=ACCESSES_SHOWN_MAX)
    return {"items": items}
