"""Accounts from a sheet: each row becomes one `account.set` and one `grant.set`.

Pure: areas and taken logins come in as values. No password is ever in a sheet; each person sets
their own through a one-time link.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from app.imports.places import AreaFinder
from app.imports.shape import (
    ImportColumn,
    Importer,
    Known,
    PlannedFact,
    PlannedRow,
    Trouble,
    check_cells,
    rows_to_read,
    unknown_columns,
)
from app.imports.sheet import Sheet, SheetRow

NAME, LOGIN, ROLES, AREAS = "姓名", "登录名", "角色", "负责网格"
_ROLE_CODES = {
    "网格员": "inspector",
    "监管员": "certified_inspector",
    "站长": "chief",
    "管理员": "admin",
}
_STAFF_TYPES = ("行政", "事业", "编外", "村级")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,39}\Z")
_SPLIT = re.compile(r"[、,，;；]+")


def columns(known: Known) -> tuple[ImportColumn, ...]:
    areas = AreaFinder(known.areas).names()
    roles = "、".join(_ROLE_CODES)
    return (
        ImportColumn(
            NAME, "name", "真实姓名", 12, required=True, chars_max=40, example="（示例）王某"
        ),
        ImportColumn(
            LOGIN,
            "login",
            "字母和数字，2 到 40 位，不能重复",
            16,
            required=True,
            chars_max=40,
            example="wangm",
        ),
        ImportColumn(
            "手机号", "phone", "可以空着；有遮盖也可以", 15, chars_max=30, example="138____0000"
        ),
        ImportColumn(
            ROLES,
            "roles",
            f"可填多个，用顿号隔开：{roles}",
            18,
            required=True,
            chars_max=60,
            example="网格员",
        ),
        ImportColumn(
            AREAS,
            "areas",
            "网格员和监管员必填，可填多个，用顿号隔开",
            30,
            example=areas[-1] if areas else "幸福村 第1网格",
        ),
        ImportColumn(
            "人员类别",
            "staff_type",
            "、".join(_STAFF_TYPES),
            10,
            choices=_STAFF_TYPES,
            example="村级",
        ),
        ImportColumn("执法证号", "certificate_no", "监管员填", 18, chars_max=40),
    )


def plan(sheet: Sheet, known: Known, *, new_id: Callable[[], str]) -> list[PlannedRow]:
    finder = AreaFinder(known.areas)
    cols = columns(known)
    taken = {login.lower(): "站里已有人用" for login in known.logins}
    planned = [
        _plan_row(row, cols, finder, taken, new_id=new_id) for row in rows_to_read(sheet, NAME)
    ]
    strange = unknown_columns(sheet, cols)
    if planned and strange:
        first = planned[0]
        planned[0] = PlannedRow(
            first.number, first.title, first.summary, first.facts, (*strange, *first.troubles)
        )
    return planned


def _plan_row(
    row: SheetRow,
    cols: tuple[ImportColumn, ...],
    finder: AreaFinder,
    taken: dict[str, str],
    *,
    new_id: Callable[[], str],
) -> PlannedRow:
    troubles = check_cells(row, cols)
    login = row.cells.get(LOGIN, "")
    _check_login(row, login, taken, troubles)
    roles = _roles(row, troubles)
    areas = _areas(row, roles, finder, troubles)
    body: dict[str, Any] = {"login": login.lower(), "active": True}
    if row.cells.get("人员类别"):
        body["staff_type"] = row.cells["人员类别"]
    private = {
        key: row.cells[header]
        for header, key in ((NAME, "name"), ("手机号", "phone"), ("执法证号", "certificate_no"))
        if row.cells.get(header)
    }
    account = new_id()
    facts = (
        PlannedFact(new_id(), "account.set", account, body, private),
        PlannedFact(new_id(), "grant.set", account, {"roles": roles, "areas": areas}),
    )
    failed = any(trouble.level == "error" for trouble in troubles)
    summary = f"{login} · {row.cells.get(ROLES, '')} · {row.cells.get(AREAS, '') or '全站'}"
    return PlannedRow(
        row.number, row.cells.get(NAME, ""), summary, () if failed else facts, tuple(troubles)
    )


def _check_login(row: SheetRow, login: str, taken: dict[str, str], troubles: list[Trouble]) -> None:
    if not login:
        return
    if not _LOGIN.match(login):
        troubles.append(Trouble(row.number, LOGIN, "只能用字母、数字、点、横线，2 到 40 位"))
    elif login.lower() in taken:
        troubles.append(Trouble(row.number, LOGIN, f"登录名“{login}”{taken[login.lower()]}"))
    taken.setdefault(login.lower(), f"和第 {row.number} 行重复")


def _roles(row: SheetRow, troubles: list[Trouble]) -> list[str]:
    names = [part.strip() for part in _SPLIT.split(row.cells.get(ROLES, "")) if part.strip()]
    for name in names:
        if name not in _ROLE_CODES:
            options = "、".join(_ROLE_CODES)
            troubles.append(Trouble(row.number, ROLES, f"不认得“{name}”，可以填：{options}"))
    return list(dict.fromkeys(_ROLE_CODES[name] for name in names if name in _ROLE_CODES))


def _areas(
    row: SheetRow, roles: list[str], finder: AreaFinder, troubles: list[Trouble]
) -> list[str]:
    found: list[str] = []
    for name in (part.strip() for part in _SPLIT.split(row.cells.get(AREAS, ""))):
        if not name:
            continue
        area = finder.find(name)
        if area is None:
            more = "，有几个同名的，请把村名也写上" if finder.ambiguous(name) else "，请从下拉里选"
            troubles.append(Trouble(row.number, AREAS, f"没有“{name}”这个村或网格{more}"))
        else:
            found.append(area)
    whole_station = {"chief", "admin"} & set(roles)
    if roles and not found and not whole_station and row.cells.get(AREAS, "") == "":
        troubles.append(Trouble(row.number, AREAS, "网格员和监管员要写明负责哪个网格"))
    return list(dict.fromkeys(found))


IMPORTER = Importer("accounts", "人员", columns, plan)
