"""Subscriptions by agency"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    agencies: sa.Column[list[str]] = sa.Column(
        "agencies", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
    )
    op.add_column("subscription", agencies)
