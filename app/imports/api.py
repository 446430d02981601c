"""Imports of sites and accounts: template, preview with every problem named, application in one go.

Nothing is imported until the preview is applied, and then all of it or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.decisions.decide import decide
from app.exports.text import attachment
from app.http import Answer, Call, Routes
from app.imports.kinds import IMPORTERS
from app.imports.places import AreaFinder
from app.imports.schema import Application, ApplicationRequest, ImportPreview
from app.imports.shape import Importer, PlannedRow
from app.imports.sheet import FILE_BYTES_MAX, Unreadable, read_sheet
from app.imports.store import Preview, find_preview, mark_applied, read_known, save_preview
from app.imports.template import make_template
from app.ledger.incoming import DeskFact
from app.problems import ProblemError, declare
from sync.problems import Problem

declare(
    Problem("sheet-unreadable", 422, "{why}。", "The file cannot be read: {why}", retry=False),
    Problem(
        "sheet-empty",
        422,
        "表里还没有填内容，示例行不算。",
        "The sheet holds no rows besides the example.",
        retry=False,
    ),
)

routes = Routes("imports")
MAY_IMPORT = frozenset({"admin"})
FORM_BYTES_MAX = FILE_BYTES_MAX + 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Planned:
    """What reading the file gave, before the transaction that keeps the preview."""

    importer: Importer
    rows: list[PlannedRow]


def _importer(call: Call) -> Importer:
    found = IMPORTERS.get(call.path["noun"])
    if found is None:
        raise ProblemError("not-found")
    return found


def _plan(call: Call) -> Planned:
    """Read and plan outside the writing transaction: a large sheet takes a second."""
    importer = _importer(call)
    sent = call.request.files.get("file")
    data = sent.read(FILE_BYTES_MAX + 1) if sent is not None else b""
    with call.services.database.read() as connection:
        known = read_known(connection, call.station_id, importer.name)
    try:
        sheet = read_sheet(data, [column.header for column in importer.columns(known)])
    except Unreadable as error:
        raise ProblemError("sheet-unreadable", why=error.sentence) from error
    rows = importer.plan(sheet, known, new_id=call.services.ids)
    if not rows:
        raise ProblemError("sheet-empty")
    return Planned(importer, rows)


@routes.route(
    "/imports/<noun>",
    methods=["POST"],
    auth="desk",
    roles=MAY_IMPORT,
    body="form",
    limit_bytes=FORM_BYTES_MAX,
    answers=ImportPreview,
    write=True,
    prepare=_plan,
    summary="Preview a filled template: every row and every problem, nothing imported yet",
)
def preview(call: Call) -> dict[str, Any]:
    planned: Planned = call.prepared
    rows = [row.as_json() for row in planned.rows]
    errors = [trouble.as_json() for row in planned.rows for trouble in row.troubles]
    kept = Preview(
        import_id=call.services.ids(),
        noun=planned.importer.name,
        account_id=call.who.account_id,
        rows=rows,
        errors=errors,
        ok=sum(row["ok"] for row in rows),
        applied_at=None,
    )
    save_preview(call.connection, call.station_id, kept, now=call.now)
    return {
        "id": kept.import_id,
        "rows": [{key: row[key] for key in row if key != "facts"} for row in rows],
        "errors": errors,
        "ok": kept.ok,
        "failed": len(rows) - kept.ok,
        "duplicates": sum(row["duplicate"] for row in rows),
    }


@routes.route(
    "/imports/<import_id>/application",
    methods=["POST"],
    auth="desk",
    roles=MAY_IMPORT,
    body=ApplicationRequest,
    answers=Application,
    write=True,
    summary="Apply a preview: all of it or nothing, once",
)
def application(call: Call) -> dict[str, Any]:
    kept = find_preview(call.connection, call.station_id, call.path["import_id"])
    if kept is None or kept.account_id != call.who.account_id:
        raise ProblemError("not-found")
    failed = sum(not row["ok"] for row in kept.rows)
    if failed:
        raise ProblemError("import-has-errors", count=failed)
    skip = call.body["skip_duplicates"]
    rows = [row for row in kept.rows if not (skip and row["duplicate"])]
    told = {"applied": len(rows), "skipped": len(kept.rows) - len(rows), "already": False}
    if not mark_applied(call.connection, call.station_id, kept.import_id, now=call.now):
        return {**told, "already": True}
    facts = [DeskFact(**fact) for row in rows for fact in row["facts"]]
    decide(call.connection, call.who, facts, now=call.now)
    return told


@routes.route(
    "/imports/<noun>/template",
    auth="desk",
    roles=MAY_IMPORT,
    write=False,
    summary="The template to fill in, with the station's own areas in its lists",
)
def template(call: Call) -> Answer:
    importer = _importer(call)
    known = read_known(call.connection, call.station_id, importer.name)
    data = make_template(
        importer.title, importer.columns(known), sorted(AreaFinder(known.areas).names())
    )
    name = f"{importer.title}导入模板.xlsx"
    return Answer(data, headers={"Content-Type": XLSX, "Content-Disposition": attachment(name)})
