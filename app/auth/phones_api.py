"""Phones over HTTP: codes handed out, claims with proof of the key, the list, revocation.

Opening a link claims nothing; a claim is repeatable by the same key, so that a lost reply costs
nothing. A revoked phone is not locked out: what it still brings goes to quarantine.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.auth import enrolment_store, store
from app.auth.api import DESK, delayed, refuse_while_delayed, station_view
from app.auth.delays import CLAIM_FAILURES_FREE, after_failure, wait_seconds
from app.auth.enrolment_store import Code
from app.auth.links import enrolment_url, new_enrolment_code
from app.auth.masking import masked
from app.auth.returned import account_closed
from app.auth.rules import account_view, may_manage, missing_numbers
from app.auth.schema import (
    ClaimedView,
    ClaimSchema,
    CodeView,
    EnrolmentSchema,
    PhonesView,
    PhoneView,
)
from app.auth.sheet import CSP, qr_svg, sheet_html
from app.auth.statements import Statement, signed_statement
from app.auth.tokens import hash_code, hash_token, new_token, read_code, shown_code
from app.clock import instant, parse_instant
from app.db import run
from app.http import Answer, Call, Routes
from app.keys import load_public_key, signature_fits
from app.ledger.append import append
from app.ledger.grants import account_grants
from app.ledger.head import current_head
from app.ledger.incoming import DeskFact, Sender, desk_author, desk_incoming, server_sender
from app.problems import ProblemError
from app.rescue_key import rescue_key_view
from app.settled import settled_problem
from sync.grants import ROLE_GRACE, Granted, unheard_losses

routes = Routes("phones")

CLAIM_PURPOSE = "grid-inspector/claim/1\n"
SALT_BYTES = 16
NO_OLD_ROLES: dict[str, Any] = {"old_roles": [], "old_roles_until": None}


# --- codes --------------------------------------------------------------------------------------


def _manageable(call: Call, account_id: str) -> dict[str, Any]:
    """The account, if this caller may hand out phones for it."""
    row = store.find_account(call.connection, call.station_id, account_id)
    if row is None:
        raise ProblemError("not-found")
    if not may_manage(call.who.roles, frozenset(row.get("roles") or ())):
        raise ProblemError("role-needed", role="管理员")
    return row


@routes.route(
    "/enrolments",
    methods=["POST"],
    auth="desk",
    roles=DESK,
    body=EnrolmentSchema,
    write=True,
    answers=CodeView,
    summary="A code with which one phone is enrolled for an account.",
)
def make_code(call: Call) -> dict[str, Any]:
    """Shown once: only its hash is kept."""
    account_id = str(call.body["account"])
    if not _manageable(call, account_id).get("active"):
        raise ProblemError("account-inactive")
    made = new_enrolment_code(
        call.connection,
        call.station_id,
        account_id,
        public_url=call.services.settings.public_url,
        now=call.now,
        hours=call.services.settings.enrolment_code_h,
        created_by=call.who.account_id,
    )
    return {
        "code": made.code,
        "url": made.url,
        "qr_svg": qr_svg(made.url),
        "expires_at": instant(made.expires_at),
    }


@routes.route(
    "/enrolments/<code>/sheet",
    auth="desk",
    roles=DESK,
    write=False,
    summary="The enrolment sheet to print: QR code, code and steps on one A4 page.",
)
def sheet(call: Call) -> Answer:
    """Only for a code that can still be claimed, by somebody who may hand it out."""
    code = read_code(call.path["code"])
    found = code and enrolment_store.find_code(
        call.connection, call.station_id, hash_code(code, call.station_id)
    )
    if not code or not found:
        raise ProblemError("code-unknown")
    account = _manageable(call, found.account_id)
    _refuse_spent(found, call.now)
    station = station_view(call.connection, call.station_id)
    until = parse_instant(found.expires_at).astimezone(ZoneInfo(station["timezone"]))
    origin = call.services.settings.public_url
    page = sheet_html(
        station=station["name"],
        person=str(account.get("name") or account.get("login") or ""),
        code=shown_code(code),
        url=enrolment_url(origin, code),
        origin=origin,
        until=f"{until.month} 月 {until.day} 日 {until.hour:02d}:{until.minute:02d} ",
    )
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": CSP}
    return Answer(page.encode("utf-8"), headers=headers)


def _refuse_spent(code: Code, now: datetime) -> None:
    if code.enrolment_id is not None:
        raise ProblemError("code-used")
    if parse_instant(code.expires_at) <= now:
        raise ProblemError("code-expired")


# --- claims -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim whose proof fits its key; `code_hash` is None for what can be no code."""

    code_hash: str | None
    public_key: str
    label: str
    source: str


