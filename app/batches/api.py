"""A phone hands over a batch and gets its receipt; it asks for a receipt whose answer was lost.

Reading, checking and the signature happen before the writer's gate; the rest is one transaction. It
must not know how a fact is judged or folded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from app.batches import changes, store
from app.batches.acknowledged import acknowledged_index
from app.batches.envelope import Prepared, prepare_batch
from app.batches.store import EnrolmentState, Signed, StoredBatch
from app.bodies import inflate, shown_size
from app.clock import instant
from app.disk import refuse_when_full
from app.http import Answer, Call, Routes
from app.ledger.append import Appended, append
from app.ledger.early import Early, judge_early
from app.ledger.incoming import Sender
from app.ledger.signed import RECEIPT_PREFIX
from app.metrics import count
from app.problems import ProblemError
from sync.admission import Author
from sync.limits import BATCH_BYTES_MAX, INTEGER_MAX

routes = Routes("batches")


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch with everything that could be worked out before the writer's gate."""

    prepared: Prepared
    sender: Sender
    early: Early
    known: bool  # it was here before: its receipt is asked for again
    carried: bool = False  # brought in a file by somebody else (app/rescue), not by its own phone


def read_request(call: Call) -> Batch:
    """The batch in the request, read and judged before any transaction."""
    return judged(call, _read(call))


def judged(call: Call, prepared: Prepared, *, carried: bool = False) -> Batch:
    """What can be said of a batch before the gate; `call.actor` is the phone it is from."""
    with call.services.database.read() as connection:
        acknowledged = acknowledged_index(connection, call.station_id, prepared.envelope)
        sender = _sender(call, prepared, acknowledged)
        known = store.find_batches(connection, call.station_id, prepared.envelope.batch)
        if known:  # a lost reply is being repeated: there is nothing to judge
            return Batch(prepared, sender, Early(), known=True, carried=carried)
        sender = _knowing_earlier(connection, call.station_id, sender, prepared)
    early = judge_early(prepared.incoming, sender.author, call.station_id)
    return Batch(prepared, sender, early, known=False, carried=carried)


def _read(call: Call) -> Prepared:
    refuse_when_full(call.services.settings)
    encoding = call.request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("gzip", "identity"):
        raise ProblemError("not-acceptable-encoding")
    body = call.body
    if encoding == "gzip":
        body = inflate(body, limit_bytes=BATCH_BYTES_MAX)
    if len(body) > BATCH_BYTES_MAX:
        raise ProblemError("too-large", limit=shown_size(BATCH_BYTES_MAX))
    prepared = prepare_batch(body, station_id=call.station_id, public_key=call.who.public_key or "")
    if prepared.envelope.enrolment != call.who.enrolment_id:
        raise ProblemError("wrong-enrolment")
    return prepared


@routes.route(
    "/sync/batches",
    methods=["POST"],
    auth="phone",
    body="raw",
    write=True,
    prepare=read_request,
    limit_bytes=BATCH_BYTES_MAX,
    digest=True,
    revoked_ok=True,
    summary="Hand over facts; the answer is a signed receipt",
)
def post_batch(call: Call) -> Answer:
    """The same batch again gets the same receipt; other facts under its id are refused whole."""
    batch: Batch = call.prepared
    prepared = batch.prepared
    answer = take(call, batch)
    photos = {
        named["sha256"]
        for each in prepared.incoming
        if each.fact is not None
        for named in each.fact.photos
    }
    return Answer(_body(call, answer, photos))


def take(call: Call, batch: Batch) -> StoredBatch:
    """The receipt of a batch, taken into the ledger unless it is there; `call.actor` as above."""
    return (_answered(call, batch.prepared) if batch.known else None) or _take(call, batch)


def _answered(call: Call, prepared: Prepared) -> StoredBatch | None:
    """The answer this batch already got, if any."""
    found = store.find_batches(call.connection, call.station_id, prepared.envelope.batch)
    for answer in found:
        if answer.manifest == prepared.manifest:
            return answer
    if found:
        raise ProblemError("batch-id-reused")
    return None


def _take(call: Call, batch: Batch) -> StoredBatch:
    prepared = batch.prepared
    appended = append(
        call.connection,
        call.station_id,
        prepared.incoming,
        batch.sender,
        now=call.now,
        early=batch.early,
        quarantine_lines_per_day_max=call.services.settings.quarantine_lines_per_day_max,
    )
    # A rival delivery of this batch may have been ahead of us at the station's lock.
    earlier = _answered(call, prepared)
    if earlier is not None:
        return earlier
    if prepared.signature_ok or not batch.carried:  # else nobody knows whose numbers they are
        _note_numbers(call, batch)
    answer = _receipt(call, prepared, appended)
    store.save_batch(
        call.connection,
        station_id=call.station_id,
        batch_id=prepared.envelope.batch,
        answer=answer,
        received_at=instant(call.now),
        fact_count=len(prepared.incoming),
        signed=_signed(prepared, appended),
    )
    _count(appended)
    return answer


