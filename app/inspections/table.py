"""Inspections as rows: what the review queue and a site's history filter and sort by."""

from sqlalchemy import Column, Index, String, Text

from app.matters.told import answered_photos, dispute_of, words
from app.projections import Context, JsonRow, Projection, index_where, projection_table

inspection = projection_table(
    "inspection",
    Column("state", String(20), nullable=False),
    Column("site_id", String(36)),
    Column("area_id", String(36)),
    Column("checklist_id", String(60)),
    Column("day", String(10)),
    Column("author_id", String(36)),
    Column("received_at", String(24), nullable=False),
    Column("dispute", String(10)),  # field | outcome, while a conflict waits for the chief
    Column("settled", Text),  # pairs of photos the chief has answered about
)
Index("ix_inspection_state", inspection.c.station_id, inspection.c.state, inspection.c.changed_idx)
Index("ix_inspection_site", inspection.c.station_id, inspection.c.site_id, inspection.c.day)
index_where(inspection, "ix_inspection_dispute", "dispute IS NOT NULL", "dispute")


def _columns(row: JsonRow, context: Context) -> JsonRow:
    return {
        "state": row.get("state") or "",
        "site_id": row.get("site"),
        "area_id": context.area_id,
        "checklist_id": row.get("checklist"),
        "day": row.get("day"),
        "author_id": row.get("author") or context.author_id,
        "received_at": context.received_at,
        "dispute": dispute_of(row),
        "settled": words(answered_photos(row)),
    }


INSPECTION = Projection("inspection", inspection, _columns)