def _read_claim(call: Call) -> Claim:
    """The slow parts, before the transaction: the proof of the key, the hash of the code."""
    source = "claim:" + hash_token(call.request.remote_addr or "")
    with call.services.database.read() as connection:
        refuse_while_delayed(call, connection, [source])
    body = call.body
    if load_public_key(body["public_key"]) is None or not _proof_fits(body):
        raise ProblemError("proof-mismatch")
    code = read_code(body["code"])
    code_hash = hash_code(code, call.station_id) if code else None
    return Claim(code_hash, body["public_key"], body["label"].strip(), source)


def _proof_fits(body: dict[str, Any]) -> bool:
    """The phone signs the code as it was typed; what separates its groups does not matter."""
    spelled = "".join(body["code"].upper().split()).replace("-", "")
    message = f"{CLAIM_PURPOSE}{spelled}\n{body['public_key']}"
    return signature_fits(body["public_key"], message.encode(), body["proof"])


@routes.route(
    "/enrolments/claim",
    methods=["POST"],
    auth="none",
    body=ClaimSchema,
    write=True,
    prepare=_read_claim,
    answers=ClaimedView,
    summary="Enrol this phone with a code, proving that it holds its key.",
)
def claim(call: Call) -> Answer | dict[str, Any]:
    """Exactly one phone wins a code; the winner may ask again."""
    wanted: Claim = call.prepared
    attempts = store.lock_attempts(call.connection, call.station_id, wanted.source, call.now)
    wait_s = wait_seconds(attempts, call.now)
    if wait_s:
        raise delayed(wait_s)
    code = wanted.code_hash and enrolment_store.find_code(
        call.connection, call.station_id, wanted.code_hash
    )
    if not code or not wanted.code_hash:
        after = after_failure(attempts, call.now, free=CLAIM_FAILURES_FREE)
        store.write_attempts(call.connection, call.station_id, wanted.source, after, now=call.now)
        return settled_problem(call.request, "code-unknown")
    if code.enrolment_id is None:
        _refuse_spent(code, call.now)
        return _claim_fresh(call, wanted, code, wanted.code_hash)
    return _claim_again(call, wanted, code)


def _claim_fresh(call: Call, wanted: Claim, code: Code, code_hash: str) -> dict[str, Any]:
    row = store.find_account(call.connection, call.station_id, code.account_id) or {}
    if not row.get("active"):
        raise ProblemError("account-inactive")
    enrolment_id, token = call.services.ids(), new_token()
    if not enrolment_store.take_code(
        call.connection, call.station_id, code_hash, enrolment_id=enrolment_id, now=call.now
    ):
        # Another phone, or this one's first try, was faster by a moment.
        taken = enrolment_store.find_code(call.connection, call.station_id, code_hash)
        assert taken is not None
        return _claim_again(call, wanted, taken)
    enrolment_store.add_enrolment(
        call.connection,
        call.station_id,
        enrolment_id,
        account_id=code.account_id,
        public_key=wanted.public_key,
        token_hash=token.hash,
        label=wanted.label,
        now=call.now,
    )
    body = {
        "account": code.account_id,
        "state": "claimed",
        "label": wanted.label,
        "public_key": wanted.public_key,
    }
    # In the name of whoever handed the code out: an enrolment is their decision, carried out here.
    author_id = code.created_by or code.account_id
    record(call, enrolment_id, body, sender=server_sender(author_id), author_id=author_id)
    return claimed(call, enrolment_id, code.account_id, token.text)


def _claim_again(call: Call, wanted: Claim, code: Code) -> dict[str, Any]:
    """The reply was lost: the phone that holds the same key gets a fresh token."""
    if code.public_key != wanted.public_key or code.revoked or code.enrolment_id is None:
        raise ProblemError("code-used")
    token = new_token()
    enrolment_store.renew_token(
        call.connection, call.station_id, code.enrolment_id, token_hash=token.hash, now=call.now
    )
    return claimed(call, code.enrolment_id, code.account_id, token.text)


def claimed(call: Call, enrolment_id: str, account_id: str, token: str) -> dict[str, Any]:
    """What a phone keeps of its enrolment (`ClaimedView`); the token is told this once."""
    row = store.find_account(call.connection, call.station_id, account_id) or {}
    head = current_head(call.connection, call.station_id, call.services.signer, call.now)
    return {
        "enrolment": enrolment_id,
        "token": token,
        "account": masked(account_view(row)),
        "station": station_view(call.connection, call.station_id),
        "server_key": call.services.signer.public_key,
        "epoch": head["epoch"],
        "time": instant(call.now),
        "head": head,
        "rescue_key": rescue_key_view(call.services, call.station_id),
        "statement": _statement(call, enrolment_id, account_id, head["epoch"]),
    }


def _statement(call: Call, enrolment_id: str, account_id: str, epoch: int) -> dict[str, str]:
    """With it the phone is known again, should the station ever be restored from before now."""
    phone = enrolment_store.find_enrolment(call.connection, call.station_id, enrolment_id)
    assert phone is not None
    statement = Statement(
        enrolment=enrolment_id,
        account=account_id,
        station=call.station_id,
        public_key=phone["public_key"],
        label=phone["label"],
        epoch=epoch,
        time=phone["claimed_at"],
        kept=account_closed(
            call.connection, call.services.rescue_key, call.station_id, account_id, epoch=epoch
        ),
    )
    return signed_statement(call.services.signer, statement)


