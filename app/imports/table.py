"""Previewed spreadsheets: the checked rows wait here until a person applies or forgets them."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String, Table, Text

from app.db import metadata

import_preview = Table(
    "import_preview",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("import_id", String(36), nullable=False),
    Column("noun", String(20), nullable=False),  # sites | accounts
    Column("account_id", String(36), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("rows", Text, nullable=False),
    Column("errors", Text, nullable=False),
    Column("ok", Integer, nullable=False),
    Column("applied_at", String(24)),
    PrimaryKeyConstraint("station_id", "import_id"),
)
