"""Facts by year, certificates, sources and corrections"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fact_source",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("holds_days", sa.SmallInteger(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fact_source")),
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("claimed", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_correction_profile_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_profile_id"), "correction", ["profile_id"], unique=False)
    op.create_table(
        "qualification",
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_qualification_profile_id")),
        sa.PrimaryKeyConstraint("profile_id", "key", "valid_from", name=op.f("pk_qualification")),
    )
    op.create_table(
        "yearly_fact",
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("sources", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("employees", sa.Float(), nullable=True),
        sa.Column("revenue", sa.Float(), nullable=True),
        sa.Column("assets", sa.Float(), nullable=True),
        sa.Column("rd_spend", sa.Float(), nullable=True),
        sa.Column("rd_staff", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_yearly_fact_profile_id")),
        sa.PrimaryKeyConstraint("profile_id", "year", name=op.f("pk_yearly_fact")),
    )
    op.add_column("fact_history", sa.Column("year", sa.SmallInteger(), nullable=True))
    op.add_column("fact_history", sa.Column("why", sa.Text(), server_default="older", nullable=False))
    op.add_column("profile", sa.Column("objectives", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("profile", sa.Column("benefits", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("profile", sa.Column("household_income", sa.Float(), nullable=True))
    op.add_column("profile", sa.Column("household_size", sa.Float(), nullable=True))
    op.add_column("profile", sa.Column("household_parts", sa.Float(), nullable=True))
    op.add_column("profile", sa.Column("school_level", sa.Text(), nullable=True))
    op.add_column("profile", sa.Column("institution", sa.Text(), nullable=True))
    op.add_column("profile", sa.Column("activity_from", sa.Date(), nullable=True))
    op.add_column("profile", sa.Column("activity_to", sa.Date(), nullable=True))
    op.add_column("profile", sa.Column("resident_since", sa.Date(), nullable=True))
    op.add_column("profile", sa.Column("tenure", sa.Text(), nullable=True))
    op.add_column("profile", sa.Column("legal_form", sa.Text(), nullable=True))
    op.add_column("profile", sa.Column("registered_capital", sa.Float(), nullable=True))
    op.add_column("profile", sa.Column("patent_invention", sa.Float(), nullable=True))
    op.add_column("profile", sa.Column("patent_utility", sa.Float(), nullable=True))
    op.add_column("profile", sa.Column("patent_design", sa.Float(), nullable=True))
    op.add_column("profile", sa.Column("software_copyright", sa.Float(), nullable=True))
    op.add_column("profile", sa.Column("ic_layout", sa.Float(), nullable=True))
    op.add_column("profile", sa.Column("rd_staff", sa.Float(), nullable=True))
    op.add_column("profile", sa.Column("rd_skilled_share", sa.Float(), nullable=True))
    op.add_column("profile", sa.Column("rd_institution", sa.Text(), nullable=True))
    op.add_column("profile", sa.Column("qualifications_listed_on", sa.Date(), nullable=True))
    # A certificate's day of expiry becomes a certificate; it was given for three years, or for one.
    for fact, key, years in (("hightech_until", "national_hnte", 3), ("sme_tech_until", "tech_sme", 1)):
        op.execute(f"""
            insert into qualification (profile_id, key, valid_from, valid_until, source, as_of)
            select id, '{key}', ({fact} - interval '{years} years')::date, {fact},
                coalesce(sources -> '{fact}' ->> 0, 'import'), coalesce((sources -> '{fact}' ->> 1)::date, updated_at::date)
            from profile where {fact} is not null
        """)
        op.execute(f"update profile set sources = sources - '{fact}' where sources ? '{fact}'")
        op.drop_column("profile", fact)
