"""Where in the log a private line that came after its fact changed its subject's row."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    """One table; lines that came late before it was there are not known any more."""
    op.create_table(
        "late_private",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("fact_sha256", sa.String(length=64), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "fact_sha256", name=op.f("pk_late_private")),
    )


def downgrade():
    """Rows keep what the lines said; only when they came is forgotten."""
    op.drop_table("late_private")
