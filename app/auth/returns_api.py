"""After a restore: a phone the station no longer knows comes back by the station's own signature.

Also with an account that was made after the backup: its facts lie closed in the phone's statement.
It must not enrol anybody whom the ledger says was switched off.
"""

from __future__ import annotations

from typing import Any

from app.auth import enrolment_store, store
from app.auth.phones_api import claimed, record, routes
from app.auth.returned import switched_off
from app.auth.schema import ClaimedView, ReturnSchema
from app.auth.statements import Statement, read_statement
from app.auth.tokens import new_token
from app.backup.returning import take_back_account
from app.batches.numbers import follow_enrolments
from app.clock import parse_instant
from app.http import Call
from app.ledger.entrusted import open_kept
from app.ledger.head import read_station
from app.ledger.incoming import server_sender
from app.problems import ProblemError


def _read_return(call: Call) -> Statement:
    body = call.body
    statement = read_statement(
        body["statement"],
        signature=body["signature"],
        proof=body["proof"],
        server_key=call.services.signer.public_key,
    )
    if statement is None or statement.station != call.station_id:
        raise ProblemError("statement-mismatch")
    return statement


@routes.route(
    "/enrolments/return",
    methods=["POST"],
    auth="none",
    body=ReturnSchema,
    write=True,
    prepare=_read_return,
    answers=ClaimedView,
    summary="After a restore: a phone the station no longer knows, by the station's own signature.",
)
def return_phone(call: Call) -> dict[str, Any]:
    """Repeatable: a phone that is known gets a fresh token, one that was revoked none."""
    statement: Statement = call.prepared
    station = read_station(call.connection, call.station_id)
    if station is None:
        raise ProblemError("not-ready")
    if call.body["within"] not in (None, station.epoch):
        # Restored twice while a phone tells of its enrolments: the older ones would come after.
        raise ProblemError("epoch-changed")
    known = enrolment_store.find_enrolment(call.connection, call.station_id, statement.enrolment)
    revoked = known is not None and known["revoked_at"] is not None
    if revoked or switched_off(call.connection, call.station_id, statement.enrolment):
        raise ProblemError("enrolment-revoked")
    token = new_token()
    if known is None:
        if statement.epoch == station.epoch:
            raise ProblemError("no-restore")
        _enrol_again(call, statement, token.hash)
    else:
        enrolment_store.renew_token(
            call.connection, call.station_id, statement.enrolment, token_hash=token.hash,
            now=call.now,
        )  # fmt: skip
    return claimed(call, statement.enrolment, statement.account, token.text)


def _enrol_again(call: Call, statement: Statement, token_hash: str) -> None:
    """Under its old id: what it wrote, and what others bring back of it, counts as its own."""
    row = store.find_account(call.connection, call.station_id, statement.account)
    if row is None:
        row = _account_back(call, statement)
    if not row.get("active"):
        raise ProblemError("account-inactive")
    enrolment_store.add_enrolment(
        call.connection,
        call.station_id,
        statement.enrolment,
        account_id=statement.account,
        public_key=statement.public_key,
        token_hash=token_hash,
        label=statement.label,
        now=parse_instant(statement.time),
    )
    body = {
        "account": statement.account,
        "state": "claimed",
        "label": statement.label,
        "public_key": statement.public_key,
    }
    author_id = statement.account
    record(call, statement.enrolment, body, sender=server_sender(author_id), author_id=author_id)
    follow_enrolments(call.connection, call.station_id, {statement.enrolment: 0})


def _account_back(call: Call, statement: Statement) -> dict[str, Any]:
    """An account made after the backup, as it stood when this phone was enrolled."""
    opener = call.services.rescue_key
    opened = open_kept(opener, call.station_id, statement.epoch, statement.kept)
    if opened is not None:
        take_back_account(call.connection, call.station_id, opened, now=call.now)
    row = store.find_account(call.connection, call.station_id, statement.account)
    if row is None:
        raise ProblemError("account-unknown")
    return row
