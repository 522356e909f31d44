"""Why a policy was dismissed, and whether it was useful"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feedback", sa.Column("reason", sa.Text(), nullable=True))
    op.create_table(
        "usefulness",
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_usefulness_policy_id")),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_usefulness_profile_id")),
        sa.PrimaryKeyConstraint("profile_id", "policy_id", name=op.f("pk_usefulness")),
    )
    op.create_index(op.f("ix_usefulness_policy_id"), "usefulness", ["policy_id"], unique=False)
