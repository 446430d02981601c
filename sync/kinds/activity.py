"""Activities: what is no inspection. Feedback (意见反馈), and whatever a form of the station asks:
training, drills, publicity, meetings, zero reports, notified special work.

Forms are data, published like checklists: a new one is no new kind. `type` is the form's own word.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sync.kinds.declare import (
    DAY,
    HASH,
    ID,
    INSTANT,
    Fault,
    Integer,
    Json,
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
from sync.kinds.places import PHOTO_ROWS
from sync.limits import ACTIVITY_ENTRIES_MAX, JSON_VALUE_BYTES_MAX

FREE_TEXT = ("feedback", "other")
_ENTRY = Record((must("item", text(20)), may("value", Json(JSON_VALUE_BYTES_MAX))))
_ENTRIES = ListOf(_ENTRY, ACTIVITY_ENTRIES_MAX)
_OF_FORM = (
    may("form", text(60)),
    may("form_version", Integer(1)),
    may("form_sha256", HASH),
    may("day", DAY),
    may("entries", _ENTRIES),
)


def _either(fields: Mapping[str, Any]) -> Iterator[Fault]:
    """A free text says something; everything else says which form it was filled with."""
    needed = ("text",) if fields["type"] in FREE_TEXT else ("form", "form_version", "form_sha256")
    for name in needed:
        value = fields.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            yield Fault(name, "required")


KINDS = (
    Kind(
        "activity.recorded",
        "记活动",
        "observation",
        (must("type", text(40)), may("text", text(1000)), *_OF_FORM),
        photos=("scene",),
        sets={"type": "kind"} | same("text", *(each.name for each in _OF_FORM)),
        also=_either,
    ),
)

SHAPES = (
    Shape(
        "activity",
        "活动",
        frozenset({"activity.recorded"}),
        (
            must("state", choice("known", "incomplete")),
            may("kind", text(40)),
            may("text", text(1000)),
            *_OF_FORM,
            may("author", ID),
            may("at", INSTANT),
            may("photos", PHOTO_ROWS),
        ),
    ),
)
