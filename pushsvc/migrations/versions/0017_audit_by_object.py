"""Who did what to one thing is found without reading the whole audit"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_object", "audit", ["object", "id"], unique=False)
