"""The delivery engine"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider",
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="on", nullable=False),
        sa.Column("weight", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("route", name=op.f("pk_provider")),
    )
    op.create_table(
        "standing_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("topics", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("regions", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("doors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("lane", sa.Text(), server_default="bulk", nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=True),
        sa.Column("approved_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_rule")),
        sa.UniqueConstraint("name", name=op.f("uq_standing_rule_name")),
    )
    op.create_table(
        "policy_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_policy_event_campaign_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_policy_event_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_event")),
        sa.UniqueConstraint("policy_id", "kind", "key", name=op.f("uq_policy_event_policy_id_kind_key")),
    )
    op.create_index(
        "ix_policy_event_open", "policy_event", ["id"], unique=False, postgresql_where=sa.text("handled_at is null")
    )
    op.add_column("attempt", sa.Column("route", sa.Text(), server_default="", nullable=False))
    op.add_column("attempt", sa.Column("accepted", sa.Integer(), server_default="0", nullable=False))
    op.add_column("attempt", sa.Column("rejected", sa.Integer(), server_default="0", nullable=False))
    op.add_column("attempt", sa.Column("deferred", sa.Integer(), server_default="0", nullable=False))
    op.add_column("attempt", sa.Column("unknown", sa.Integer(), server_default="0", nullable=False))
    op.add_column("attempt", sa.Column("troubled", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_attempt_recent", "attempt", ["route", "started_at"], unique=False)
    op.add_column("campaign", sa.Column("emergency", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("campaign", sa.Column("rate_per_second", sa.Float(), nullable=True))
    op.add_column("campaign", sa.Column("escalate_after", sa.SmallInteger(), nullable=True))
    op.add_column(
        "campaign", sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("campaign", sa.Column("rule_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_campaign_rule_id"), "campaign", "standing_rule", ["rule_id"], ["id"])
    # What was published and repealed before has had its campaigns: no rule of today tells of it again.
    op.execute("""
        insert into policy_event (policy_id, kind, key, detail, at, handled_at)
        select id, 'new', event, '{"kind": "new"}', now(), now() from policy where state = 'published'
    """)
    op.execute("""
        insert into policy_event (policy_id, kind, key, detail, at, handled_at)
        select p.id, 'repealed', b.ref, '{"kind": "repealed"}', now(), now()
        from policy p join policy b on b.id = p.repealed_by where p.state = 'published'
    """)
    op.drop_index(
        op.f("ix_delivery_open"),
        table_name="delivery",
        postgresql_where="(state = ANY (ARRAY['gathering'::text, 'planned'::text, 'sending'::text, 'unknown'::text]))",
    )
    op.drop_index(
        op.f("ix_delivery_unsettled"),
        table_name="delivery",
        postgresql_where="(state = ANY (ARRAY['sending'::text, 'unknown'::text]))",
    )
    op.add_column("delivery", sa.Column("doubtful", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index(
        "ix_delivery_adrift", "delivery", ["run_id"], unique=False, postgresql_where=sa.text("slice_id is null")
    )
    op.drop_constraint(op.f("fk_delivery_policy_id"), "delivery", type_="foreignkey")
    op.drop_constraint(op.f("fk_delivery_slice_id"), "delivery", type_="foreignkey")
    op.drop_constraint(op.f("fk_delivery_address_id"), "delivery", type_="foreignkey")
    op.drop_constraint(op.f("fk_delivery_recipient_id"), "delivery", type_="foreignkey")
    op.drop_constraint(op.f("fk_delivery_profile_id"), "delivery", type_="foreignkey")
    op.drop_constraint(op.f("fk_delivery_attempt_id"), "delivery", type_="foreignkey")
    op.drop_constraint(op.f("fk_delivery_run_id"), "delivery", type_="foreignkey")
    op.drop_constraint(op.f("fk_refusal_run_id"), "refusal", type_="foreignkey")
    op.drop_constraint(op.f("fk_refusal_profile_id"), "refusal", type_="foreignkey")
    op.drop_constraint(op.f("fk_inbox_profile_id"), "inbox", type_="foreignkey")
    op.drop_constraint(op.f("fk_inbox_recipient_id"), "inbox", type_="foreignkey")
    op.drop_constraint(op.f("fk_inbox_policy_id"), "inbox", type_="foreignkey")
    op.add_column("preference", sa.Column("escalate", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("preference", sa.Column("escalate_hours", sa.SmallInteger(), server_default="24", nullable=False))
    op.add_column(
        "preference", sa.Column("channel_order", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("slice", sa.Column("step", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("slice", sa.Column("unsettled", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute("""
        update slice set unsettled = true
        where id in (select slice_id from delivery where state = 'unknown')
    """)
    # A change of state now stays on the page of the row; what is there already moves with the next vacuum.
    op.execute("alter table delivery set (fillfactor = 40)")
    op.create_index(
        "ix_slice_open", "slice", ["run_id"], unique=False, postgresql_where=sa.text("state <> 'done' or unsettled")
    )
    op.create_index("ix_slice_unsettled", "slice", ["id"], unique=False, postgresql_where=sa.text("unsettled"))
    op.create_index(
        "ix_slice_waiting", "slice", ["due_at"], unique=False, postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_index("ix_slice_due", table_name="slice")
    op.create_index(
        "ix_slice_due",
        "slice",
        ["lane", "run_id", "channel", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'ready'"),
    )
