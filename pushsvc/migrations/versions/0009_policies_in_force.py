"""Changes to published policies are counted"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_change",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_change")),
    )
    count = "insert into policy_change (id, n) values (1, 1) on conflict (id) do update set n = policy_change.n + 1"
    op.execute(f"""
        create function count_policy_change() returns trigger language plpgsql as
        $$ begin {count}; return null; end $$
    """)
    for event in ("insert", "update", "delete"):
        # Drafts come and go in thousands and concern nobody who reads: only what is, or was, published counts.
        rows = {"insert": ["new"], "update": ["old", "new"], "delete": ["old"]}[event]
        published = " or ".join(f"exists (select from {row}_rows where state = 'published')" for row in rows)
        op.execute(f"""
            create function count_policy_{event}() returns trigger language plpgsql as
            $$ begin if {published} then {count}; end if; return null; end $$
        """)
        tables = " ".join(f"{row} table as {row}_rows" for row in rows)
        op.execute(f"""
            create trigger counts_{event} after {event} on policy referencing {tables}
            for each statement execute function count_policy_{event}()
        """)
    op.execute("""
        create trigger counts_change after insert or update or delete on parameter
        for each statement execute function count_policy_change()
    """)
