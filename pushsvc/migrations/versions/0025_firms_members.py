"""Asking to join a firm, and an admin's or an operator's answer"""

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
