"""Devices of the app channel; letters that a reader put away"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drop_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["recipient_id"], ["profile.id"], name=op.f("fk_device_recipient_id_profile")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("platform", "lookup", name=op.f("uq_device_platform_lookup")),
    )
    live = sa.text("dropped_at is null")
    op.create_index("ix_device_live", "device", ["recipient_id"], unique=False, postgresql_where=live)
    op.add_column("inbox", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    many = postgresql.ARRAY(sa.BigInteger())
    op.add_column("inbox", sa.Column("pushed", many, server_default="{}", nullable=False))
