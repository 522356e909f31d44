"""The tries of an event of a policy, and what went wrong"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("policy_event", sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("policy_event", sa.Column("again_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("policy_event", sa.Column("error_code", sa.Text(), nullable=True))
    op.add_column("policy_event", sa.Column("error", sa.Text(), nullable=True))
    # What went wrong before has lost its reason: it gets all its tries anew.
    op.execute("update policy_event set detail = detail - 'failed' where detail ? 'failed'")
