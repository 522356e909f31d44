"""How a firm is found by its credit code, how one came to be its member, asking to join it and the answer"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("how", sa.Text(), server_default="file", nullable=False))
    op.add_column("member", sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("member", sa.Column("left_how", sa.Text(), nullable=True))
    op.create_table(
        "firm_code",
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_firm_code_profile_id_profile")),
        sa.PrimaryKeyConstraint("profile_id", name=op.f("pk_firm_code")),
    )
    op.create_index(op.f("ix_firm_code_lookup"), "firm_code", ["lookup"], unique=False)
    op.create_table(
        "join_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=True),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["profile.id"], name=op.f("fk_join_request_person_id_profile")),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_join_request_profile_id_profile")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_request")),
    )
    open_ = sa.text("state = 'open'")
    op.create_index(op.f("ix_join_request_person_id"), "join_request", ["person_id"], unique=False)
    op.create_index("ix_join_request_firm", "join_request", ["profile_id"], unique=False)
    op.create_index(
        "ix_join_request_open", "join_request", ["person_id", "lookup"], unique=True, postgresql_where=open_
    )
