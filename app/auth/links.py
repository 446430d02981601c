"""One-time links and enrolment codes as people receive them; used by routes, set-up and demo alike.

Functions take a connection and never commit. It must not know HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.auth import enrolment_store, store
from app.auth.tokens import hash_code, new_code, new_token, shown_code

PASSWORD_LINK_H = 24


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """A link that sets one password, once."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """A code for one phone, and the link that carries it."""

    code: str
    url: str
    expires_at: datetime


def new_password_link(
    connection: Connection,
    station_id: str,
    account_id: str,
    *,
    public_url: str,
    now: datetime,
    created_by: str | None = None,
) -> PasswordLink:
    """A fresh link for an account; the one before is void."""
    token = new_token()
    expires_at = now + timedelta(hours=PASSWORD_LINK_H)
    store.add_link(
        connection,
        station_id,
        account_id,
        token_hash=token.hash,
        now=now,
        expires_at=expires_at,
        created_by=created_by,
    )
    return PasswordLink(f"{public_url}/desk/#/password/{token.text}", expires_at)


def new_enrolment_code(
    connection: Connection,
    station_id: str,
    account_id: str,
    *,
    public_url: str,
    now: datetime,
    hours: int,
    created_by: str,
) -> EnrolmentCode:
    """A fresh code for one phone of an account; opening its link claims nothing."""
    code = new_code()
    expires_at = now + timedelta(hours=hours)
    enrolment_store.add_code(
        connection,
        station_id,
        account_id,
        code_hash=hash_code(code, station_id),
        now=now,
        expires_at=expires_at,
        created_by=created_by,
    )
    return EnrolmentCode(shown_code(code), enrolment_url(public_url, code), expires_at)


def enrolment_url(public_url: str, code: str) -> str:
    """Where a phone's browser goes to be enrolled."""
    return f"{public_url}/field/#/enrol/{shown_code(code)}"
