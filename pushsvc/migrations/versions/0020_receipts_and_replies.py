"""Receipts that name a message by attempt and address, soft bounces, replies to SMS"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("route", "batch_key", "provider_id"):
        op.add_column("receipt", sa.Column(column, sa.Text()))
    op.add_column("receipt", sa.Column("lookup", sa.LargeBinary()))
    op.add_column("receipt", sa.Column("soft", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("attempt", sa.Column("asked", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("attempt", sa.Column("asked_to", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("attempt", sa.Column("asking_until", sa.DateTime(timezone=True)))
    asked = sa.text("asked < 3")
    op.create_index("ix_attempt_asked", "attempt", ["route", "asked", "expires_at"], postgresql_where=asked)
    _tables()
    op.create_index("ix_sms_reply_lookup", "sms_reply", ["lookup", "received_at"])


def _tables() -> None:
    op.create_table(
        "soft_bounce",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "lookup", "delivery_id", name=op.f("pk_soft_bounce")),
    )
    op.create_table(
        "sms_reply",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("vendor_id", sa.Text()),
        sa.Column("checksum", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_reply")),
        sa.UniqueConstraint("checksum", name=op.f("uq_sms_reply_checksum")),
    )
    op.create_table(
        "not_theirs",
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_not_theirs_profile_id")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_not_theirs_address_id")),
        sa.PrimaryKeyConstraint("profile_id", "address_id", name=op.f("pk_not_theirs")),
    )
