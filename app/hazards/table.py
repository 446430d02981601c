"""Hazards as rows: what the ledger page filters, sorts and searches by."""

from sqlalchemy import Column, Index, String, Text

from app.projections import Context, JsonRow, Projection, projection_table

hazard = projection_table(
    "hazard",
    Column("number", String(40)),
    Column("state", String(20), nullable=False),
    Column("level", String(20)),
    Column("category", String(20)),
    Column("site_id", String(36)),
    Column("area_id", String(36)),
    Column("inspection_id", String(36)),
    Column("deadline", String(10)),
    Column("found_on", String(10)),
    Column("author_id", String(36)),
    Column("search", Text, nullable=False),
)
Index("ix_hazard_state", hazard.c.station_id, hazard.c.state, hazard.c.deadline)
Index("ix_hazard_site", hazard.c.station_id, hazard.c.site_id)
Index("ix_hazard_inspection", hazard.c.station_id, hazard.c.inspection_id)


def _columns(row: JsonRow, context: Context) -> JsonRow:
    words = [row.get("number"), row.get("finding"), row.get("spot")]
    return {
        "number": row.get("number"),
        "state": row.get("state") or "",
        "level": row.get("level"),
        "category": row.get("category"),
        "site_id": row.get("site"),
        "area_id": context.area_id,
        "inspection_id": row.get("inspection"),
        "deadline": row.get("deadline"),
        "found_on": row.get("found_on"),
        "author_id": row.get("author") or context.author_id,
        "search": " ".join(word for word in words if word).lower(),
    }


HAZARD = Projection("hazard", hazard, _columns)
