"""Sites as rows, with one search column: name, address, code and pinyin initials."""

from sqlalchemy import Boolean, Column, Float, Index, String, Text

from app.matters.told import dispute_of
from app.projections import Context, JsonRow, Projection, index_where, projection_table
from app.sites.letters import initials

site = projection_table(
    "site",
    Column("state", String(20), nullable=False),
    Column("area_id", String(36)),
    Column("grade", String(1)),
    Column("high_risk", Boolean, nullable=False),
    Column("name", String(80), nullable=False),
    Column("search", Text, nullable=False),
    Column("lat", Float),
    Column("lon", Float),
    Column("dispute", String(10)),  # field | outcome, while a conflict waits for the chief
)
Index("ix_site_area", site.c.station_id, site.c.area_id)
index_where(site, "ix_site_dispute", "dispute IS NOT NULL", "dispute")


def _columns(row: JsonRow, _context: Context) -> JsonRow:
    name = row.get("name") or ""
    parts = [name, initials(name), row.get("address") or "", row.get("credit_code") or ""]
    return {
        "state": row.get("state") or "",
        "area_id": row.get("area"),
        "grade": row.get("grade"),
        "high_risk": bool(row.get("high_risk")),
        "name": name,
        "search": " ".join(part for part in parts if part).lower(),
        "lat": row.get("lat"),
        "lon": row.get("lon"),
        "dispute": dispute_of(row),
    }


def _for_phone(row: JsonRow) -> JsonRow:
    """Phones search offline and have no pinyin tables."""
    return {**row, "initials": initials(str(row.get("name") or ""))}


SITE = Projection("site", site, _columns, _for_phone)
