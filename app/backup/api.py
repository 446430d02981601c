"""After a restore: phones hand back what they pulled, the desk reads what is still missing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.backup.named import read_history
from app.backup.pulled import Pulled, read_pulled
from app.backup.report import read_report
from app.backup.returning import take_back
from app.backup.schema import PulledTaken, RestoreReport
from app.backup.words import words_of
from app.bodies import inflate, shown_size
from app.disk import refuse_when_full
from app.http import Call, Routes
from app.ledger.head import read_station
from app.metrics import count
from app.problems import ProblemError
from sync.limits import BATCH_BYTES_MAX

routes = Routes("backup")

CHIEF_OR_ADMIN = frozenset({"chief", "admin"})


def _read(call: Call) -> Pulled:
    """Inflated and checked before the transaction: one signature for each page."""
    refuse_when_full(call.services.settings)
    encoding = call.request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("gzip", "identity"):
        raise ProblemError("not-acceptable-encoding")
    body = call.body
    if encoding == "gzip":
        body = inflate(body, limit_bytes=BATCH_BYTES_MAX)
    if len(body) > BATCH_BYTES_MAX:
        raise ProblemError("too-large", limit=shown_size(BATCH_BYTES_MAX))
    with call.services.database.read() as connection:
        station = read_station(connection, call.station_id)
    if station is None:
        raise ProblemError("not-ready")
    key = call.services.signer.public_key
    return read_pulled(
        body, station_id=station.id, epoch=station.epoch, server_key=key,
        opener=call.services.rescue_key,
    )  # fmt: skip


@routes.route(
    "/sync/pulled",
    methods=["POST"],
    auth="phone",
    body="raw",
    write=True,
    prepare=_read,
    limit_bytes=BATCH_BYTES_MAX,
    digest=True,
    revoked_ok=True,  # the station's own signature speaks, not the phone
    answers=PulledTaken,
    summary="After a restore: facts, heads and receipts of the log that was lost",
)
def post_pulled(call: Call) -> dict[str, Any]:
    """Repeating it changes nothing."""
    pulled: Pulled = call.prepared
    taken = take_back(
        call.connection,
        call.station_id,
        pulled,
        enrolment_id=call.who.enrolment_id or "",
        now=call.now,
    )
    count("facts_returned", taken.new)
    return {"taken": taken.new, "known": taken.known, "refused": pulled.refused}


@routes.route(
    "/restores",
    auth="desk",
    roles=CHIEF_OR_ADMIN,
    write=False,
    answers=RestoreReport,
    summary="What was restored and what is known to be missing since",
)
def get_restores(call: Call) -> dict[str, Any]:
    """Read anew each time: it shrinks as phones come by."""
    station = read_station(call.connection, call.station_id)
    if station is None:
        raise ProblemError("not-ready")
    report = read_report(call.connection, station)
    english = call.request.accept_languages.best_match(["zh", "en"], default="zh") == "en"
    return {
        "restored": report is not None,
        "complete": report is None or report.complete,
        "text": words_of(report, english=english),
        "report": None if report is None else {**asdict(report), "lost": report.lost},
        "history": read_history(call.connection, station),
    }
