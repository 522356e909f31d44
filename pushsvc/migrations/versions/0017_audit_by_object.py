"""Who did what to one thing, and what answers to life events told, are found without reading everything"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_object", "audit", ["object", "id"], unique=False)
    op.create_index(
        "ix_delivery_item_life",
        "delivery_item",
        ["policy_id"],
        unique=False,
        postgresql_where=sa.text("campaign_id is null"),
    )
