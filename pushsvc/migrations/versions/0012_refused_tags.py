"""Tags that people deleted, and the database keeps them deleted"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refused_tag",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_refused_tag_profile_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_tag")),
    )
    op.create_index(op.f("ix_refused_tag_profile_id"), "refused_tag", ["profile_id"])
    op.create_index(
        "ix_refused_tag_live",
        "refused_tag",
        ["profile_id", "tag"],
        unique=True,
        postgresql_where=sa.text("undone_at is null"),
    )
    # One place for every writer: imports, programs, merges, and whoever writes next year. A new profile has refused
    # nothing yet, so only changes are looked at.
    op.execute("""
        create function leave_out_refused() returns trigger language plpgsql as $$ begin
            new.interests := array(
                select g.tag from unnest(new.interests) with ordinality as g(tag, place)
                where not exists (
                    select from refused_tag r
                    where r.profile_id = new.id and r.tag = g.tag and r.undone_at is null
                ) order by g.place
            );
            return new;
        end $$
    """)
    op.execute("""
        create trigger leaves_out_refused before update of interests on profile for each row
        when (new.interests is distinct from old.interests and new.interests <> '{}')
        execute function leave_out_refused()
    """)
