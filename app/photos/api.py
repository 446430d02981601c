"""Photos over HTTP: parts by offset, signed receipts, pictures to look at, originals to download.

Bytes are written and verified before the transaction; inside it only the compare and set happens.
It must not know facts or the fold; a photo is its hash.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from app.bodies import ComingBody
from app.clock import instant
from app.disk import refuse_when_full
from app.http import Answer, Call, Routes
from app.photos import problems as _problems  # noqa: F401 - declares their sentences
from app.photos import store, uploads
from app.photos.carried import hold, signed_receipt
from app.photos.derive import NotAPicture, derive
from app.photos.keep import KeepError
from app.photos.rules import (
    PREVIEWS_BYTES_MAX,
    THUMBNAIL_PIXELS,
    VIEW_PIXELS,
    Part,
    Preview,
    Step,
    derived_name,
    original_name,
    part_name,
    plan_part,
    split_previews,
)
from app.photos.schema import PhotoReceiptView, PreviewsView
from app.photos.store import PhotoRow
from app.photos.whole import Whole, keep_whole
from app.problems import ProblemError
from app.settled import settled_problem
from sync.limits import PHOTO_BYTES_MAX, PHOTO_PART_BYTES_MAX

routes = Routes("photos")

KEPT_FOREVER = "private, max-age=31536000, immutable"
STORE_RETRY_S = 60
_HASH = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9]{1,12}")
Size = Literal["thumbnail", "view"]
PIXELS: dict[Size, int] = {"thumbnail": THUMBNAIL_PIXELS, "view": VIEW_PIXELS}


@contextmanager
def store_faults() -> Iterator[None]:
    """A full or unreachable photo store is a problem the phone tries again, never a loss."""
    try:
        yield
    except KeepError as error:
        raise ProblemError(error.code, headers={"Retry-After": str(STORE_RETRY_S)}) from error


def _hash_of(call: Call) -> str:
    sha256 = call.path["sha256"]
    if not _HASH.fullmatch(sha256):
        raise ProblemError("photo-not-declared")
    return sha256


# --- taking photos in ---------------------------------------------------------------------------


@routes.route(
    "/photos/<sha256>",
    methods=["HEAD"],
    auth="either",
    revoked_ok=True,
    write=False,
    summary="How far a photo has come, with its receipt once the station holds it.",
)
def photo_progress(call: Call) -> Answer:
    """HEAD: where to go on, or the receipt."""
    row = store.find_photo(call.connection, call.station_id, _hash_of(call))
    if row is None or not store.may_send(call.connection, call.who, row.sha256):
        raise ProblemError("photo-not-declared")
    headers = progress(row)
    if not row.held:
        return Answer(status=204, headers=headers)
    text, signature = _receipt(call, row)
    return Answer(headers={**headers, "Photo-Receipt": text, "Photo-Signature": signature})


@dataclass(frozen=True, slots=True)
class Known:
    """A photo as it stood when its bytes began to come, and the names of its parts so far."""

    row: PhotoRow
    parts: list[str]


def _look(call: Call) -> Known:
    """Whether this caller may bring the photo, and how far it has come."""
    row = store.find_sendable(call.connection, call.who, _hash_of(call))
    if row is None:
        raise ProblemError("photo-not-declared")
    parts = store.list_parts(call.connection, call.station_id, row) if row.received else []
    return Known(row, [] if row.held else parts)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was done with a part before the transaction."""

    row: PhotoRow
    part: Part
    step: Step
    name: str = ""
    whole: Whole | None = None


def _take_in(call: Call) -> Taken:
    """Plan the part and bring its bytes to safety; nothing counts until the transaction says so."""
    with uploads.under_way(), store_faults():
        return _brought_to_safety(call)


def _brought_to_safety(call: Call) -> Taken:
    known: Known = call.looked
    body: ComingBody = call.body
    row, part = known.row, _part_of(call)
    step = plan_part(row.upload, part)
    if step.do == "refuse":
        limit = f"{PHOTO_BYTES_MAX // 2**20} MB"
        raise ProblemError(step.problem or "part-too-long", limit=limit)
    if step.do == "wrong-offset":
        raise _wrong_offset(row)
    if step.do in ("append", "complete"):
        refuse_when_full(call.services.settings)
    keep = call.services.photo_store
    if step.do == "append":
        digest = (body.digest or b"").hex()
        name = part_name(call.station_id, row.sha256, row.epoch, part.offset, digest)
        with keep.receive(name) as arriving:
            for piece in body.pieces():
                arriving.write(piece)
            arriving.keep()
        return Taken(row, part, step, name=name)
    if step.do == "complete":
        name = original_name(call.station_id, row.sha256)
        whole = keep_whole(keep, known.parts, body.pieces(), sha256=row.sha256, name=name)
        return Taken(row, part, step, whole=whole)
    _read_through(body)
    return Taken(row, part, step)


def _read_through(body: ComingBody) -> None:
    """Nothing more is wanted of it, but whoever sends it reads our answer only when it is sent."""
    for _piece in body.pieces():
        pass


