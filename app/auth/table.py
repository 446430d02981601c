"""Accounts as the ledger tells them, and beside them what must never be in a ledger: secrets.

`account` and `enrolment_row` are projections; the other tables hold password hashes, token hashes,
sessions and one-time links, and can be lost without losing anything a person recorded.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from app.auth.rules import login_key
from app.db import metadata
from app.projections import Context, JsonRow, Projection, projection_table

account = projection_table(
    "account",
    Column("login", String(40), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("scope_idx", Integer, nullable=False),  # log index of the last change of roles or areas
)
Index("ix_account_login", account.c.station_id, account.c.login)

enrolment_row = projection_table(
    "enrolment_row",
    Column("account_id", String(36)),
    Column("state", String(20), nullable=False),
)
Index("ix_enrolment_row_account", enrolment_row.c.station_id, enrolment_row.c.account_id)


def _account_columns(row: JsonRow, _context: Context) -> JsonRow:
    return {
        "login": login_key(str(row.get("login") or "")),
        "active": bool(row.get("active")),
        "scope_idx": row.get("scope_i") or 0,
    }


def _enrolment_columns(row: JsonRow, _context: Context) -> JsonRow:
    return {"account_id": row.get("account"), "state": row.get("state") or ""}


ACCOUNT = Projection("account", account, _account_columns)
ENROLMENT = Projection("enrolment", enrolment_row, _enrolment_columns)

account_secret = Table(
    "account_secret",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("account_id", String(36), nullable=False),
    Column("password_hash", Text),
    Column("changed_at", String(24), nullable=False),
    PrimaryKeyConstraint("station_id", "account_id"),
)

session = Table(
    "session",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("account_id", String(36), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("expires_at", String(24), nullable=False),
    Column("ended_at", String(24)),
    PrimaryKeyConstraint("station_id", "token_hash"),
)
Index("ix_session_token", session.c.token_hash)
Index("ix_session_account", session.c.station_id, session.c.account_id)

one_time_link = Table(
    "one_time_link",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("account_id", String(36), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("expires_at", String(24), nullable=False),
    Column("used_at", String(24)),
    Column("created_by", String(36)),
    PrimaryKeyConstraint("station_id", "token_hash"),
)
Index("ix_one_time_link_account", one_time_link.c.station_id, one_time_link.c.account_id)

enrolment = Table(
    "enrolment",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("enrolment_id", String(36), nullable=False),
    Column("account_id", String(36), nullable=False),
    Column("public_key", String(120), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("label", String(60), nullable=False, default=""),
    Column("claimed_at", String(24), nullable=False),
    Column("last_seen_at", String(24)),
    Column("n_announced", BigInteger, nullable=False, default=0),
    Column("n_received", BigInteger, nullable=False, default=0),
    Column("acknowledged_idx", Integer, nullable=False, default=0),
    Column("revoked_at", String(24)),
    Column("app", String(40)),
    PrimaryKeyConstraint("station_id", "enrolment_id"),
)
Index("ix_enrolment_token", enrolment.c.token_hash)
Index("ix_enrolment_account", enrolment.c.station_id, enrolment.c.account_id)

enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("code_hash", String(64), nullable=False),
    Column("account_id", String(36), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("expires_at", String(24), nullable=False),
    Column("created_by", String(36)),
    Column("used_at", String(24)),
    Column("enrolment_id", String(36)),
    PrimaryKeyConstraint("station_id", "code_hash"),
)

login_attempt = Table(
    "login_attempt",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("source", String(120), nullable=False),  # a login or an address, hashed
    Column("failures", Integer, nullable=False, default=0),
    Column("last_at", String(24), nullable=False),
    Column("next_at", String(24)),
    PrimaryKeyConstraint("station_id", "source"),
)

access_log = Table(
    "access_log",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("entry_id", String(36), nullable=False),
    Column("at", String(24), nullable=False),
    Column("account_id", String(36)),
    Column("action", String(40), nullable=False),
    Column("subject_id", String(36)),
    Column("field", String(60)),
    Column("reason", String(200)),
    PrimaryKeyConstraint("station_id", "entry_id"),
)
