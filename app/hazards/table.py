"""Hazards as rows: what the ledger page filters, sorts and searches by."""

from sqlalchemy import Column, Index, String, Text

from app.hazards.rules import FINISHED
from app.matters.told import answered_links, answered_photos, dispute_of, words
from app.projections import Context, JsonRow, Projection, index_where, projection_table

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
    Column("dispute", String(10)),  # field | outcome, while a conflict waits for the chief
    Column("alike", String(90)),  # checklist/item while it is open: another such is likely the same
    Column("settled", Text),  # other hazards and pairs of photos the chief has answered about
)
Index("ix_hazard_state", hazard.c.station_id, hazard.c.state, hazard.c.deadline)
Index("ix_hazard_site", hazard.c.station_id, hazard.c.site_id)
Index("ix_hazard_inspection", hazard.c.station_id, hazard.c.inspection_id)
index_where(hazard, "ix_hazard_dispute", "dispute IS NOT NULL", "dispute")
index_where(hazard, "ix_hazard_alike", "alike IS NOT NULL", "site_id", "alike")


def _columns(row: JsonRow, context: Context) -> JsonRow:
    said = [row.get("number"), row.get("finding"), row.get("spot")]
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
        "search": " ".join(word for word in said if word).lower(),
        "dispute": dispute_of(row),
        "alike": _alike(row),
        "settled": words([*answered_links(row), *answered_photos(row)]),
    }


def _alike(row: JsonRow) -> str | None:
    if row.get("state") in FINISHED or not row.get("item"):
        return None
    return f"{row.get('checklist') or ''}/{row['item']}"


HAZARD = Projection("hazard", hazard, _columns)
