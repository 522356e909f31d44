"""A table of profiles emptied at one stroke is logged"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LOGGED = (
    "profile",
    "yearly_fact",
    "qualification",
    "dependant",
    "preference",
    "subscription",
    "profile_address",
    "sensitive_fact",
    "member",
    "consent",
)


def upgrade() -> None:
    # Whose rows went is not told: an empty row of the log says that everything is to be read anew. Its number is one
    # above this transaction's, so that a mark made while this one was the oldest is refused, too.
    op.execute("""
        create function log_emptied() returns trigger language plpgsql as $$ begin
            insert into profile_change (xid, profile_ids)
            values (cast(cast(pg_current_xact_id() as text) as bigint) + 1, '{}');
            return null;
        end $$
    """)
    for table in LOGGED:
        op.execute(f"""
            create trigger logs_emptied after truncate on {table}
            for each statement execute function log_emptied()
        """)
