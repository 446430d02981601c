"""The station's own order: areas, accounts, grants, enrolments, checklists and settings.

They are facts like all others, so that there is one audit trail; only the desk authors them.
"""

from sync.kinds.declare import (
    BOOLEAN,
    HASH,
    ID,
    Integer,
    Json,
    Kind,
    ListOf,
    Shape,
    choice,
    first_of,
    may,
    must,
    same,
    text,
)
from sync.limits import CHECKLIST_CONTENT_BYTES_MAX, JSON_VALUE_BYTES_MAX

ROLES = ("inspector", "certified_inspector", "chief", "admin")
_ADMIN = frozenset({"admin"})
_ROLE_LIST = ListOf(choice(*ROLES), len(ROLES))
_AREA_LIST = ListOf(ID, 1000)
_ENROLMENT_STATE = choice("claimed", "revoked")
_KNOWN = must("state", choice("known", "incomplete"))
_AREA = (
    must("name", text(40)),
    must("level", choice("town", "village", "grid")),
    may("parent", ID),
    may("duties", text(500)),
    may("inspector", ID),
)
_ACCOUNT = (
    must("login", text(40)),
    must("active", BOOLEAN),
    must("name", text(40), private=True),
    may("phone", text(30), private=True),
    may("certificate_no", text(40), private=True),
    may("staff_type", text(20)),
)
_ENROLMENT = (
    must("account", ID),
    must("state", _ENROLMENT_STATE),
    may("label", text(60)),
    may("public_key", text(120)),
)
_CHECKLIST = (
    must("checklist", text(60)),
    must("version", Integer(1)),
    must("sha256", HASH),
    must("content", Json(CHECKLIST_CONTENT_BYTES_MAX)),
)
_SETTING = (must("name", text(60)), may("value", Json(JSON_VALUE_BYTES_MAX)))


def _fewest(values: list[list[str]]) -> list[str]:
    """Of several concurrent grants the one that allows least."""
    return min(values, key=lambda value: (len(value or ()), sorted(value or ())))


KINDS = (
    Kind(
        "area.set",
        "设置区域",
        "administration",
        _AREA,
        roles=_ADMIN,
        sets=same(*(each.name for each in _AREA)),
    ),
    Kind(
        "account.set",
        "设置账号",
        "administration",
        _ACCOUNT,
        roles=_ADMIN,
        sets=same(*(each.name for each in _ACCOUNT)),
    ),
    Kind(
        "grant.set",
        "设置权限",
        "administration",
        (must("roles", _ROLE_LIST), must("areas", _AREA_LIST)),
        roles=_ADMIN,
        sets=same("roles", "areas"),
    ),
    Kind(
        "enrolment.set",
        "登记设备",
        "administration",
        _ENROLMENT,
        roles=_ADMIN,
        sets=same(*(each.name for each in _ENROLMENT)),
    ),
    Kind(
        "checklist.published",
        "发布检查表",
        "administration",
        _CHECKLIST,
        roles=_ADMIN,
        sets=same(*(each.name for each in _CHECKLIST)),
    ),
    Kind(
        "setting.set",
        "修改设置",
        "administration",
        _SETTING,
        roles=_ADMIN,
        sets=same("name", "value"),
    ),
)

SHAPES = (
    Shape("area", "区域", frozenset({"area.set"}), (_KNOWN, *_AREA)),
    Shape(
        "account",
        "账号",
        frozenset({"account.set"}),
        (_KNOWN, *_ACCOUNT, may("roles", _ROLE_LIST), may("areas", _AREA_LIST)),
        cautious={"active": first_of((False, True)), "roles": _fewest},
    ),
    Shape(
        "enrolment",
        "设备",
        frozenset({"enrolment.set"}),
        (
            must("state", choice("claimed", "revoked", "incomplete")),
            *(each for each in _ENROLMENT if each.name != "state"),
        ),
        cautious={"state": first_of(("revoked", "claimed"))},
    ),
    Shape("checklist", "检查表", frozenset({"checklist.published"}), (_KNOWN, *_CHECKLIST)),
    Shape("setting", "设置", frozenset({"setting.set"}), (_KNOWN, *_SETTING)),
)
