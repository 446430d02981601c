"""Documents as rows: what a hazard's and a site's page look them up by."""

from sqlalchemy import Column, Index, String

from app.projections import Context, JsonRow, Projection, projection_table

document = projection_table(
    "document",
    Column("number", String(40)),
    Column("state", String(20), nullable=False),
    Column("site_id", String(36)),
    Column("area_id", String(36)),
    Column("author_id", String(36)),
    Column("issued_on", String(10)),
)
Index("ix_document_site", document.c.station_id, document.c.site_id)


def _columns(row: JsonRow, context: Context) -> JsonRow:
    return {
        "number": row.get("number"),
        "state": row.get("state") or "",
        "site_id": row.get("site"),
        "area_id": context.area_id,
        "author_id": row.get("author") or context.author_id,
        "issued_on": row.get("issued_on"),
    }


DOCUMENT = Projection("document", document, _columns)
