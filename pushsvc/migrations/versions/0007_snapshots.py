"""Snapshots, and which profiles changed"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Rows of these belong to the profile `profile_id`.
BELONGING = (
    "yearly_fact",
    "qualification",
    "dependant",
    "preference",
    "subscription",
    "profile_address",
    "sensitive_fact",
)


def upgrade() -> None:
    op.create_table(
        "profile_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "xid",
            sa.BigInteger(),
            server_default=sa.text("cast(cast(pg_current_xact_id() as text) as bigint)"),
            nullable=False,
        ),
        sa.Column("profile_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_change")),
    )
    op.create_index(op.f("ix_profile_change_xid"), "profile_change", ["xid"])
    op.create_table(
        "snapshot",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("shards", sa.SmallInteger(), nullable=False),
        sa.Column("vocabulary", sa.Text(), nullable=False),
        sa.Column("watermark", sa.BigInteger(), nullable=False),
        sa.Column("profiles", sa.BigInteger(), nullable=True),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("state", sa.Text(), server_default="building", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
        sa.UniqueConstraint("version", name=op.f("uq_snapshot_version")),
    )
    op.create_index("ix_snapshot_ready", "snapshot", ["id"], postgresql_where=sa.text("state = 'ready'"))
    op.create_table(
        "snapshot_part",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["snapshot.version"], name=op.f("fk_snapshot_part_version")),
        sa.PrimaryKeyConstraint("version", "path", "part", name=op.f("pk_snapshot_part")),
    )
    # Neither compresses well enough to be worth the time.
    op.execute("alter table snapshot_part alter column content set storage external")
    op.execute("alter table profile_change alter column profile_ids set storage external")
    _log()


def _log() -> None:
    """Triggers that log the profiles each statement changed: a writer cannot forget it."""
    _function("log_profiles", "select id from changed")
    _function("log_owners", "select distinct profile_id from changed")
    _function("log_moved_owners", "select profile_id from changed union select profile_id from former")
    both = "select profile_id from {0} union select person_id from {0}"
    _function("log_members", both.format("changed"))
    _function("log_moved_members", f"{both.format('changed')} union {both.format('former')}")
    _triggers("profile", "log_profiles", "log_profiles")
    for table in BELONGING:
        _triggers(table, "log_owners", "log_moved_owners")
    _triggers("member", "log_members", "log_moved_members")
    _trigger("consent", "insert", "new table as changed", "log_owners")  # nothing else is ever done to a ledger


def _function(name: str, ids: str) -> None:  # `ids` gives each profile once
    op.execute(f"""
        create function {name}() returns trigger language plpgsql as $$ begin
            insert into profile_change (profile_ids)
            select array_agg(c.id) from ({ids}) c (id) having count(*) > 0;
            return null;
        end $$
    """)


def _triggers(table: str, plain: str, moved: str) -> None:
    _trigger(table, "insert", "new table as changed", plain)
    _trigger(table, "delete", "old table as changed", plain)
    former = "" if plain == moved else " old table as former"
    _trigger(table, "update", f"new table as changed{former}", moved)


def _trigger(table: str, event: str, rows: str, function: str) -> None:
    op.execute(f"""
        create trigger logs_{event} after {event} on {table} referencing {rows}
        for each statement execute function {function}()
    """)
