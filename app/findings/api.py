"""What did not check, for the people who answer for the station; and phones that say so.

A phone's report is kept with what the station once signed for it: whoever changed the record can
not say afterwards that the phone made it up. It must not decide who is right.
"""

from __future__ import annotations

from typing import Any

from app.actor import CHIEF_OR_ADMIN
from app.findings import store
from app.findings.schema import Doubt, Findings, FindingSeen, Noted
from app.http import Answer, Call, Routes
from app.keys import signature_fits
from app.ledger.head import head_text
from app.ledger.signed import RECEIPT_PREFIX
from app.problems import ProblemError

routes = Routes("findings")
REPORT_BYTES_MAX = 160 * 1024


@routes.route(
    "/sync/doubts",
    methods=["POST"],
    auth="phone",
    body=Doubt,
    answers=Noted,
    write=True,
    revoked_ok=True,
    limit_bytes=REPORT_BYTES_MAX,
    summary="A phone's alarm: the log is not the one it was shown before",
)
def post_doubt(call: Call) -> Answer:
    """One finding for each phone, until it says that the log it knew is back."""
    enrolment = call.who.enrolment_id or ""
    if call.body["kind"] == "settled":
        store.end(call.connection, call.station_id, "log", [enrolment], now=call.now)
        return Answer({"noted": True})
    kept = call.body["kept"]
    detail = {
        **call.body,
        "account": call.who.account_id,
        "label": store.phone_label(call.connection, call.station_id, enrolment),
        "proven": kept is not None and _vouched(call, kept),
    }
    store.note(call.connection, call.station_id, "log", enrolment, detail, now=call.now)
    return Answer({"noted": True})


def _vouched(call: Call, kept: dict[str, Any]) -> bool:
    """Whether the station itself once signed what the phone kept."""
    text = RECEIPT_PREFIX + kept["text"]
    if not kept["text"]:
        text = head_text(
            call.station_id,
            epoch=kept["epoch"],
            size=kept["size"],
            root=kept["root"],
            time=kept["time"],
        )
    return signature_fits(call.services.signer.public_key, text.encode(), kept["signature"])


@routes.route(
    "/findings",
    auth="desk",
    roles=CHIEF_OR_ADMIN,
    answers=Findings,
    write=False,
    summary="What did not check and is still open, newest first",
)
def get_findings(call: Call) -> dict[str, Any]:
    return store.list_open(call.connection, call.station_id)


@routes.route(
    "/findings/seen",
    methods=["POST"],
    auth="desk",
    roles=CHIEF_OR_ADMIN,
    body=FindingSeen,
    answers=Noted,
    write=True,
    summary="Say that a finding was read",
)
def post_seen(call: Call) -> Answer:
    seen = store.mark_seen(
        call.connection,
        call.station_id,
        call.body["kind"],
        call.body["about"],
        by=call.who.account_id,
        now=call.now,
    )
    if not seen:
        raise ProblemError("not-found")
    return Answer({"noted": True})
