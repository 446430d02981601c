"""Alembic's entry: migrations run all or nothing, on SQLite too (reliability.md T9).

The same hooks as the server's take transactions out of the driver's hands, and the caller hands in
the connection, so that one place knows how the database is opened.
"""

from alembic import context

import app.domains  # noqa: F401 - every table registers itself with the metadata
from app.db import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    transaction_per_migration=False,
    render_as_batch=False,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
