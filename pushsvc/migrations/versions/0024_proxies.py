"""Who acts for whom by their leave, and what they did"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proxy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["profile.id"], name=op.f("fk_proxy_person_id_profile")),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_proxy_profile_id_profile")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy")),
        sa.UniqueConstraint("code", name=op.f("uq_proxy_code")),
    )
    live = sa.text("ended_at is null")
    op.create_index("ix_proxy_person", "proxy", ["person_id"], unique=False, postgresql_where=live)
    op.create_index(op.f("ix_proxy_profile_id"), "proxy", ["profile_id"], unique=False)
    op.create_table(
        "proxy_act",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proxy_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["proxy_id"], ["proxy.id"], name=op.f("fk_proxy_act_proxy_id_proxy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy_act")),
    )
    op.create_index(op.f("ix_proxy_act_proxy_id"), "proxy_act", ["proxy_id"], unique=False)
