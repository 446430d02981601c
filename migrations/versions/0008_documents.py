"""Documents get rows and numbers of their own; nothing that stands is touched.

Papers are printed with these numbers, so there is no way back once one was given: the schema before
has no place for them, and a table that it does not know would end its backups (a dump of it cannot
be loaded, so no set counts).
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade():
    """Two tables, empty: no release before this one issued a document."""
    op.create_table(
        "document",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=True),
        sa.Column("area_id", sa.String(length=36), nullable=True),
        sa.Column("author_id", sa.String(length=36), nullable=True),
        sa.Column("issued_on", sa.String(length=10), nullable=True),
        sa.Column("changed_idx", sa.Integer(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_document")),
    )
    op.create_index("ix_document_site", "document", ["station_id", "site_id"])
    op.create_table(
        "document_number",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "subject_id", name=op.f("pk_document_number")),
        sa.UniqueConstraint("station_id", "year", "seq", name="uq_document_number_seq"),
        sqlite_with_rowid=False,
    )


def downgrade():
    """Refused once a number was given: given anew, it would be another than is printed."""
    given = op.get_bind().execute(sa.text("SELECT count(*) FROM document_number")).scalar_one()
    if given:
        raise RuntimeError(
            f"{given} documents have numbers, which are printed on papers; the schema before 0008"
            " has no place for them. Nothing was changed: stay with this release or a later one."
        )
    op.drop_table("document_number")
    op.drop_table("document")
