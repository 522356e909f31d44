"""Ledgers only grow"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LEDGERS = ("audit", "consent")


def upgrade() -> None:
    op.execute("""
        create function refuse_change() returns trigger language plpgsql as
        $$ begin raise exception 'rows of % are added, never changed', tg_table_name using errcode = '23001'; end $$
    """)
    for table in LEDGERS:
        op.execute(
            f"create trigger only_grows before update or delete on {table} for each row execute function refuse_change()"
        )
