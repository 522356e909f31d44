"""Whether another campaign tells of the same event is found without reading all campaigns"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_campaign_event", "campaign", ["family", "event"], unique=False)
