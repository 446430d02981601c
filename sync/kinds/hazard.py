"""Hazards: one finding that must be put right, from the stairwell to the chief's last decision.

The tables here say how far left each step stands when steps did not know of each other, and which
kinds keep a hazard open when they and a closing did not. How they are joined is in lifecycle.py.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sync.kinds.declare import (
    DAY,
    ID,
    INSTANT,
    Fault,
    Integer,
    Kind,
    ListOf,
    Number,
    Record,
    Shape,
    choice,
    first_of,
    may,
    must,
    same,
    text,
)
from sync.kinds.inspection import METHOD, REMARK
from sync.kinds.places import PHOTO_ROWS, WHERE
from sync.limits import REMARKS_PER_HAZARD_MAX

LEVELS = ("general", "suspected_major", "major")  # from lowest to highest
DISPOSITIONS = ("on_spot", "by_deadline", "hand_over", "stop_use", "stop_business")  # to strictest
LEVEL_SEEN = choice("general", "suspected_major")  # 重大 is only ever suspected in the field
FIVE_SETTLED = ("measure", "fix_owner", "deadline", "fund_wan", "contingency")
REMARKS = ListOf(REMARK, REMARKS_PER_HAZARD_MAX, 1)

# review: what the chief has to say; work: how far putting it right has come.
# When facts that did not know of each other stand side by side, the one further left holds.
REVIEW_CAUTION = ("submitted", "returned", "confirmed")
WORK_CAUTION = (
    "reopened",
    "recheck_failed",
    "ordered",
    "recheck_fixed",
    "fix_reported",
    "spot_fixed",
)
CLOSERS = ("hazard.closed", "hazard.voided")

# Concurrent with a closing, these keep the hazard open or open it again. `rechecked` does unless it
# found everything fixed; a level above the one the closer knew does whichever kind raised it.
REOPENS_CLOSED = frozenset(
    {"hazard.reopened", "hazard.rechecked", "hazard.returned", "hazard.ordered", "hazard.voided"}
)
REOPENS_VOIDED = frozenset(
    {
        "hazard.reopened",
        "hazard.rechecked",
        "hazard.returned",
        "hazard.ordered",
        "hazard.confirmed",
        "hazard.closed",
    }
)
# And these never do.
LEAVES_CLOSED = frozenset(
    {
        "hazard.found",
        "hazard.amended",
        "hazard.resubmitted",
        "hazard.confirmed",
        "hazard.spot_fixed",
        "hazard.fix_reported",
        "hazard.linked",
        "hazard.noted",
        "hazard.closed",
    }
)

_CHIEF = frozenset({"chief"})
_OWNER = (
    may("fix_owner", text(40), private=True),
    may("fix_owner_phone", text(30), private=True),
)
_DEADLINE = may("deadline", DAY)
_MEASURE = may("measure", text(300))
_FUND = may("fund_wan", Number(0, 1_000_000))
_CONTINGENCY = may("contingency", text(300))
_AMENDABLE = (
    may("spot", text(60)),
    may("finding", text(500)),
    may("category", text(20)),
    may("level", LEVEL_SEEN),
    may("basis", text(1000)),
    may("disposition", choice("on_spot", "by_deadline")),
    _MEASURE,
    _DEADLINE,
    *_OWNER,
)
_AMENDS = same(*(each.name for each in _AMENDABLE))


def _major_needs_five(fields: Mapping[str, Any]) -> Iterator[Fault]:
    """五落实: a major hazard is confirmed with all five settled, or not at all."""
    if fields.get("level") != "major":
        return
    for name in FIVE_SETTLED:
        value = fields.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            yield Fault(name, "required")


KINDS = (
    Kind(
        "hazard.found",
        "发现隐患",
        "observation",
        (
            must("site", ID),
            may("inspection", ID),
            may("checklist", text(60)),
            may("checklist_version", Integer(1)),
            may("item", text(20)),
            may("spot", text(60)),
            must("finding", text(500)),
            may("category", text(20)),
            must("level", LEVEL_SEEN),
            may("basis", text(1000)),
            must("disposition", choice("on_spot", "by_deadline")),
            _MEASURE,
            _DEADLINE,
            must("found_on", DAY),
            may("source", METHOD),
            may("handoff", text(60)),
            *_OWNER,
        ),
        photos=("before",),
        sets=_AMENDS
        | same(
            "site",
            "inspection",
            "checklist",
            "checklist_version",
            "item",
            "found_on",
            "source",
            "handoff",
        ),
    ),
    Kind(
        "hazard.amended",
        "修改隐患",
        "observation",
        (*_AMENDABLE, may("reason", text(200))),
        photos=("before",),
        sets=_AMENDS,
    ),
    Kind("hazard.returned", "退回", "judgement", (must("remarks", REMARKS),), roles=_CHIEF),
    Kind(
        "hazard.resubmitted",
        "补正上交",
        "observation",
        (*_AMENDABLE, may("reply", text(300))),
        photos=("before",),
        sets=_AMENDS | same("reply"),
    ),
    Kind(
        "hazard.confirmed",
        "确认等级",
        "judgement",
        (
            must("level", choice("general", "major")),
            _MEASURE,
            may("fix_owner", text(40), private=True),
            _DEADLINE,
            _FUND,
            _CONTINGENCY,
        ),
        roles=_CHIEF,
        sets=same("level", *FIVE_SETTLED),
        also=_major_needs_five,
    ),
    Kind(
        "hazard.ordered",
        "责令整改",
        "judgement",
        (
            _MEASURE,
            must("deadline", DAY),
            may("disposition", choice("by_deadline", "stop_use", "stop_business", "hand_over")),
            may("document_no", text(60)),
            *_OWNER,
        ),
        roles=frozenset({"chief", "certified_inspector"}),
        sets=same(
            "measure", "deadline", "disposition", "document_no", "fix_owner", "fix_owner_phone"
        ),
    ),
    Kind(
        "hazard.spot_fixed",
        "当场整改",
        "observation",
        (may("note", text(300)),),
        photos=("after",),
    ),
    Kind(
        "hazard.fix_reported",
        "报告整改完成",
        "observation",
        (must("fixed_on", DAY), may("note", text(300))),
        photos=("after",),
    ),
    Kind(
        "hazard.rechecked",
        "复查",
        "observation",
        (
            must("result", choice("fixed", "not_fixed", "partly")),
            must("rechecked_on", DAY),
            may("note", text(300)),
            may("new_deadline", DAY),
        ),
        photos=("after",),
        sets={"new_deadline": "deadline"},
    ),
    Kind(
        "hazard.closed",
        "销号",
        "judgement",
        (may("note", text(300)), may("override_reason", text(200))),
        roles=_CHIEF,
    ),
    Kind(
        "hazard.reopened",
        "重新打开",
        "judgement",
        (must("reason", text(200)), may("inspection", ID)),
        roles=_CHIEF,
        observed_with="inspection",
    ),
    Kind(
        "hazard.voided",
        "作废",
        "judgement",
        (must("reason", text(200)), may("duplicate_of", ID)),
        roles=_CHIEF,
    ),
    Kind(
        "hazard.linked",
        "关联",
        "judgement",
        (must("other", ID), must("relation", choice("same", "not_same"))),
        roles=_CHIEF,
    ),
    Kind("hazard.noted", "补充说明", "observation", (must("text", text(500)),)),
)

STATES = (
    "submitted",
    "returned",
    "confirmed_general",
    "confirmed_major",
    "spot_fixed",
    "rectifying",
    "fix_pending",
    "review_failed",
    "reopened",
    "closed",
    "void",
)
LINK = Record((must("other", ID), must("relation", choice("same", "not_same")), must("fact", ID)))


def highest_level(values: list[Any]) -> Any:
    return first_of(LEVELS[::-1])(values)


def earliest(values: list[Any]) -> Any:
    """The earliest day; a day holds against none."""
    return min(values, key=lambda value: (value is None, value or ""))


SHAPES = (
    Shape(
        "hazard",
        "隐患",
        frozenset({"hazard.found"}),
        (
            must("state", choice(*STATES, "incomplete")),
            must("review", choice(*REVIEW_CAUTION)),
            must("work", choice("none", *WORK_CAUTION)),
            may("site", ID),
            may("inspection", ID),
            may("checklist", text(60)),
            may("checklist_version", Integer(1)),
            may("item", text(20)),
            may("spot", text(60)),
            may("finding", text(500)),
            may("category", text(20)),
            may("level", choice(*LEVELS)),
            may("basis", text(1000)),
            may("disposition", choice(*DISPOSITIONS)),
            _MEASURE,
            _DEADLINE,
            may("found_on", DAY),
            may("source", METHOD),
            may("handoff", text(60)),
            *_OWNER,
            _FUND,
            _CONTINGENCY,
            may("author", ID),
            may("at", INSTANT),
            may("offset_ms", Integer()),
            may("where", WHERE),
            may("photos", PHOTO_ROWS),
            may("remarks", ListOf(REMARK, 1000)),
            may("reply", text(300)),
            may("confirmed_by", ID),
            may("confirmed_at", INSTANT),
            may("ordered_on", DAY),
            may("document_no", text(60)),
            may("fixed_on", DAY),
            may("fix_note", text(300)),
            may("rechecked_on", DAY),
            may("recheck_result", choice("fixed", "not_fixed", "partly")),
            may("rechecked_by", ID),
            may("recheck_note", text(300)),
            may("closed_on", DAY),
            may("closed_by", ID),
            may("close_note", text(300)),
            may("void_reason", text(200)),
            may("duplicate_of", ID),
            may("links", ListOf(LINK, 1000)),
        ),
        cautious={
            "level": highest_level,
            "deadline": earliest,
            "disposition": first_of(DISPOSITIONS[::-1]),
        },
    ),
)
