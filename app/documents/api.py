"""Documents at the desk: one paper as it was left, its numbers, and what may be done about it."""

from __future__ import annotations

from typing import Any

from app.documents.schema import DocumentAnswer
from app.documents.store import read_document
from app.http import Call, Routes
from app.problems import ProblemError

routes = Routes("documents")


@routes.route(
    "/documents/<document_id>",
    auth="desk",
    answers=DocumentAnswer,
    write=False,
    summary="One document as it was left, with the hazards it names and its history",
)
def document(call: Call) -> dict[str, Any]:
    found = read_document(call.connection, call.station_id, call.who, call.path["document_id"])
    if found is None:
        raise ProblemError("not-found")
    return found
