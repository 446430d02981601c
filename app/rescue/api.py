"""A file exported by a phone that cannot upload comes in at the desk: same batch, same keep.

The body is streamed to disk, opened and looked at whole before anything of it is taken; then its
facts go through the phones' own road (app/batches) and its photos through theirs (app/photos). The
same file again changes nothing and gives the same receipts. It must not judge or fold anything.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from app.auth.owners import Owner, phone_of
from app.batches.api import Batch, judged, take
from app.batches.envelope import prepare_batch, read_envelope
from app.bodies import ComingBody
from app.disk import refuse_when_full
from app.folders import meeting_folder
from app.http import Call, Routes
from app.photos import carried
from app.photos.api import store_faults
from app.photos.whole import Whole
from app.problems import ProblemError
from app.rescue import problems as _problems  # noqa: F401 - declares their sentences
from app.rescue.codes import key_code, photo_codes, receipt_code
from app.rescue.contents import Contents, Framed, pieces_of, read_contents
from app.rescue.schema import RescueKeyView, RescueReport
from app.rescue.sealed import Header, Sealed, open_sealed
from app.rescue.store import count_stored
from app.rescue_key import rescue_key_view
from sync.admission import parse_verdict
from sync.limits import RESCUE_FILE_BYTES_MAX
from sync.problems import QUARANTINE_WORDS

routes = Routes("rescue")
MAY_IMPORT = frozenset({"chief", "admin"})
FILE_BYTES_MAX = RESCUE_FILE_BYTES_MAX + 64 * 1024  # header and tags beside the body


@dataclass(slots=True)
class Photos:
    """What became of the photos of one file before the transaction."""

    wholes: dict[str, Whole] = field(default_factory=dict)  # safe where photos belong
    held: list[str] = field(default_factory=list)  # were here already
    waiting: int = 0
    damaged: int = 0
    no_room: int = 0


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that is in order, with its photos' bytes safe; nothing of it counts yet."""

    header: Header
    owner: Owner | None
    batch: Batch | None
    photos: Photos
    from_aside: dict[str, Whole]


def _receive(call: Call) -> Brought:
    refuse_when_full(call.services.settings)
    body: ComingBody = call.body
    with tempfile.TemporaryFile(prefix="gi-rescue-", dir=meeting_folder()) as file:
        for piece in body.pieces():
            file.write(piece)
        sealed = open_sealed(file, station_id=call.station_id, key=call.services.rescue_key)
        contents = read_contents(sealed)
        owner, batch = _read_batch(call, sealed.header, contents)
        with store_faults():
            return _bring(call, sealed, contents, owner, batch)


def _read_batch(
    call: Call, header: Header, contents: Contents
) -> tuple[Owner | None, Batch | None]:
    """The batch in the file, read as its own phone's."""
    if contents.batch is None:
        return None, None
    envelope = read_envelope(contents.batch.partition(b"\n")[0])
    if envelope.batch != header.batch:
        raise ProblemError("rescue-damaged")
    with call.services.database.read() as connection:
        owner = phone_of(connection, call.station_id, envelope.enrolment)
    if owner is None:
        raise ProblemError("rescue-phone-unknown")
    prepared = prepare_batch(
        contents.batch, station_id=call.station_id, public_key=owner.actor.public_key or ""
    )
    return owner, judged(replace(call, actor=owner.actor), prepared, carried=True)


def _bring(
    call: Call, sealed: Sealed, contents: Contents, owner: Owner | None, batch: Batch | None
) -> Brought:
    """Bring the photos' bytes to safety, those of this file and those that came before it."""
    keep, station_id = call.services.photo_store, call.station_id
    named = _named(batch)
    aside = carried.aside(keep, station_id)
    mine = {framed.sha256 for framed in contents.photos}
    with call.services.database.read() as connection:
        known = carried.photos_known(connection, station_id, mine | aside | named)
    held = {sha256 for sha256, row in known.items() if row.held}
    wanted = (known.keys() | named) - held
    carried.forget_aside(keep, station_id, aside & held)
    photos = Photos()
    room = carried.ASIDE_PHOTOS_MAX - len(aside - held)
    for framed in contents.photos:
        _bring_one(call, sealed, framed, photos, held=held, wanted=wanted, room=room)
    from_aside = {
        sha256: whole
        for sha256 in sorted((aside & wanted) - mine)
        if (whole := carried.take_from_aside(keep, station_id, sha256)) is not None
    }
    return Brought(sealed.header, owner, batch, photos, from_aside)


