"""Activities as rows: feedback and whatever else a person writes down that is no inspection."""

from sqlalchemy import Column, Index, String

from app.projections import Context, JsonRow, Projection, projection_table
from sync.folding import station_day

activity = projection_table(
    "activity",
    Column("author_id", String(36)),
    Column("received_at", String(24), nullable=False),
    Column("kind", String(40), nullable=False, server_default=""),
    Column("day", String(10), nullable=False, server_default=""),  # it was on; else was noted
)
# A list is read in the order of days, whatever it is narrowed to.
Index("ix_activity_day", activity.c.station_id, activity.c.day, activity.c.id)
Index("ix_activity_kind", activity.c.station_id, activity.c.kind, activity.c.day, activity.c.id)
Index(
    "ix_activity_author",
    activity.c.station_id,
    activity.c.author_id,
    activity.c.day,
    activity.c.id,
)


def _columns(row: JsonRow, context: Context) -> JsonRow:
    return {
        "author_id": row.get("author") or context.author_id,
        "received_at": context.received_at,
        "kind": row.get("kind") or "",
        "day": row.get("day") or station_day(row.get("at")) or "",
    }


ACTIVITY = Projection("activity", activity, _columns)
