"""${message}."""

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade():
    ${upgrades if upgrades else "raise NotImplementedError"}


def downgrade():
    ${downgrades if downgrades else "raise NotImplementedError"}
