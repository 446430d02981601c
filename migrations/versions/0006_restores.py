"""Restores, and what phones prove of the log that was lost (docs/contract.md section 9)."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade():
    """New tables only; a database that was never restored keeps them empty."""
    op.create_table(
        "restore",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("from_epoch", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("set_name", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=24), nullable=False),
        sa.Column("restored_at", sa.String(length=24), nullable=False),
        sa.Column("photos_lacking", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "epoch", name=op.f("pk_restore")),
    )
    _returned()
    _lost()


def _returned():
    """What came back: entries and pages of lost logs, and numbers."""
    op.create_table(
        "returned_fact",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("fact_sha256", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=120), nullable=False),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.Column("number", sa.String(length=40)),
        sa.Column("page_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "epoch", "idx", name=op.f("pk_returned_fact")),
    )
    op.create_index("ix_returned_fact_sha256", "returned_fact", ["station_id", "fact_sha256"])
    op.create_table(
        "returned_page",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("page_id", sa.String(length=32), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("signature", sa.String(length=120), nullable=False),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("returned_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "page_id", name=op.f("pk_returned_page")),
    )
    op.create_table(
        "returned_number",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("interim", sa.String(length=40)),
        sa.Column("given_back", sa.Integer(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "station_id", "subject_id", "number", name=op.f("pk_returned_number")
        ),
    )


def _lost():
    """What phones proved of a lost log's size."""
    op.create_table(
        "lost_head",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("root", sa.String(length=64)),
        sa.Column("seen_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "epoch", "enrolment_id", name=op.f("pk_lost_head")),
    )
    op.create_table(
        "lost_batch",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "epoch", "batch_id", name=op.f("pk_lost_batch")),
    )


def downgrade():
    """What phones proved of a lost log is forgotten; what they brought back stays in the log."""
    for name in (
        "lost_batch", "lost_head", "returned_number", "returned_page", "returned_fact", "restore",
    ):  # fmt: skip
        op.drop_table(name)
