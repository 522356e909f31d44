"""The audit log is a chain"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_WORDS = """
    create function audit_words(a audit) returns text language sql stable as $$
        select jsonb_build_array(a.id, to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), a.actor,
            a.action, a.object, a.detail)::text
    $$
"""
# Linked as the last thing of a transaction: the lock is held while it commits and no longer, and nobody who holds it
# waits for anything else. Links so stand in the order in which entries became visible.
_LINK = """
    create function link_audit() returns trigger language plpgsql as $$
    declare before bytea;
    begin
        perform pg_advisory_xact_lock(7230003117);
        select hash into before from audit_link order by n desc limit 1;
        insert into audit_link (audit_id, hash)
        values (new.id, sha256(coalesce(before, '') || convert_to(audit_words(new), 'UTF8')));
        return null;
    end $$
"""


def upgrade() -> None:
    op.create_table(
        "audit_link",
        sa.Column("n", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", postgresql.BYTEA(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name="fk_audit_link_audit_id_audit"),
        sa.PrimaryKeyConstraint("n", name="pk_audit_link"),
        sa.UniqueConstraint("audit_id", name="uq_audit_link_audit_id"),
    )
    op.create_table(
        "audit_seal",
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mac", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_audit_seal"),
    )
    op.execute(_WORDS)
    op.execute(_LINK)
    op.execute("""
        do $$
        declare one audit; before bytea := '';
        begin
            for one in select * from audit order by id loop
                before := sha256(before || convert_to(audit_words(one), 'UTF8'));
                insert into audit_link (audit_id, hash) values (one.id, before);
            end loop;
        end $$
    """)
    op.execute("""
        create constraint trigger links_audit after insert on audit deferrable initially deferred
        for each row execute function link_audit()
    """)
    for table in ("audit_link", "audit_seal"):
        op.execute(f"""
            create trigger only_grows before update or delete on {table}
            for each row execute function refuse_change()
        """)
