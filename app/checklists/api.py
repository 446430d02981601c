"""Checklists at the desk: what is in force, and any version exactly as it was published."""

from __future__ import annotations

from typing import Any

from app.checklists.schema import ChecklistAnswer, ChecklistList, SettingList
from app.checklists.store import (
    SET_AT_THE_DESK,
    list_checklists,
    list_settings,
    read_checklist,
    setting_subject,
)
from app.http import Call, Routes
from app.problems import ProblemError

routes = Routes("checklists")
VERSION_DIGITS_MAX = 9


@routes.route(
    "/checklists",
    auth="either",
    answers=ChecklistList,
    write=False,
    summary="The newest version of every checklist, without items",
)
def checklists(call: Call) -> dict[str, Any]:
    return {"items": list_checklists(call.connection, call.station_id)}


@routes.route(
    "/settings",
    auth="either",
    answers=SettingList,
    write=False,
    summary="The station's settings, and which subject each that has a form at the desk is set as",
)
def settings(call: Call) -> dict[str, Any]:
    return {
        "items": list_settings(call.connection, call.station_id),
        "subjects": {name: setting_subject(call.station_id, name) for name in SET_AT_THE_DESK},
    }


@routes.route(
    "/checklists/<checklist_id>/<version>",
    auth="either",
    answers=ChecklistAnswer,
    write=False,
    summary="One version as it was published",
)
def checklist(call: Call) -> dict[str, Any]:
    version = call.path["version"]
    if not version.isascii() or not version.isdigit() or len(version) > VERSION_DIGITS_MAX:
        raise ProblemError("not-found")
    found = read_checklist(
        call.connection, call.station_id, call.path["checklist_id"], int(version)
    )
    if found is None:
        raise ProblemError("not-found")
    return {"checklist": found}