@routes.route(
    "/photos/<sha256>",
    methods=["PATCH"],
    auth="either",
    revoked_ok=True,
    body="stream",
    digest=True,
    limit_bytes=PHOTO_PART_BYTES_MAX,
    write=True,
    look=_look,
    prepare=_take_in,
    answers=PhotoReceiptView,
    summary="Append one part of a photo at its current offset; the last part gives the receipt.",
)
def photo_part(call: Call) -> Answer:
    """PATCH: compare and set, then say where to go on."""
    taken: Taken = call.prepared
    connection, station_id, row = call.connection, call.station_id, taken.row
    if taken.step.do == "append" and store.take_part(
        connection, station_id, row, part=taken.part, name=taken.name
    ):
        return Answer(status=204, headers=progress(_again(call, row)))
    if taken.whole is not None:
        return _held_answer(call, _hold(call, row, taken.whole))
    if taken.step.do in ("complete", "restart") and store.start_anew(connection, station_id, row):
        code = "photo-hash-mismatch" if taken.step.do == "complete" else "wrong-offset"
        return settled_problem(call.request, code, headers=progress(_again(call, row)), offset=0)
    now = _again(call, row)
    if now.held:
        return _held_answer(call, (now, None))
    raise _wrong_offset(now)


def _take_whole(call: Call) -> Whole | None:
    """Bring all bytes of a photo to safety; None when the station holds it already."""
    known: Known = call.looked
    body: ComingBody = call.body
    if body.length == 0:
        raise ProblemError("photo-empty")
    sha256, keep = known.row.sha256, call.services.photo_store
    with uploads.under_way(), store_faults():
        if known.row.held:
            _read_through(body)
            return None
        refuse_when_full(call.services.settings)
        name = original_name(call.station_id, sha256)
        whole = keep_whole(keep, [], body.pieces(), sha256=sha256, name=name)
    if whole is None:
        # The address is the digest: what differs from it was changed on its way.
        raise ProblemError("digest-mismatch")
    return whole


@routes.route(
    "/photos/<sha256>",
    methods=["PUT"],
    auth="either",
    revoked_ok=True,
    body="stream",
    limit_bytes=PHOTO_PART_BYTES_MAX,
    write=True,
    shared=True,
    look=_look,
    prepare=_take_whole,
    summary="A whole photo in one request; its hash is the address, a short receipt the answer.",
)
def whole_photo(call: Call) -> Answer:
    """PUT: most photos are small enough, and every byte of such a request but the photo is short.

    Parts that came before count for nothing: the whole photo is here, whatever they were.
    """
    row, epoch = call.looked.row, None
    if call.prepared is not None:
        row, epoch = _hold(call, row, call.prepared)
    return Answer(status=204, headers={"Photo-Held": _short_receipt(call, row, epoch)})


def _hold(call: Call, row: PhotoRow, whole: Whole) -> tuple[PhotoRow, int | None]:
    """Mark the photo as held and have its pictures made; the row as it is now, the epoch."""
    epoch = hold(
        call.connection, call.station_id, row.sha256, whole, now=call.now, ids=call.services.ids
    )
    if epoch is None:
        return _again(call, row), None
    size, held_at = whole.size, instant(call.now)
    return replace(row, state="held", received=size, length=size,
                   condition=whole.checked.condition, held_at=held_at), epoch  # fmt: skip


def _again(call: Call, row: PhotoRow) -> PhotoRow:
    """The photo as this transaction sees it now."""
    return store.find_photo(call.connection, call.station_id, row.sha256) or row


def _part_of(call: Call) -> Part:
    headers = call.request.headers
    offset, length = headers.get("Upload-Offset", ""), headers.get("Upload-Length", "")
    epoch = headers.get("Upload-Epoch")
    if not all(_NUMBER.fullmatch(text) for text in (offset, length, epoch or "0")):
        raise ProblemError("part-headers")
    size = int(call.body.length)
    return Part(int(offset), size, int(length), int(epoch) if epoch else None)


def progress(row: PhotoRow) -> dict[str, str]:
    """How far a photo has come, as headers."""
    headers = {"Upload-Offset": str(row.received), "Upload-Epoch": str(row.epoch)}
    length = row.length if row.length is not None else row.bytes_total
    return headers if length is None else {**headers, "Upload-Length": str(length)}


def _wrong_offset(row: PhotoRow) -> ProblemError:
    return ProblemError("wrong-offset", headers=progress(row), offset=row.received)


def _receipt(call: Call, row: PhotoRow, epoch: int | None = None) -> tuple[str, str]:
    """The signed receipt of a held photo; made anew each time, since the epoch may have moved."""
    if epoch is None:
        epoch = store.station_epoch(call.connection, call.station_id)
    return _signed(call, row, epoch)


def _short_receipt(call: Call, row: PhotoRow, epoch: int | None) -> str:
    """What the phone cannot know of the receipt: it signs the same text, which the phone rebuilds.

    `condition epoch time signature`
    """
    if epoch is None:
        epoch = store.station_epoch(call.connection, call.station_id)
    _text, signature = _signed(call, row, epoch)
    return f"{row.condition or 'ok'} {epoch} {row.held_at} {signature}"


