"""Findings: one line for each thing that did not check, however often it is found again.

kinds: `log` a phone's kept head no longer fits the log (about = the enrolment) · `row` a rebuild
changed a state, level or deadline (about = the subject) · `photo` a held photo is missing or
damaged (about = its hash).
"""

from sqlalchemy import Column, PrimaryKeyConstraint, String, Table, Text

from app.db import metadata

finding = Table(
    "finding",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("about", String(80), nullable=False),
    Column("found_at", String(24), nullable=False),
    Column("detail", Text, nullable=False),
    Column("seen_at", String(24)),
    Column("seen_by", String(36)),
    Column("ended_at", String(24)),
    PrimaryKeyConstraint("station_id", "kind", "about"),
)
