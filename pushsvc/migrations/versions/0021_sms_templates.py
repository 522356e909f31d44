"""Signatures and templates of SMS with their state at each vendor, and which of them a campaign's approval binds"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sms_template",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_template")),
        sa.UniqueConstraint("name", "locale", "version", name=op.f("uq_sms_template_name_locale_version")),
    )
    op.create_table(
        "sms_filing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("limits", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("state", sa.Text(), server_default="filed", nullable=False),
        sa.Column("expected_at", sa.Date(), nullable=True),
        sa.Column("expires_at", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["template_id"], ["sms_template.id"], name=op.f("fk_sms_filing_template_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_filing")),
        sa.UniqueConstraint("template_id", "route", name=op.f("uq_sms_filing_template_id_route")),
    )
    op.create_index(op.f("ix_sms_filing_route"), "sms_filing", ["route"], unique=False)
    op.add_column("campaign", sa.Column("sms_template", sa.Text(), server_default="policy", nullable=False))
    op.add_column("campaign", sa.Column("sms_words", postgresql.JSONB(), server_default="{}", nullable=False))
