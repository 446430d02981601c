"""The SQL of almost the same photos: what each looks like, and which of other visits look like it.

One look-up by the eight bands of a fingerprint, however many photos the station holds. It must not
know how a fingerprint is made, nor what is done about two photos.
"""

from __future__ import annotations

from sqlalchemy import Connection

from app.db import insert_many, run
from app.photos.declared import IGNORE
from app.photos.likeness import NEAR_BITS_MAX, bands, differing_bits
from app.photos.table import photo_band, photo_twin

CANDIDATES_MAX = 400
"""Photos compared bit by bit in one look-up, the latest first."""
TWINS_MAX = 20
"""Of one photo; a form photographed a hundred times shall not fill the chief's page."""
FORMAL_ROLES = ("signature", "paper")
"""Signatures and forms look alike by nature."""


def comparable(connection: Connection, station_id: str, sha256: str) -> bool:
    """Whether some fact shows something with it that is worth comparing."""
    found = run(
        connection,
        "SELECT 1 FROM photo_use WHERE station_id = ? AND sha256 = ?"
        " AND role NOT IN ('signature', 'paper') LIMIT 1",
        (station_id, sha256),
    )
    return bool(found)


def keep_fingerprint(connection: Connection, station_id: str, sha256: str, print_: str) -> int:
    """Write down what a photo looks like and its twins of other visits; how many there are.

    Doing it twice gives the same rows.
    """
    # One at a time: two photos looked up side by side on PostgreSQL would not see each other.
    lock = "" if connection.dialect.name == "sqlite" else " FOR UPDATE"
    run(connection, f"SELECT id FROM station WHERE id = ?{lock}", (station_id,))  # noqa: S608
    run(
        connection,
        "UPDATE photo SET fingerprint = ? WHERE station_id = ? AND sha256 = ?",
        (print_, station_id, sha256),
    )
    if not print_ or not comparable(connection, station_id, sha256):
        return 0
    near = _near(connection, station_id, sha256, print_)
    elsewhere = _of_other_visits(connection, station_id, sha256, list(near))
    twins = sorted(elsewhere, key=lambda each: (near[each], each))[:TWINS_MAX]
    columns = ("station_id", "sha256", "other", "bits")
    rows = [(station_id, sha256, other, near[other]) for other in twins]
    rows += [(station_id, other, sha256, bits) for _, _, other, bits in rows]
    insert_many(connection, photo_twin, columns, rows, conflict=IGNORE)
    pieces = [(station_id, band, sha256) for band in bands(print_)]
    insert_many(connection, photo_band, ("station_id", "band", "sha256"), pieces, conflict=IGNORE)
    return len(twins)


def _near(connection: Connection, station_id: str, sha256: str, print_: str) -> dict[str, int]:
    found = run(
        connection,
        "SELECT p.sha256, p.fingerprint FROM photo p WHERE p.station_id = ? AND p.sha256 IN"
        " (SELECT b.sha256 FROM photo_band b WHERE b.station_id = ? AND b.band = ANY(?))"
        " AND p.sha256 <> ? ORDER BY p.declared_at DESC, p.sha256 LIMIT ?",
        (station_id, station_id, bands(print_), sha256, CANDIDATES_MAX),
    )
    told = {other: differing_bits(print_, theirs) for other, theirs in found}
    return {other: bits for other, bits in told.items() if bits <= NEAR_BITS_MAX}


def _of_other_visits(
    connection: Connection, station_id: str, sha256: str, others: list[str]
) -> set[str]:
    """Several shots of one thing in one visit are how it should be done; those are left out."""
    if not others:
        return set()
    found = run(
        connection,
        "SELECT u.sha256, COALESCE(h.inspection_id, u.subject_id) FROM photo_use u"
        " LEFT JOIN hazard h ON h.station_id = u.station_id AND h.id = u.subject_id"
        " WHERE u.station_id = ? AND u.sha256 = ANY(?) AND u.role NOT IN ('signature', 'paper')",
        (station_id, [sha256, *others]),
    )
    visits: dict[str, set[str]] = {}
    for used, visit in found:
        visits.setdefault(used, set()).add(visit)
    own = visits.get(sha256, set())
    return {other for other in others if visits.get(other, set()) - own}


def without_fingerprint(connection: Connection, station_id: str, limit: int) -> list[str]:
    """Held photos with pictures made before there were fingerprints."""
    found = run(
        connection,
        "SELECT sha256 FROM photo WHERE station_id = ? AND state = 'held'"
        " AND thumbnail_at IS NOT NULL AND fingerprint IS NULL LIMIT ?",
        (station_id, limit),
    )
    return [sha256 for (sha256,) in found]
