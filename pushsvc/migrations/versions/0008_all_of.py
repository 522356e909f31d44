"""Subscriptions that ask for all values of a key"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    all_of: sa.Column[list[str]] = sa.Column("all_of", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    op.add_column("subscription", all_of)
