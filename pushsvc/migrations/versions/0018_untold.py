"""How far a campaign has looked again at whom it refused as told"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("untold_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("campaign", sa.Column("untold_rank", sa.Integer(), nullable=True))
    # What ended before this release is old news: nobody is told of it now.
    op.execute("update campaign set untold_at = now() where finished_at is not null")
