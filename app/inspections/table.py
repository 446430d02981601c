"""Inspections as rows: what the review queue and a site's history filter and sort by."""

from sqlalchemy import Column, Index, String

from app.projections import Context, JsonRow, Projection, projection_table

inspection = projection_table(
    "inspection",
    Column("state", String(20), nullable=False),
    Column("site_id", String(36)),
    Column("area_id", String(36)),
    Column("checklist_id", String(60)),
    Column("day", String(10)),
    Column("author_id", String(36)),
    Column("received_at", String(24), nullable=False),
)
Index("ix_inspection_state", inspection.c.station_id, inspection.c.state, inspection.c.changed_idx)
Index("ix_inspection_site", inspection.c.station_id, inspection.c.site_id, inspection.c.day)


def _columns(row: JsonRow, context: Context) -> JsonRow:
    return {
        "state": row.get("state") or "",
        "site_id": row.get("site"),
        "area_id": context.area_id,
        "checklist_id": row.get("checklist"),
        "day": row.get("day"),
        "author_id": row.get("author") or context.author_id,
        "received_at": context.received_at,
    }


INSPECTION = Projection("inspection", inspection, _columns)
