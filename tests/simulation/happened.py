"""What went wrong in a world, by name: a fault nobody can show to have happened was not tested.

`core`: how often each must have happened in the thousand fixed worlds, `http`: in the fifty. The
figures are a third of what was seen when they were written, so that a fault that silently stops
being injected fails a test (test_worlds.py), and ordinary changes do not.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

Happened = Counter[str]

# name -> (in a thousand core worlds, in fifty HTTP worlds)
AT_LEAST: Final[dict[str, tuple[int, int]]] = {
    "request lost": (672, 26),
    "reply lost after the commit": (333, 18),
    "body cut short": (384, 18),
    "late copy arrived": (1314, 61),
    "late copy overtook an older one": (716, 31),
    "captive portal answers 200 to batch": (268, 10),
    "captive portal answers 200 to changes": (122, 6),
    "captive portal answers 200 to decide": (93, 4),
    "captive portal answers 200 to head": (29, 0),
    "captive portal answers 200 to put": (5, 0),
    "captive portal answers 200 to patch": (19, 0),
    "captive portal answers 200 to snapshot": (12, 0),
    "server died before its commit": (255, 5),
    "phone killed at work": (837, 44),
    "app updated with unsent work": (195, 10),
    "batch of an older app sent by a newer one": (112, 4),
    "recorded with a clock minutes off": (2829, 167),
    "recorded with a clock days off": (2952, 120),
    "recorded with a clock years off": (3370, 95),
    "phone's clock changed on the way": (137, 8),
    "no space to record": (1912, 117),
    "no space for a receipt": (200, 7),
    "photo thrown away by the browser": (106, 5),
    "profile set back to an old copy": (20, 1),
    "receipt says admitted:number_reused": (22, 1),
    "enrolled anew because a number was used twice": (8, 0),
    "hole or unsent tail known to the station": (227, 8),
    "enrolled anew with unsent work": (153, 9),
    "phone revoked with unsent work": (80, 3),
    "receipt says quarantined:revoked": (1396, 63),
    "everything handed over again": (283, 16),
    "preview arrived before its photo": (2047, 86),
    "inspection on an older checklist": (169, 6),
    "counts: checklist.published": (110, 6),
    "two phones on one hazard, neither knowing of the other": (180, 10),
    "outcome conflict before the chief": (3, 0),
    "field conflict before the chief": (76, 5),
    "outcome conflict settled by hazard.reopened": (34, 0),
    "outcome conflict settled by hazard.returned": (43, 1),
    "field conflict settled by hazard.amended": (75, 6),
    "decision on an old page": (380, 17),
    "desk asked again after no answer": (232, 6),
    "changes refused: scope-changed": (219, 11),
    "row left a phone with its area": (25, 20),
    "counts: hazard.returned": (399, 20),
    "counts: hazard.confirmed": (558, 30),
    "counts: hazard.closed": (120, 4),
    "counts: hazard.reopened": (125, 5),
    "counts: hazard.voided": (105, 4),
    "counts: ledger.admitted": (196, 6),
    "counts: ledger.redacted": (230, 10),
    "counts: photo.lost": (96, 4),
    "counts: hazard.unheard_of": (71, 1),
    "receipt says quarantined:malformed": (444, 24),
    "receipt says quarantined:unreadable": (162, 3),
    "receipt says quarantined:foreign_station": (142, 1),
    "receipt says quarantined:id_reused": (30, 0),
    "receipt says quarantined:missing_role": (587, 27),
    "receipt says admitted:private_missing": (295, 18),
    "batch refused: too-large": (29, 0),
    "batch refused: quarantine-full": (72, 1),
    "station restored from a backup": (60, 1),
    "fact lost with the station's machine": (434, 8),
    "fact came back from a phone that had pulled it": (66, 0),
    "own fact handed over again after a restore": (1445, 20),
    "enrolment came back by the station's own statement": (1, 0),
}


# The others are what people met with or the station answered, and no fault by itself.
_NO_FAULTS: Final = ("counts:", "receipt says", "recorded with", "outcome", "field",
                     "batch refused",
                     "decision on an old page", "inspection on an older", "preview arrived",
                     "hole or unsent", "row left a phone", "two phones on one hazard")  # fmt: skip
FAULTS: Final = tuple(name for name in AT_LEAST if not name.startswith(_NO_FAULTS))


def too_rare(seen: Happened, station: str) -> list[str]:
    """The faults that did not happen as often as they must."""
    place = 0 if station == "core" else 1
    return [
        f"{name}: {seen[name]} times, at least {least[place]} expected"
        for name, least in AT_LEAST.items()
        if seen[name] < least[place]
    ]
