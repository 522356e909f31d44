"""A deleted tag stays deleted however it is spelled: case, width and blanks tell no two tags apart"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(r"""
        create function spelled(tag text) returns text language sql immutable strict parallel safe as
        $$ select lower(regexp_replace(normalize(tag, NFKC), '\s', '', 'g')) $$
    """)
    op.execute("""
        create or replace function leave_out_refused() returns trigger language plpgsql as $$ begin
            new.interests := array(
                select g.tag from unnest(new.interests) with ordinality as g(tag, place)
                where not exists (
                    select from refused_tag r
                    where r.profile_id = new.id and spelled(r.tag) = spelled(g.tag) and r.undone_at is null
                ) order by g.place
            );
            return new;
        end $$
    """)
