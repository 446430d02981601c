"""Inspections: one filled checklist at one site.

Returning, correcting or voiding an inspection never changes its hazards; the chief decides each of
them.
"""

from sync.kinds.declare import (
    DAY,
    HASH,
    ID,
    INSTANT,
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
from sync.kinds.places import PHOTO_ROWS, WHERE
from sync.limits import (
    ANSWERS_MAX,
    COMPANIONS_MAX,
    HAZARDS_PER_INSPECTION_MAX,
    JSON_VALUE_BYTES_MAX,
    REMARKS_PER_REVIEW_MAX,
)

METHOD = choice("routine", "special", "joint", "covert", "report", "self", "assigned", "look_back")
VERDICT = choice("pass", "fail", "na", "reading", "unmeasured", "unanswered")
ANSWER = Record(
    (
        must("item", text(20)),
        may("value", Json(JSON_VALUE_BYTES_MAX)),
        must("verdict", VERDICT),
        must("source", choice("tapped", "measured", "carried", "rest_pass", "unknown")),
        may("note", text(300)),
    )
)
ANSWERS = ListOf(ANSWER, ANSWERS_MAX)
ATTENDANCE = choice("signed", "refused", "absent")
REMARK = Record((must("field", text(60)), must("text", text(300))))
REMARKS = ListOf(REMARK, REMARKS_PER_REVIEW_MAX)

# Which of several concurrent answers to one item holds: a failed one before all others.
CAUTIOUS_VERDICTS = ("fail", "unmeasured", "unanswered", "reading", "na", "pass")

_ON_SITE = (
    may("on_site_name", text(40), private=True),
    may("on_site_post", text(30), private=True),
    may("on_site_phone", text(30), private=True),
)
_LATER = same("remark", "attendance", *(each.name for each in _ON_SITE))
_CHIEF = frozenset({"chief"})

KINDS = (
    Kind(
        "inspection.submitted",
        "提交检查",
        "observation",
        (
            must("site", ID),
            must("checklist", text(60)),
            must("checklist_version", Integer(1)),
            must("checklist_sha256", HASH),
            must("method", METHOD),
            must("started_at", INSTANT),
            must("finished_at", INSTANT),
            must("answers", ANSWERS),
            must("hazards", ListOf(ID, HAZARDS_PER_INSPECTION_MAX)),
            must("attendance", ATTENDANCE),
            may("companions", ListOf(ID, COMPANIONS_MAX)),
            may("remark", text(500)),
            *_ON_SITE,
        ),
        photos=("scene", "signature"),
        sets=same(
            "site",
            "checklist",
            "checklist_version",
            "checklist_sha256",
            "method",
            "started_at",
            "finished_at",
            "hazards",
            "companions",
        )
        | _LATER,
    ),
    Kind(
        "inspection.corrected",
        "补正检查",
        "observation",
        (
            may("answers", ANSWERS),
            may("remark", text(500)),
            may("attendance", ATTENDANCE),
            *_ON_SITE,
            may("reply", text(300)),
        ),
        photos=("scene", "signature"),
        sets=_LATER | same("reply"),
    ),
    Kind(
        "inspection.reviewed",
        "审核检查",
        "judgement",
        (must("outcome", choice("accepted", "returned")), may("remarks", REMARKS)),
        roles=_CHIEF,
    ),
    Kind(
        "inspection.voided",
        "作废检查",
        "judgement",
        (must("reason", text(200)),),
        roles=_CHIEF,
    ),
)

_COUNTS = Record(
    tuple(must(name, Integer(0)) for name in ("pass", "fail", "na", "reading", "unanswered"))
)

SHAPES = (
    Shape(
        "inspection",
        "检查",
        frozenset({"inspection.submitted"}),
        (
            must("state", choice("submitted", "returned", "accepted", "void", "incomplete")),
            may("site", ID),
            may("checklist", text(60)),
            may("checklist_version", Integer(1)),
            may("checklist_sha256", HASH),
            may("method", METHOD),
            may("started_at", INSTANT),
            may("finished_at", INSTANT),
            may("day", DAY),
            may("answers", ANSWERS),
            may("hazards", ListOf(ID, HAZARDS_PER_INSPECTION_MAX)),
            may("attendance", ATTENDANCE),
            may("companions", ListOf(ID, COMPANIONS_MAX)),
            may("remark", text(500)),
            *_ON_SITE,
            may("author", ID),
            may("at", INSTANT),
            may("offset_ms", Integer()),
            may("where", WHERE),
            may("photos", PHOTO_ROWS),
            may("remarks", REMARKS),
            may("reply", text(300)),
            must("counts", _COUNTS),
            may("reviewed_by", ID),
            may("reviewed_at", INSTANT),
            may("void_reason", text(200)),
        ),
    ),
)
