"""Two shapes that rows of several families share: where something was seen, and its photos.

It must not know which families use them.
"""

from collections.abc import Mapping
from typing import Any

from sync.kinds.declare import (
    HASH,
    ID,
    INSTANT,
    Integer,
    ListOf,
    Number,
    Record,
    choice,
    may,
    must,
    text,
)
from sync.limits import MARKS_PER_PHOTO_MAX

PHOTO_ROLES = ("before", "after", "scene", "signature", "paper")

WHERE = Record(
    (
        must("lat", Number(-90, 90)),
        must("lon", Number(-180, 180)),
        must("accuracy_m", Number(0)),
        must("at", INSTANT),
    )
)

# Drawn on a photo with a finger and kept beside it. `box` in per mille of the picture's width and
# height: a circle fills it, an arrow goes from its first corner to its second.
MARK = Record(
    (
        must("shape", choice("circle", "arrow")),
        must("box", ListOf(Integer(0, 1000), 4, items_min=4)),
    )
)
# What a fact may say of a photo besides its hash, role and size.
PHOTO_TOLD = (
    may("kept_at", INSTANT),  # when the phone kept it, by the phone's clock; a photo's own time
    may("source", choice("camera", "gallery")),
    may("marks", ListOf(MARK, MARKS_PER_PHOTO_MAX)),
)
_TOLD_CHECKS = tuple((each.name, each.type.compile()) for each in PHOTO_TOLD)


def told_of_photo(named: Mapping[str, Any]) -> dict[str, Any]:
    """What a fact says of its photo besides hash, role and size; what is no such thing is not said.

    A photo is never refused for it: the picture is the evidence.
    """
    return {
        name: named[name]
        for name, fits in _TOLD_CHECKS
        if named.get(name) is not None and fits(named[name])
    }


CHECKED = Record((must("other", HASH), must("result", choice("fine", "retake"))))
PHOTO_ROWS = ListOf(
    Record(
        (
            must("sha256", HASH),
            must("role", choice(*PHOTO_ROLES)),
            must("fact", ID),
            must("at", INSTANT),
            *PHOTO_TOLD,
            may("lost", text(200)),  # why it can never arrive, when that is known
            may("checked", ListOf(CHECKED, 1000)),  # beside which others the chief has looked at it
        )
    ),
    100_000,
)