def _signed(prepared: Prepared, appended: Appended) -> Signed:
    """What the phone signed; where lines were here before, the log does not give their order."""
    envelope, outcomes = prepared.envelope, appended.outcomes
    in_order = all(each.new for each in outcomes) and len(
        {each.sha256 for each in outcomes}
    ) == len(outcomes)
    hashes = None if in_order else [each.sha256 for each in prepared.incoming]
    return Signed(envelope.sent_at, envelope.n_max, prepared.signature, hashes)


def _sender(call: Call, prepared: Prepared, acknowledged: int | None) -> Sender:
    actor = call.who
    author = Author(
        account=actor.account_id,
        enrolment=actor.enrolment_id,
        revoked=actor.revoked,
        signature_ok=prepared.signature_ok,
        roles=actor.roles,
        roles_acknowledged=actor.roles,
        areas=actor.areas,
    )
    return Sender(
        author,
        whole=actor.whole,
        batch_id=prepared.envelope.batch,
        acknowledged_idx=acknowledged,
    )


def _knowing_earlier(
    connection: Connection, station_id: str, sender: Sender, prepared: Prepared
) -> Sender:
    """A phone enrolled anew still holds what it wrote before: under which enrolments of its own."""
    author = sender.author
    if all(
        each.fact is None
        or each.fact.enrolment in (None, author.enrolment)
        or each.fact.author != author.account
        for each in prepared.incoming
    ):
        return sender
    trusted, revoked = store.earlier_enrolments(
        connection, station_id, author.account, author.enrolment or ""
    )
    return replace(sender, author=replace(author, earlier=trusted, earlier_revoked=revoked))


def _note_numbers(call: Call, batch: Batch) -> None:
    """Follow the phone's own numbering, so that a hole or an unsent tail is known (I15)."""
    prepared = batch.prepared
    store.follow_earlier(call.connection, call.station_id, _highest_earlier(batch))
    enrolment = prepared.envelope.enrolment
    before = store.enrolment_state(call.connection, call.station_id, enrolment)
    now = EnrolmentState(
        n_announced=max(before.n_announced, prepared.envelope.n_max),
        n_received=store.contiguous_from(
            call.connection, call.station_id, enrolment, before.n_received
        ),
        # An older cursor, kept back or repeated, must not bring a lost role back (judge.py).
        acknowledged_idx=max(batch.sender.acknowledged_idx or 0, before.acknowledged_idx),
    )
    store.note_contact(
        call.connection,
        call.station_id,
        enrolment,
        now,
        app=prepared.envelope.app,
        seen_at=instant(call.now),
    )


def _highest_earlier(batch: Batch) -> dict[str, int]:
    """The highest number that came under each earlier enrolment."""
    author, highest = batch.sender.author, dict[str, int]()
    for each in batch.prepared.incoming:
        if each.fact is None or each.fact.n is None or each.fact.n > INTEGER_MAX:
            continue
        enrolment = author.numbering(each.fact)
        if enrolment is not None and enrolment != author.enrolment:
            highest[enrolment] = max(each.fact.n, highest.get(enrolment, 0))
    return highest


def _receipt(call: Call, prepared: Prepared, appended: Appended) -> StoredBatch:
    exceptions: list[list[object]] = [
        [position, outcome.verdict]
        for position, outcome in enumerate(appended.outcomes)
        if outcome.verdict != "admitted"
    ]
    text = store.receipt_text(
        batch_id=prepared.envelope.batch,
        station_id=call.station_id,
        enrolment_id=prepared.envelope.enrolment,
        manifest=prepared.manifest,
        count=len(prepared.incoming),
        exceptions=exceptions,
        time=instant(call.now),
        epoch=appended.station.epoch,
        size=appended.size,
        root=appended.root,
        backed_up=store.backed_up_to(call.connection, call.station_id),
        backoff_s=call.services.settings.backoff_s,
    )
    signature = call.services.signer.sign((RECEIPT_PREFIX + text).encode())
    return StoredBatch(prepared.manifest, prepared.envelope.enrolment, text, signature)


def _body(call: Call, answer: StoredBatch, photos: set[str]) -> dict[str, object]:
    return {
        "receipt": answer.receipt,
        "signature": answer.signature,
        "photos": store.photo_progress(call.connection, call.station_id, photos),
        "revoked": call.who.revoked,
    }


def _count(appended: Appended) -> None:
    new = [outcome for outcome in appended.outcomes if outcome.new]
    count("facts_stored", len(new))
    count("facts_duplicate", len(appended.outcomes) - len(new))
    count("facts_quarantined", sum(1 for each in new if each.verdict.startswith("quarantined")))


@routes.route(
    "/sync/receipts/<batch>",
    auth="phone",
    write=False,
    revoked_ok=True,
    summary="The receipt of a batch whose answer was lost",
)
def get_receipt(call: Call) -> Answer:
    """Only the enrolment that handed the batch over gets its receipt."""
    batch_id, enrolment = call.path["batch"], call.who.enrolment_id
    found = store.find_batches(call.connection, call.station_id, batch_id)
    answer = next((each for each in found if each.enrolment_id == enrolment), None)
    if answer is None or enrolment is None:
        raise ProblemError("receipt-unknown")
    photos = store.photos_of_batch(call.connection, call.station_id, call.who.account_id, batch_id)
    return Answer(_body(call, answer, photos))


changes.declare(routes)
