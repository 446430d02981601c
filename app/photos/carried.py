"""Photos that come inside a rescue file: the same verified keep and receipts as over the wire.

One that comes before its facts is set aside in the store under a name of its own, bounded, until
facts name it. The receipts are those every phone gets. It must not know files or who brings them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection

from app.jobs.queue import enqueue
from app.photos import store
from app.photos.keep import PhotoStore
from app.photos.rules import DERIVE_JOB, RECEIPT_PURPOSE, original_name, receipt_text
from app.photos.store import PhotoRow
from app.photos.whole import Whole, keep_whole
from app.services import Signer

ASIDE_PHOTOS_MAX = 2_000


def photos_known(
    connection: Connection, station_id: str, hashes: Collection[str]
) -> dict[str, PhotoRow]:
    """Of these photos those that some fact of the station named."""
    return store.find_photos(connection, station_id, hashes)


def keep_carried(
    keep: PhotoStore, station_id: str, sha256: str, pieces: Iterable[bytes]
) -> Whole | None:
    """Bring the bytes of a photo that facts name to safety; None when they are not those."""
    return keep_whole(keep, [], pieces, sha256=sha256, name=original_name(station_id, sha256))


def set_aside(keep: PhotoStore, station_id: str, sha256: str, pieces: Iterable[bytes]) -> bool:
    """Keep a photo that no fact names yet; False when its bytes are not those of the hash."""
    name = f"{_folder(station_id)}/{sha256}"
    return keep_whole(keep, [], pieces, sha256=sha256, name=name) is not None


def aside(keep: PhotoStore, station_id: str) -> set[str]:
    """The photos that wait for facts to name them."""
    return {name.rsplit("/", 1)[1] for name in keep.list(_folder(station_id))}


def take_from_aside(keep: PhotoStore, station_id: str, sha256: str) -> Whole | None:
    """A fact names it now: bring it where photos belong; None when it is not there (any more)."""
    pieces = keep.stream(f"{_folder(station_id)}/{sha256}")
    return None if pieces is None else keep_carried(keep, station_id, sha256, pieces)


def forget_aside(keep: PhotoStore, station_id: str, hashes: Iterable[str]) -> None:
    """Let go of what the station holds for good; never called before that is committed."""
    for sha256 in hashes:
        keep.delete(f"{_folder(station_id)}/{sha256}")


def hold(
    connection: Connection,
    station_id: str,
    sha256: str,
    whole: Whole,
    *,
    now: datetime,
    ids: Callable[[], str],
) -> int | None:
    """Mark a photo whose bytes are safe as held and have its pictures made.

    The epoch receipts name now; None when another sender said so first.
    """
    epoch = store.mark_held(
        connection, station_id, sha256, checked=whole.checked, size=whole.size, now=now
    )
    if epoch is not None:
        enqueue(
            connection,
            station_id=station_id,
            job_id=ids(),
            kind=DERIVE_JOB,
            params={"sha256": sha256},
            now=now,
        )
    return epoch


def receipts(
    connection: Connection, signer: Signer, station_id: str, hashes: Collection[str]
) -> list[dict[str, str]]:
    """{receipt, signature} of each of these photos that the station holds, in the order asked."""
    rows = store.find_photos(connection, station_id, hashes)
    epoch = store.station_epoch(connection, station_id)
    held = (rows[sha256] for sha256 in hashes if sha256 in rows and rows[sha256].held)
    return [signed_receipt(row, station_id, signer, epoch=epoch) for row in held]


def signed_receipt(row: PhotoRow, station_id: str, signer: Signer, *, epoch: int) -> dict[str, str]:
    """The signed receipt of a held photo: the phone may forget its bytes once it has this."""
    text = receipt_text(
        row.sha256,
        row.received,
        row.condition or "ok",
        station=station_id,
        time=row.held_at or "",
        epoch=epoch,
    )
    return {"receipt": text, "signature": signer.sign((RECEIPT_PURPOSE + text).encode())}


def _folder(station_id: str) -> str:
    return f"aside/{station_id}"
