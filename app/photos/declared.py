"""Facts name photos: from then on the station wants them and knows what they belong to.

Part of the ledger's append, in its transaction. It must not know how a photo arrives.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from app.db import Row, insert_many, run
from app.ledger.incoming import Incoming
from app.photos.table import photo, photo_use

IGNORE = "ON CONFLICT DO NOTHING"
# Named before: by the same visit, or again by another one. Which of the two is looked at when the
# chief asks (app/matters/), so that writing a fact costs nothing more.
NAMED_AGAIN = "ON CONFLICT (station_id, sha256) DO UPDATE SET shared = TRUE"
STATED_BYTES_MAX = 2**31 - 1  # what a fact says of a photo is checked when the photo comes


def declare_photos(
    connection: Connection, station_id: str, incoming: Iterable[Incoming], received_at: str
) -> None:
    """Photos that facts name: wanted from now on, quarantined facts' photos too."""
    wanted: dict[str, Row] = {}
    used: dict[tuple[str, str, str], Row] = {}
    for each in incoming:
        if each.fact is None:
            continue
        for named in each.fact.photos:
            sha256 = named["sha256"]
            total = min(named["bytes"], STATED_BYTES_MAX)
            wanted[sha256] = (station_id, sha256, "wanted", total, 0, 0, received_at)
            key = (sha256, each.fact.subject, each.sha256)
            used[key] = (station_id, *key, named["role"])
    columns = ("station_id", "sha256", "state", "bytes_total", "received", "epoch", "declared_at")
    rows = [wanted[sha256] for sha256 in sorted(wanted)]
    insert_many(connection, photo, columns, rows, conflict=NAMED_AGAIN)
    uses = ("station_id", "sha256", "subject_id", "fact_sha256", "role")
    rows = [used[key] for key in sorted(used)]
    insert_many(connection, photo_use, uses, rows, conflict=IGNORE)
    _tell_shared(connection, station_id, used)


def _tell_shared(
    connection: Connection, station_id: str, used: Iterable[tuple[str, str, str]]
) -> None:
    """Photos that several facts of one delivery name; hardly ever there are any."""
    facts: dict[str, set[str]] = {}
    for sha256, _subject, fact in used:
        facts.setdefault(sha256, set()).add(fact)
    shared = sorted(sha256 for sha256, named in facts.items() if len(named) > 1)
    if shared:
        run(
            connection,
            "UPDATE photo SET shared = TRUE WHERE station_id = ? AND sha256 = ANY(?)",
            (station_id, shared),
        )
