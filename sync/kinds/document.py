"""Documents: the papers left with whoever has to put a hazard right.

Two families of papers exist. A notice (整改通知书) informs and advises; anybody who may inspect may
leave one. Orders and other enforcement papers need delegated powers and two certified signers; they
are not issued with this kind, the desk notes their numbers on the hazard (hazard.ordered).
What the paper said is kept as it was printed: a hazard amended later changes no paper.
"""

from sync.kinds.declare import (
    BOOLEAN,
    DAY,
    HASH,
    ID,
    INSTANT,
    Integer,
    Kind,
    ListOf,
    Record,
    Shape,
    choice,
    may,
    must,
    same,
    text,
)
from sync.kinds.inspection import ATTENDANCE
from sync.kinds.places import PHOTO_ROWS, WHERE
from sync.limits import COMPANIONS_MAX, NOTICE_HAZARDS_MAX

PAPER = choice("notice")
_HAZARD = Record(
    (
        must("hazard", ID),
        must("finding", text(500)),
        may("spot", text(60)),
        may("measure", text(300)),
        may("deadline", DAY),
        may("spot_fixed", BOOLEAN),
    )
)
_HAZARDS = ListOf(_HAZARD, NOTICE_HAZARDS_MAX, 1)
_PERSONS = (
    may("on_site_name", text(40), private=True),
    may("on_site_post", text(30), private=True),
    may("on_site_phone", text(30), private=True),
    may("inspectors", text(200), private=True),  # their names as printed
)
_PRINTED = (
    must("paper", PAPER),
    must("site", ID),
    may("inspection", ID),
    must("hazards", _HAZARDS),
    must("site_name", text(80)),
    must("station_name", text(40)),
    must("issued_on", DAY),
    must("attendance", ATTENDANCE),
    may("companions", ListOf(ID, COMPANIONS_MAX)),
    # Counties word their papers themselves: what stood on this one is kept with it.
    may("title", text(40)),
    may("opening", text(500)),
    may("closing", text(500)),
)

KINDS = (
    Kind(
        "document.issued",
        "出具文书",
        "observation",
        (*_PRINTED, *_PERSONS),
        photos=("signature", "paper"),
        sets=same(*(each.name for each in (*_PRINTED, *_PERSONS))),
    ),
    Kind(
        "document.voided",
        "作废文书",
        "judgement",
        (must("reason", text(200)),),
        roles=frozenset({"chief"}),
    ),
)

SHAPES = (
    Shape(
        "document",
        "文书",
        frozenset({"document.issued"}),
        (
            must("state", choice("issued", "void", "incomplete")),
            *(may(each.name, each.type) for each in _PRINTED),
            *_PERSONS,
            may("provisional", text(40)),  # told by the fact itself: its phone and its number there
            may("issued_fact", HASH),
            may("author", ID),
            may("at", INSTANT),
            may("offset_ms", Integer()),
            may("where", WHERE),
            may("photos", PHOTO_ROWS),
            may("void_reason", text(200)),
            may("voided_by", ID),
            may("voided_at", INSTANT),
        ),
    ),
)
