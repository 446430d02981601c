"""Areas as rows: town, villages, grids. Only columns for filtering; the row itself is JSON."""

from sqlalchemy import Column, Index, String

from app.projections import Context, JsonRow, Projection, projection_table

area = projection_table(
    "area",
    Column("name", String(40), nullable=False),
    Column("level", String(10), nullable=False),
    Column("parent_id", String(36)),
    Column("inspector_id", String(36)),
)
Index("ix_area_parent", area.c.station_id, area.c.parent_id)


def _columns(row: JsonRow, _context: Context) -> JsonRow:
    return {
        "name": row.get("name") or "",
        "level": row.get("level") or "",
        "parent_id": row.get("parent"),
        "inspector_id": row.get("inspector"),
    }


AREA = Projection("area", area, _columns)
