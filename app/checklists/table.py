"""Published checklist versions and the station's settings as rows."""

from sqlalchemy import Column, Index, Integer, String

from app.projections import Context, JsonRow, Projection, projection_table

checklist = projection_table(
    "checklist",
    Column("checklist_id", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
)
Index("ix_checklist_version", checklist.c.station_id, checklist.c.checklist_id, checklist.c.version)

setting = projection_table("setting", Column("name", String(60), nullable=False))


def _checklist_columns(row: JsonRow, _context: Context) -> JsonRow:
    return {
        "checklist_id": row.get("checklist") or "",
        "version": row.get("version") or 0,
        "sha256": row.get("sha256") or "",
    }


def _setting_columns(row: JsonRow, _context: Context) -> JsonRow:
    return {"name": row.get("name") or ""}


CHECKLIST = Projection("checklist", checklist, _checklist_columns)
SETTING = Projection("setting", setting, _setting_columns)
