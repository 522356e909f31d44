"""What a person says of themselves and of their family; deletions that they asked for"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("correction", sa.Column("wish", sa.Text(), server_default="correct", nullable=False))
    op.add_column("dependant", sa.Column("relation", sa.Text(), server_default="", nullable=False))
    op.add_column("dependant", sa.Column("source", sa.Text(), server_default="", nullable=False))
    op.add_column("dependant", sa.Column("as_of", sa.Date(), nullable=True))
    op.add_column("dependant", sa.Column("used", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.create_table(
        "deleted_fact",
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_deleted_fact_profile_id_profile")),
        sa.PrimaryKeyConstraint("profile_id", "fact", "year", name=op.f("pk_deleted_fact")),
    )
    # Wherever the guardian's word is written down, it takes effect at once on the children below fourteen.
    op.execute("""
        create function heed_guardians() returns trigger language plpgsql as $$ begin
            update dependant d set used = said.given
            from (
                select distinct on (profile_id) profile_id, given,
                    cast((at at time zone 'Asia/Shanghai') as date) - interval '14 years' as born_after
                from changed where purpose = 'dependants' order by profile_id, id desc
            ) said
            where d.profile_id = said.profile_id and d.birth_date > said.born_after and d.used <> said.given;
            return null;
        end $$
    """)
    op.execute("""
        create trigger heeds_guardians after insert on consent referencing new table as changed
        for each statement execute function heed_guardians()
    """)
