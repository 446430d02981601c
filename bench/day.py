"""Bytes on the wire of one field day: 30 inspections, 90 hazards with names, 90 photos, one phone.

Counted at the socket, HTTP heads included, TCP and TLS not. Previews are left out: the phone sends
them only where the connection is good.
"""

from __future__ import annotations

from itertools import count

from bench.figures import Figure
from bench.load import Ran, fire
from bench.station import served_station
from bench.work import Lines, add_inspection, batch_shot, photo_shot

INSPECTIONS = 30
HAZARDS_EACH = 3
OVERHEAD_PERCENT_MAX = 0.3


def measure() -> list[Figure]:
    """One station, one phone, one day."""
    ran, bodies = Ran(), 0
    with served_station("sqlite") as served:
        phone, numbers, lines, shots = served.phones[0], count(1), Lines(), []
        for number in range(INSPECTIONS):
            made = [photo_shot(phone, next(numbers)) for _ in range(HAZARDS_EACH)]
            shots += [shot for _, shot in made]
            bodies += sum(len(piece) for _, shot in made for piece in shot.pieces[1:])
            add_inspection(
                lines, phone, served.station, served.sites[number], hazards=HAZARDS_EACH,
                photos=[[sha256] for sha256, _ in made], names=True,
            )  # fmt: skip
        fire(served.port, [batch_shot(phone, served.station, lines), *shots], ran)
    plain = sum(map(len, [*lines.facts, *lines.privates]))
    photos = ran.up_of("photo") - bodies + ran.down["photo"]
    return [
        Figure("a day: text up", ran.up_of("batch") / 1000, "KB",
               note=f"{plain / 1000:.0f} KB before gzip; 120 facts, 120 private lines"),
        Figure("a day: text up, an inspection, 3 hazards", ran.up_of("batch") / INSPECTIONS, "B"),
        Figure("a day: receipt down", ran.down["batch"] / 1000, "KB"),
        Figure("a day: photos up", bodies / 1e6, "MB"),
        Figure("a day: photo heads up", (ran.up_of("photo") - bodies) / 1000, "KB"),
        Figure("a day: photo receipts down", ran.down["photo"] / 1000, "KB"),
        Figure("a day: photo wire overhead", 100 * photos / bodies, "%", OVERHEAD_PERCENT_MAX),
    ]  # fmt: skip
