"""Sites: anything that is inspected, one file per site (一企一档).

Who registers a site may be any inspector; how risky it is and whose area it lies in is the chief's
to say.
"""

from sync.kinds.declare import (
    BOOLEAN,
    ID,
    INSTANT,
    Either,
    Kind,
    ListOf,
    MapOf,
    Number,
    Shape,
    choice,
    first_of,
    may,
    must,
    same,
    text,
)
from sync.limits import ATTRIBUTES_MAX

GRADE = choice("A", "B", "C")
PLACE_TYPES = ListOf(text(40), 8, 1)
ATTRIBUTES = MapOf(40, Either((Number(), text(80), BOOLEAN)), ATTRIBUTES_MAX)
LATITUDE, LONGITUDE, METRES = Number(-90, 90), Number(-180, 180), Number(0, 100_000)

_DETAILS = (
    may("address", text(120)),
    may("grade", GRADE, guarded=True),
    may("high_risk", BOOLEAN, guarded=True),
    may("credit_code", text(18)),
    may("attributes", ATTRIBUTES),
    may("lat", LATITUDE),
    may("lon", LONGITUDE),
    may("accuracy_m", METRES),
    may("note", text(500)),
    may("owner_name", text(40), private=True),
    may("owner_phone", text(30), private=True),
    may("owner_post", text(30), private=True),
)
# Who runs the place: another one of these in the place of a known one, and it changed hands.
WHOSE = ("name", "owner_name", "credit_code")
_SETS = same("name", "place_types", "area", *(each.name for each in _DETAILS))

KINDS = (
    Kind(
        "site.registered",
        "登记场所",
        "observation",
        (must("name", text(80)), must("place_types", PLACE_TYPES), must("area", ID), *_DETAILS),
        sets=_SETS,
    ),
    Kind(
        "site.amended",
        "修改场所",
        "observation",
        (
            may("name", text(80)),
            may("place_types", PLACE_TYPES),
            may("area", ID, guarded=True),
            *_DETAILS,
            may("reason", text(200)),
        ),
        guard_roles=frozenset({"chief", "admin"}),
        sets=_SETS,
    ),
    Kind(
        "site.retired",
        "停用场所",
        "judgement",
        (must("reason", text(200)),),
        roles=frozenset({"chief", "admin"}),
    ),
)

SHAPES = (
    Shape(
        "site",
        "场所",
        frozenset({"site.registered"}),
        (
            must("state", choice("active", "retired", "incomplete")),
            may("name", text(80)),
            may("place_types", PLACE_TYPES),
            may("area", ID),
            *_DETAILS,
            may("registered_at", INSTANT),
            may("registered_by", ID),
        ),
        # The grade that is inspected most often, and the higher risk, hold until the chief has
        # said.
        cautious={"grade": first_of("ABC"), "high_risk": first_of((True, False))},
    ),
)