def record(
    call: Call, enrolment_id: str, body: dict[str, Any], *, sender: Sender, author_id: str
) -> None:
    """The enrolment as a fact, so that the ledger tells who could hand over work, and when."""
    fact = DeskFact(
        id=call.services.ids(),
        kind="enrolment.set",
        subject=enrolment_id,
        body=body,
        after=_heads(call.connection, call.station_id, enrolment_id),
    )
    incoming = desk_incoming(
        [fact],
        station_id=call.station_id,
        author_id=author_id,
        now=call.now,
        salts=[secrets.token_hex(SALT_BYTES)],
    )
    append(call.connection, call.station_id, incoming, sender, now=call.now)


def _heads(connection: Connection, station_id: str, enrolment_id: str) -> list[str]:
    found = run(
        connection,
        "SELECT row FROM enrolment_row WHERE station_id = ? AND id = ?",
        (station_id, enrolment_id),
    )
    return list(json.loads(found[0][0]).get("heads") or ()) if found else []


# --- the list -----------------------------------------------------------------------------------


@routes.route(
    "/enrolments",
    auth="desk",
    roles=DESK,
    write=False,
    answers=PhonesView,
    summary="Every phone: whose it is, when it was last in touch, what it still holds.",
)
def list_phones(call: Call) -> dict[str, Any]:
    """Phones in use first; then the codes that wait for a phone."""
    accounts = {
        row["id"]: str(row.get("name") or row.get("login") or "")
        for row in store.list_accounts(call.connection, call.station_id)
    }
    phones = enrolment_store.list_enrolments(call.connection, call.station_id)
    codes = enrolment_store.open_codes(call.connection, call.station_id, call.now)
    held = account_grants(call.connection, call.station_id, accounts)
    return {
        "items": [
            {**_phone_view(phone, accounts), **_old_roles(phone, held, call.now)}
            for phone in phones
        ],
        "codes": [{**code, "account_name": accounts.get(code["account"], "")} for code in codes],
    }


def _phone_view(phone: dict[str, Any], accounts: dict[str, str]) -> dict[str, Any]:
    return {
        "enrolment": phone["enrolment_id"],
        "account": phone["account_id"],
        "account_name": accounts.get(phone["account_id"], ""),
        "label": phone["label"],
        "claimed_at": phone["claimed_at"],
        "last_seen_at": phone["last_seen_at"],
        "n_announced": phone["n_announced"],
        "n_received": phone["n_received"],
        "missing": missing_numbers(phone["n_announced"], phone["n_received"]),
        "app": phone["app"],
        "revoked_at": phone["revoked_at"],
    }


def _old_roles(
    phone: dict[str, Any], held: Mapping[str, Sequence[Granted]], now: datetime
) -> dict[str, Any]:
    """Roles taken from the account that this phone has not heard of, and until when they count."""
    if phone["revoked_at"] is not None:
        return NO_OLD_ROLES
    grants = held.get(phone["account_id"], ())
    lost = unheard_losses(grants, phone["acknowledged_idx"], now)
    lost = {role: until for role, until in lost.items() if _could_know(phone, until)}
    return {
        "old_roles": sorted(lost),
        "old_roles_until": instant(max(lost.values())) if lost else None,
    }


def _could_know(phone: dict[str, Any], until: datetime) -> bool:
    """A phone enrolled after the role was taken away never knew of it."""
    return parse_instant(phone["claimed_at"]) <= until - ROLE_GRACE


@routes.route(
    "/enrolments/<enrolment_id>/revocation",
    methods=["POST"],
    auth="desk",
    roles=DESK,
    write=True,
    answers=PhoneView,
    summary="Stop trusting a phone: what it still brings goes to quarantine, never into the void.",
)
def revoke_phone(call: Call) -> dict[str, Any]:
    """Doing it twice changes nothing."""
    enrolment_id = call.path["enrolment_id"]
    phone = enrolment_store.find_enrolment(call.connection, call.station_id, enrolment_id)
    if phone is None:
        raise ProblemError("not-found")
    _manageable(call, phone["account_id"])
    if enrolment_store.revoke(call.connection, call.station_id, enrolment_id, now=call.now):
        body = {
            "account": phone["account_id"],
            "state": "revoked",
            "label": phone["label"],
            "public_key": phone["public_key"],
        }
        who = call.who
        # A chief may revoke, although the kind belongs to the admin: the route has checked it.
        sender = Sender(desk_author(who.account_id, who.roles | {"admin"}), whole=True)
        record(call, enrolment_id, body, sender=sender, author_id=who.account_id)
    again = enrolment_store.find_enrolment(call.connection, call.station_id, enrolment_id)
    return {**_phone_view(again or phone, {}), **NO_OLD_ROLES}