def _signed(call: Call, row: PhotoRow, epoch: int) -> tuple[str, str]:
    signed = signed_receipt(row, call.station_id, call.services.signer, epoch=epoch)
    return signed["receipt"], signed["signature"]


def _held_answer(call: Call, held: tuple[PhotoRow, int | None]) -> Answer:
    row, epoch = held
    text, signature = _receipt(call, row, epoch)
    return Answer({"receipt": text, "signature": signature}, headers=progress(row))


# --- previews -----------------------------------------------------------------------------------


def _keep_previews(call: Call) -> dict[str, int]:
    previews, unreadable = split_previews(call.body)
    with call.services.database.read() as connection:
        wanted = store.sendable(connection, call.who, [p.sha256 for p in previews])
    stored = sum(_keep_preview(call, preview) for preview in previews if preview.sha256 in wanted)
    return {"stored": stored, "ignored": len(previews) + unreadable - stored}


def _keep_preview(call: Call, preview: Preview) -> bool:
    """Made anew from its pixels before anybody sees it; what fails is simply not shown."""
    try:
        (picture,) = derive(io.BytesIO(preview.data), (THUMBNAIL_PIXELS,))
        name = derived_name(call.station_id, preview.sha256, "preview")
        call.services.photo_store.put(name, picture)
    except (NotAPicture, KeepError):
        return False
    return True


@routes.route(
    "/sync/previews",
    methods=["POST"],
    auth="phone",
    body="raw",
    digest=True,
    limit_bytes=PREVIEWS_BYTES_MAX,
    write=False,
    prepare=_keep_previews,
    answers=PreviewsView,
    summary="Tiny pictures ahead of their photos, best effort.",
)
def previews(call: Call) -> Answer:
    """How many were kept, how many were not."""
    return Answer(call.prepared)


# --- looking at photos --------------------------------------------------------------------------


@routes.route(
    "/photos/<sha256>/thumbnail",
    auth="either",
    write=False,
    summary="A small upright picture (320 px), or the preview while the photo is on its way.",
)
def photo_thumbnail(call: Call) -> Answer:
    """For lists and cells."""
    return _picture(call, "thumbnail")


@routes.route(
    "/photos/<sha256>/view",
    auth="either",
    write=False,
    summary="An upright picture for a screen (1280 px), or the preview while it is on its way.",
)
def photo_view(call: Call) -> Answer:
    """For looking closely."""
    return _picture(call, "view")


def visible_photo(call: Call) -> PhotoRow:
    """The photo of the path, where the caller may see it; else there is none."""
    sha256 = _hash_of(call)
    row = store.find_photo(call.connection, call.station_id, sha256)
    if row is None or not store.may_see(call.connection, call.who, sha256):
        raise ProblemError("not-found")
    return row


def _picture(call: Call, size: Size) -> Answer:
    row = visible_photo(call)
    keep = call.services.photo_store
    if row.held and row.condition != "ok":
        raise ProblemError("photo-undecodable")
    with store_faults():
        if row.held:
            made = keep.get(derived_name(call.station_id, row.sha256, size))
            if made is None:
                made = _derive_now(call, row, size)
            return jpeg(made, KEPT_FOREVER)
        preview = keep.get(derived_name(call.station_id, row.sha256, "preview"))
    if preview is None:
        raise ProblemError("photo-not-held", headers=progress(row))
    return jpeg(preview, "no-store")


def _derive_now(call: Call, row: PhotoRow, size: Size) -> bytes:
    """The background work has not come to this photo yet; nobody waits for it."""
    original = call.services.photo_store.get(original_name(call.station_id, row.sha256))
    if original is None:
        raise bytes_not_there()
    try:
        return derive(io.BytesIO(original), (PIXELS[size],))[0]
    except NotAPicture:
        raise ProblemError("photo-undecodable") from None


def bytes_not_there() -> ProblemError:
    """A photo is held, but the store does not give it: it is asked for again later."""
    return ProblemError("store-unreachable", headers={"Retry-After": str(STORE_RETRY_S)})


def jpeg(data: bytes, caching: str) -> Answer:
    """A picture to look at."""
    return Answer(data, headers={"Content-Type": "image/jpeg", "Cache-Control": caching})


@routes.route(
    "/photos/<sha256>/original",
    auth="either",
    write=False,
    summary="The photo exactly as it came, as a download.",
)
def photo_original(call: Call) -> Answer:
    """Evidence: never shown in a page, since its bytes are whatever the phone sent."""
    row = visible_photo(call)
    if not row.held:
        raise ProblemError("photo-not-held", headers=progress(row))
    with store_faults():
        pieces = call.services.photo_store.stream(original_name(call.station_id, row.sha256))
    if pieces is None:
        raise bytes_not_there()
    ending = "jpg" if row.condition == "ok" else "bin"
    return Answer(
        stream=pieces,
        headers={
            "Content-Type": "application/octet-stream",
            "Content-Length": str(row.received),
            "Content-Disposition": f'attachment; filename="{row.sha256}.{ending}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": KEPT_FOREVER,
        },
    )
