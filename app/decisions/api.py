"""POST /decisions: every change at the desk, as facts the server writes in the account's name."""

from __future__ import annotations

from typing import Any

from app.auth.masking import masked
from app.decisions.decide import decide
from app.decisions.schema import DecisionAnswer, DecisionRequest
from app.http import Call, Routes
from app.ledger.incoming import DeskFact
from sync.limits import CHECKLIST_FACT_BYTES_MAX

routes = Routes("decisions")
DECISION_BYTES_MAX = 2 * CHECKLIST_FACT_BYTES_MAX


@routes.route(
    "/decisions",
    methods=["POST"],
    auth="desk",
    body=DecisionRequest,
    answers=DecisionAnswer,
    write=True,
    limit_bytes=DECISION_BYTES_MAX,
    summary="Decide: up to 200 facts in one transaction, all or none",
)
def decisions(call: Call) -> dict[str, Any]:
    facts = [
        DeskFact(
            id=sent["id"],
            kind=sent["kind"],
            subject=sent["subject"],
            body=sent["body"],
            after=sent["after"],
            private=sent["private"],
            photos=sent["photos"],
        )
        for sent in call.body["facts"]
    ]
    rows = decide(call.connection, call.who, facts, now=call.now)
    return {"rows": [masked(row) for row in rows.values()]}
