"""Who a request comes from: a session cookie for the desk, a bearer token for a phone.

Reads only; it runs before every request in a transaction that cannot write. It must not know what
the request asks for: roles and areas are judged by http.py and the handlers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import flask
from sqlalchemy import Connection

from app.actor import Actor, make_actor, read_scope
from app.auth.tokens import hash_token
from app.clock import instant
from app.db import run

SESSION_COOKIE = "gi_session"
BEARER = "Bearer "
TOKEN_CHARS_MAX = 100


class LedgerAuthenticator:
    """Accounts and scopes as the ledger has them, sessions and tokens as auth keeps them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def desk(self, request: flask.Request, connection: Connection) -> Actor | None:
        """The account behind the session cookie; None when it ended, expired or was switched off."""
        token = request.cookies.get(SESSION_COOKIE, "")
        if not token or len(token) > TOKEN_CHARS_MAX:
            return None
        token_hash = hash_token(token)
        found = run(
            connection,
            "SELECT station_id, account_id, csrf FROM session"
            " WHERE token_hash = ? AND ended_at IS NULL AND expires_at > ?",
            (token_hash, instant(self._clock())),
        )
        if not found:
            return None
        station_id, account_id, csrf = found[0]
        scope = read_scope(connection, station_id, account_id)
        if scope is None or not scope.active:
            return None
        return make_actor(scope, station_id, session=token_hash, csrf=csrf)

    def phone(self, request: flask.Request, connection: Connection) -> Actor | None:
        """The account behind the bearer token; a revoked phone is known, and marked as revoked."""
        header = request.headers.get("Authorization", "")
        if not header.startswith(BEARER) or len(header) > TOKEN_CHARS_MAX:
            return None
        found = run(
            connection,
            "SELECT station_id, enrolment_id, account_id, public_key, revoked_at FROM enrolment"
            " WHERE token_hash = ?",
            (hash_token(header[len(BEARER) :].strip()),),
        )
        if not found:
            return None
        station_id, enrolment_id, account_id, public_key, revoked_at = found[0]
        scope = read_scope(connection, station_id, account_id)
        if scope is None:
            return None
        revoked = revoked_at is not None or not scope.active
        return make_actor(
            scope, station_id, enrolment_id=enrolment_id, public_key=public_key, revoked=revoked
        )
