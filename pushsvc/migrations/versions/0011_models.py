"""Models have a state, a history of serving, and need an impact assessment"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATES = "state in ('stored', 'serving', 'retired', 'refused')"


def upgrade() -> None:
    op.add_column("model", sa.Column("state", sa.Text(), server_default="stored", nullable=False))
    op.add_column("model", sa.Column("gate", JSONB(), server_default="[]", nullable=False))
    # Of several active ones the newest was in use.
    op.execute("update model set state = 'serving' where id = (select max(id) from model where active)")
    op.execute("update model set state = 'retired' where active and state <> 'serving'")
    op.drop_column("model", "active")
    op.create_check_constraint(op.f("ck_model_state"), "model", STATES)
    op.create_index("uq_model_serving", "model", ["state"], unique=True, postgresql_where=sa.text("state = 'serving'"))
    _history()
    _assessments()


def _history() -> None:
    op.create_table(
        "model_serving",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_model_serving_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_serving")),
    )
    op.create_index(op.f("ix_model_serving_model_id"), "model_serving", ["model_id"])
    op.execute("create unique index uq_model_serving_open on model_serving ((until is null)) where until is null")
    op.execute("""
        insert into model_serving (model_id, since, actor, why)
        select id, created_at, 'migration', 'upgrade' from model where state = 'serving'
    """)
    op.execute("""
        create function refuse_rewriting() returns trigger language plpgsql as $$ begin
            if tg_op = 'UPDATE' and old.until is null and new.until >= old.since
                and (new.id, new.model_id, new.since, new.actor, new.why)
                    = (old.id, old.model_id, old.since, old.actor, old.why) then
                return new;
            end if;
            raise exception 'rows of % are added and ended, never changed', tg_table_name using errcode = '23001';
        end $$
    """)
    op.execute("""
        create trigger only_ends before update or delete on model_serving
        for each row execute function refuse_rewriting()
    """)


def _assessments() -> None:
    op.create_table(
        "impact_assessment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("valid_until >= made_on", name=op.f("ck_impact_assessment_dates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_assessment")),
    )
    op.execute("""
        create trigger only_grows before update or delete on impact_assessment
        for each row execute function refuse_change()
    """)
