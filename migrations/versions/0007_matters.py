"""What the chief has to settle is found through indexes: disputes, doubles, photos used twice.

Columns and two tables are added; rows that say something about it are read once. Fingerprints of
photos that are held already are made afterwards, by a job, from their thumbnails.
"""

import json
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

COLUMNS = (
    ("hazard", "dispute", sa.String(length=10)),
    ("hazard", "alike", sa.String(length=90)),
    ("hazard", "settled", sa.Text()),
    ("inspection", "dispute", sa.String(length=10)),
    ("inspection", "settled", sa.Text()),
    ("site", "dispute", sa.String(length=10)),
    ("photo", "shared", sa.Boolean()),
    ("photo", "fingerprint", sa.String(length=32)),
)
INDEXES = (
    ("ix_hazard_dispute", "hazard", ["station_id", "dispute"], "dispute IS NOT NULL"),
    ("ix_hazard_alike", "hazard", ["station_id", "site_id", "alike"], "alike IS NOT NULL"),
    ("ix_inspection_dispute", "inspection", ["station_id", "dispute"], "dispute IS NOT NULL"),
    ("ix_site_dispute", "site", ["station_id", "dispute"], "dispute IS NOT NULL"),
    ("ix_photo_shared", "photo", ["station_id", "sha256"], "shared IS NOT NULL"),
)
SETTLED_BY_RULE = (
    *("level", "deadline", "disposition"),
    *("fund_wan", "contingency", "document_no"),
)


def upgrade():
    """Nothing that stands is rewritten but the new columns of the rows they are about."""
    for table, name, type_ in COLUMNS:
        op.add_column(table, sa.Column(name, type_, nullable=True))
    op.create_table(
        "photo_band",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "band", "sha256", name=op.f("pk_photo_band")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "photo_twin",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("other", sa.String(length=64), nullable=False),
        sa.Column("bits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "sha256", "other", name=op.f("pk_photo_twin")),
        sqlite_with_rowid=False,
    )
    for table in ("hazard", "inspection", "site"):
        _tell_disputes(table)
    _tell_open_hazards()
    op.execute(
        "UPDATE photo SET shared = TRUE WHERE (SELECT count(*) FROM photo_use u"
        " WHERE u.station_id = photo.station_id AND u.sha256 = photo.sha256) > 1"
    )
    _ask_for_fingerprints()
    for name, table, columns, where in INDEXES:
        only = sa.text(where)
        op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)


def downgrade():
    """The new columns and tables say nothing that facts and photos do not."""
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table)
    op.drop_table("photo_twin")
    op.drop_table("photo_band")
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)


def _tell_disputes(table):
    connection = op.get_bind()
    found = connection.execute(
        sa.text(f"SELECT station_id, id, row FROM {table} WHERE row NOT LIKE :none"),  # noqa: S608
        {"none": '%"conflicts":[]%'},
    ).all()
    for station, subject, text in found:
        connection.execute(
            sa.text(f"UPDATE {table} SET dispute = :said WHERE station_id = :s AND id = :i"),  # noqa: S608
            {"said": _dispute(json.loads(text)), "s": station, "i": subject},
        )


def _dispute(row):
    if row.get("state") == "void":
        return None
    over = row.get("type") == "hazard" and row.get("state") == "closed"
    types = {
        each.get("type")
        for each in row.get("conflicts") or ()
        if not (over and each.get("field") in SETTLED_BY_RULE)
    }
    if "outcome" in types:
        return "outcome"
    return "field" if "field" in types else None


def _tell_open_hazards():
    """What an open hazard is about, and which others the chief has told it apart from."""
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            "SELECT station_id, id, row FROM hazard"
            " WHERE state NOT IN ('closed', 'void') OR row NOT LIKE :none"
        ),
        {"none": '%"links":[]%'},
    ).yield_per(500)
    made = []
    for station, subject, text in found:
        row = json.loads(text)
        is_open = row.get("state") not in ("closed", "void") and row.get("item")
        alike = f"{row.get('checklist') or ''}/{row['item']}" if is_open else None
        settled = " ".join(sorted(str(link["other"]) for link in row.get("links") or ())) or None
        if alike or settled:
            made.append({"a": alike, "w": settled, "s": station, "i": subject})
    if made:
        connection.execute(
            sa.text("UPDATE hazard SET alike = :a, settled = :w WHERE station_id = :s AND id = :i"),
            made,
        )


def _ask_for_fingerprints():
    """One job for each station that holds photos; a server works on it by itself."""
    connection = op.get_bind()
    stations = connection.execute(
        sa.text("SELECT DISTINCT station_id FROM photo WHERE thumbnail_at IS NOT NULL")
    ).scalars()
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    for station in stations.all():
        connection.execute(
            sa.text(
                "INSERT INTO job (station_id, job_id, kind, state, params, done, attempts,"
                " created_at) VALUES (:s, :j, 'photos.fingerprints', 'waiting', '{}', 0, 0, :at)"
            ),
            {"s": station, "j": str(uuid.uuid4()), "at": now},
        )
