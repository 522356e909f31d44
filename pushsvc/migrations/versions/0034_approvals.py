"""What each approval saw"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("bound", postgresql.JSONB(), nullable=False),
        sa.Column("recommended", sa.Integer(), nullable=False),
        sa.Column("people", postgresql.BYTEA(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_approval_campaign_id_campaign"),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
    )
    op.create_index("ix_approval_campaign_id", "approval", ["campaign_id", "id"])
    op.execute("""
        create trigger only_grows before update or delete on approval
        for each row execute function refuse_change()
    """)
