"""Activities as rows: feedback and whatever else a person writes down that is no inspection."""

from sqlalchemy import Column, String

from app.projections import Context, JsonRow, Projection, projection_table

activity = projection_table(
    "activity",
    Column("author_id", String(36)),
    Column("received_at", String(24), nullable=False),
)


def _columns(row: JsonRow, context: Context) -> JsonRow:
    author = row.get("author") or context.author_id
    return {"author_id": author, "received_at": context.received_at}


ACTIVITY = Projection("activity", activity, _columns)
