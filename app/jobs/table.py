"""Work that outlives a request: one row per job, taken by a lease that runs out."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from app.db import metadata

job = Table(
    "job",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("job_id", String(36), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("state", String(10), nullable=False),  # waiting | running | done | failed
    Column("params", Text, nullable=False),
    Column("done", Integer, nullable=False, default=0),
    Column("total", Integer),
    Column("result", Text),
    Column("failure", Text),
    Column("attempts", Integer, nullable=False, default=0),
    Column("lease_holder", String(80)),
    Column("lease_until", String(24)),
    Column("created_at", String(24), nullable=False),
    Column("created_by", String(36)),
    Column("finished_at", String(24)),
    PrimaryKeyConstraint("station_id", "job_id"),
)
Index("ix_job_state", job.c.state, job.c.created_at)