def _bring_one(
    call: Call,
    sealed: Sealed,
    framed: Framed,
    photos: Photos,
    *,
    held: Collection[str],
    wanted: Collection[str],
    room: int,
) -> None:
    keep, sha256 = call.services.photo_store, framed.sha256
    if not framed.fits:
        photos.damaged += 1
    elif sha256 in held:
        photos.held.append(sha256)
    elif sha256 in wanted:
        whole = carried.keep_carried(keep, call.station_id, sha256, pieces_of(sealed, framed))
        assert whole is not None  # its bytes gave this hash a moment ago
        photos.wholes[sha256] = whole
    elif photos.waiting < room:
        carried.set_aside(keep, call.station_id, sha256, pieces_of(sealed, framed))
        photos.waiting += 1
    else:
        photos.no_room += 1


def _named(batch: Batch | None) -> set[str]:
    """The photos that the facts of a batch name."""
    incoming = batch.prepared.incoming if batch else ()
    return {
        named["sha256"] for each in incoming if each.fact is not None for named in each.fact.photos
    }


@routes.route(
    "/rescue/files",
    methods=["POST"],
    auth="desk",
    roles=MAY_IMPORT,
    body="stream",
    limit_bytes=FILE_BYTES_MAX,
    write=True,
    prepare=_receive,
    answers=RescueReport,
    summary="Take in a file exported by a phone (.gibatch); the answer says what it brought",
)
def import_file(call: Call) -> dict[str, Any]:
    """All of the file or nothing; again, it changes nothing and answers the same receipts."""
    brought: Brought = call.prepared
    facts, receipts = _take_facts(call, brought)
    new, known = _hold_photos(call, brought)
    photos = brought.photos
    hashes = [*photos.held, *photos.wholes, *brought.from_aside]
    photo_receipts = carried.receipts(
        call.connection, call.services.signer, call.station_id, hashes
    )
    header = brought.header
    return {
        "export": header.export,
        "part": header.part,
        "parts": header.parts,
        "first": header.first,
        "batch": header.batch,
        "phone": _phone(brought.owner),
        "facts": facts,
        "photos": {
            "new": new,
            "known": known,
            "waiting": photos.waiting,
            "damaged": photos.damaged,
            "no_room": photos.no_room,
        },
        "receipts": receipts,
        "photo_receipts": photo_receipts,
        "qr_svg": receipt_code(receipts),
        "photo_qr_svgs": photo_codes(photo_receipts),
        "rescue_key": rescue_key_view(call.services, call.station_id),
    }


def _take_facts(call: Call, brought: Brought) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the facts of the file came to, and their receipt."""
    if brought.batch is None or brought.owner is None:
        return {"new": 0, "known": 0, "quarantined": []}, []
    incoming = brought.batch.prepared.incoming
    hashes = [each.sha256 for each in incoming]
    known = count_stored(call.connection, call.station_id, set(hashes))
    answer = take(replace(call, actor=brought.owner.actor), brought.batch)
    quarantined = []
    for position, verdict in json.loads(answer.receipt)["exceptions"]:
        reason = parse_verdict(verdict).reason
        if reason is not None:
            fact = incoming[position].fact
            words = QUARANTINE_WORDS.get(reason, ("不能收录，原样保留。", ""))
            quarantined.append({"kind": fact.kind if fact else None, "sentence": words[0]})
    facts = {"new": len(set(hashes)) - known, "known": known, "quarantined": quarantined}
    return facts, [{"receipt": answer.receipt, "signature": answer.signature, "facts": hashes}]


def _hold_photos(call: Call, brought: Brought) -> tuple[int, int]:
    """How many photos of the file are new, how many were here; their facts are logged by now."""
    new, known = 0, len(brought.photos.held)
    for sha256, whole in brought.photos.wholes.items():
        if _hold(call, sha256, whole):
            new += 1
        else:
            known += 1
    for sha256, whole in brought.from_aside.items():
        _hold(call, sha256, whole)
    return new, known


def _hold(call: Call, sha256: str, whole: Whole) -> bool:
    services = call.services
    epoch = carried.hold(
        call.connection, call.station_id, sha256, whole, now=call.now, ids=services.ids
    )
    return epoch is not None


def _phone(owner: Owner | None) -> dict[str, Any] | None:
    if owner is None:
        return None
    return {"enrolment": owner.actor.enrolment_id, "label": owner.label, "account": owner.name}


@routes.route(
    "/rescue/key",
    auth="desk",
    roles=MAY_IMPORT,
    write=False,
    answers=RescueKeyView,
    summary="The key phones close files for, to be carried to a phone that never heard of it",
)
def rescue_key(call: Call) -> dict[str, Any]:
    """Public and signed: a phone takes it only when its pinned key made the signature."""
    view = rescue_key_view(call.services, call.station_id)
    code = key_code(view["key"], view["signature"])
    return {"rescue_key": view, "station": call.station_id, "qr_svg": code}
