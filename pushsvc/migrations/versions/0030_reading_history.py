"""What preference pages and lists remember"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("profile", sa.Column("own_locale", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("ix_refusal_recipient", "refusal", ["recipient_id"], unique=False)
