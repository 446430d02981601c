"""What handlers are given instead of globals: settings, database, photo store, signer, clock, ids.

Only shapes live here; app/__init__.py builds them. It must not know any noun's tables or routes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import flask
from sqlalchemy import Connection

from app.actor import Actor
from app.db import Database, run
from app.photos.keep import PhotoStore
from app.settings import Settings


class Signer(Protocol):
    """The station's signing key: ECDSA P-256 over SHA-256."""

    @property
    def public_key(self) -> str:
        """The raw 65-byte point in base64url without padding."""

    def sign(self, message: bytes) -> str:
        """Raw r||s in base64url without padding."""


class Opener(Protocol):
    """The station's rescue key: ECDH P-256."""

    public_key: str  # the raw 65-byte point in base64url without padding
    key_id: str

    def shared_secret(self, public_key: str) -> bytes | None:
        """What only the holders of both keys know; None when the other one is no point."""

    def close(self, purpose: bytes, plain: bytes) -> str:
        """What nobody but this key can open, or could have closed; base64url."""

    def open(self, purpose: bytes, text: str) -> bytes | None:
        """The bytes closed for this purpose; None for anything this key did not close."""


class Authenticator(Protocol):
    """Who a request comes from. Only reads; None when it carries nothing valid."""

    def desk(self, request: flask.Request, connection: Connection) -> Actor | None:
        """The account behind the session cookie."""

    def phone(self, request: flask.Request, connection: Connection) -> Actor | None:
        """The account behind the bearer token; a revoked enrolment is an Actor that says so."""

    def wants_note(self, actor: Actor) -> bool:
        """Whether it is time to write down that this caller was seen."""

    def note_seen(self, connection: Connection, actor: Actor) -> None:
        """Write it down."""


@dataclass(slots=True)
class Services:
    """One per process."""

    settings: Settings
    database: Database
    photo_store: PhotoStore
    signer: Signer
    rescue_key: Opener
    authenticator: Authenticator
    clock: Callable[[], datetime]
    ids: Callable[[], str]
    _station_id: str | None = field(default=None, repr=False)

    def station_id(self, connection: Connection) -> str:
        """The station a request without an account is for; empty before `setup` made one."""
        if self._station_id is None:
            found = run(connection, "SELECT id FROM station ORDER BY created_at, id LIMIT 1")
            if not found:
                return ""
            self._station_id = str(found[0][0])
        return self._station_id
