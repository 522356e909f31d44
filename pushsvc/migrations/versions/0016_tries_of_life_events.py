"""The tries of a life event's answer"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("life_event", sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("life_event", sa.Column("again_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_life_event_open",
        "life_event",
        ["tries", "id"],
        unique=False,
        postgresql_where=sa.text("answered_at is null"),
    )
