"""Who a request comes from: a session cookie for the desk, a bearer token for a phone.

Finding out only reads, before every request; every ten minutes it is also written down that the
caller was seen. A deactivated account has no session at once; its phone, like a revoked one, is let
in as revoked, because unsent work goes to quarantine and is never refused. It must not know what is
asked for: roles and areas are judged by http.py and the handlers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import flask
from sqlalchemy import Connection

from app.actor import Actor, make_actor, read_scope
from app.auth import enrolment_store, store
from app.auth.tokens import hash_token, same_token

SESSION_COOKIE = "gi_session"
BEARER = "Bearer "
TOKEN_CHARS_MAX = 100
SEEN_EVERY_S = 600.0
SEEN_KEPT_MAX = 5_000


class LedgerAuthenticator:
    """Accounts and scopes as the ledger has them, sessions and tokens as auth keeps them."""

    def __init__(self, clock: Callable[[], datetime], *, idle: timedelta, whole: timedelta) -> None:
        self._clock = clock
        self._idle = idle
        self._whole = whole
        self._noted: dict[str, float] = {}

    def desk(self, request: flask.Request, connection: Connection) -> Actor | None:
        """The account behind the session cookie; None when it ended or was switched off."""
        token = request.cookies.get(SESSION_COOKIE, "")
        if not token or len(token) > TOKEN_CHARS_MAX:
            return None
        token_hash = hash_token(token)
        session = store.find_session(connection, token_hash, self._clock())
        if session is None:
            return None
        scope = read_scope(connection, session.station_id, session.account_id)
        if scope is None or not scope.active:
            return None
        return make_actor(scope, session.station_id, session=token_hash, csrf=session.csrf)

    def phone(self, request: flask.Request, connection: Connection) -> Actor | None:
        """The account behind the bearer token; a revoked phone is known, and marked as revoked."""
        header = request.headers.get("Authorization", "")
        if not header.startswith(BEARER) or len(header) > TOKEN_CHARS_MAX:
            return None
        token = header[len(BEARER) :].strip()
        owner = enrolment_store.find_token(connection, hash_token(token))
        if owner is None or not same_token(token, owner.token_hash):
            return None
        scope = read_scope(connection, owner.station_id, owner.account_id)
        if scope is None:
            return None
        return make_actor(
            scope,
            owner.station_id,
            enrolment_id=owner.enrolment_id,
            public_key=owner.public_key,
            revoked=owner.revoked or not scope.active,
        )

    def wants_note(self, actor: Actor) -> bool:
        """Whether it is time again to write down that this caller was seen."""
        last = self._noted.get(actor.session or actor.enrolment_id or "")
        return last is None or time.monotonic() - last >= SEEN_EVERY_S

    def note_seen(self, connection: Connection, actor: Actor) -> None:
        """A session runs on, a phone shows as seen just now."""
        now = self._clock()
        if actor.session:
            store.slide_session(
                connection, actor.session, now=now, idle=self._idle, whole=self._whole
            )
        elif actor.enrolment_id:
            enrolment_store.note_seen(connection, actor.station_id, actor.enrolment_id, now=now)
        if len(self._noted) >= SEEN_KEPT_MAX:
            self._noted.clear()
        self._noted[actor.session or actor.enrolment_id or ""] = time.monotonic()
