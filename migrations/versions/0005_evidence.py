"""What shows years later that a record is whole: phones' signatures, findings, resumed rebuilds.

Only columns and tables are added. Batches from before have no signature kept: it was checked and
thrown away.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BATCH_COLUMNS = (
    ("sent_at", sa.String(length=40)),
    ("n_max", sa.BigInteger()),
    ("phone_signature", sa.String(length=120)),
    ("hashes", sa.Text()),
)


def upgrade():
    """Columns of `batch` without a default: SQLite then rewrites no row."""
    for name, type_ in BATCH_COLUMNS:
        op.add_column("batch", sa.Column(name, type_, nullable=True))
    op.create_table(
        "finding",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("found_at", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.String(length=24), nullable=True),
        sa.Column("seen_by", sa.String(length=36), nullable=True),
        sa.Column("ended_at", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("station_id", "kind", "about", name=op.f("pk_finding")),
    )
    op.create_table(
        "rebuilt",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "subject_id", name=op.f("pk_rebuilt")),
    )
    op.create_table(
        "rebuild_run",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("after", sa.String(length=36), nullable=False),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_rebuild_run")),
    )


def downgrade():
    """The ledger itself is untouched; what phones signed is forgotten again."""
    for table in ("rebuild_run", "rebuilt", "finding"):
        op.drop_table(table)
    for name, _ in reversed(BATCH_COLUMNS):
        op.drop_column("batch", name)
