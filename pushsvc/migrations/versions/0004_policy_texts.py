"""Policy texts: where they came from, what was found in them, which others they speak of"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_finding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("blocking", sa.Boolean(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_policy_finding_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_finding")),
        sa.UniqueConstraint(
            "policy_id", "about", "code", "place", name=op.f("uq_policy_finding_policy_id_about_code_place")
        ),
    )
    op.create_index(
        "ix_policy_finding_open",
        "policy_finding",
        ["policy_id"],
        unique=False,
        postgresql_where=sa.text("settled_at is null and gone_at is null"),
    )
    op.create_table(
        "policy_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("doc_no", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("target_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_policy_link_policy_id")),
        sa.ForeignKeyConstraint(["target_id"], ["policy.id"], name=op.f("fk_policy_link_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_link")),
        sa.UniqueConstraint(
            "policy_id",
            "relation",
            "doc_no",
            "title",
            name=op.f("uq_policy_link_policy_id_relation_doc_no_title"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_policy_link_doc_no"), "policy_link", ["doc_no"], unique=False)
    op.create_index(op.f("ix_policy_link_policy_id"), "policy_link", ["policy_id"], unique=False)
    op.create_index(op.f("ix_policy_link_target_id"), "policy_link", ["target_id"], unique=False)
    op.create_table(
        "policy_source",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("header", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("extra", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_policy_source_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_source")),
        sa.UniqueConstraint("policy_id", "origin", "checksum", name=op.f("uq_policy_source_policy_id_origin_checksum")),
    )
    op.create_table(
        "policy_fingerprint",
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("bands", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_policy_fingerprint_policy_id")),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_policy_fingerprint")),
    )
    op.create_index("ix_policy_fingerprint_bands", "policy_fingerprint", ["bands"], postgresql_using="gin")
    op.create_index(op.f("ix_policy_fingerprint_digest"), "policy_fingerprint", ["digest"], unique=False)
    op.create_index(op.f("ix_policy_fingerprint_number"), "policy_fingerprint", ["number"], unique=False)
    op.add_column("policy", sa.Column("date_effective", sa.Date(), nullable=True))
    op.add_column("policy", sa.Column("normative_no", sa.Text(), nullable=True))
    op.add_column("policy", sa.Column("version", sa.Text(), nullable=True))
    op.add_column("policy", sa.Column("doc_nos", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("policy", sa.Column("agencies", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("policy", sa.Column("amount_wan", sa.Float(), nullable=True))
    op.add_column("policy", sa.Column("html", sa.Text(), nullable=True))
    op.add_column("policy", sa.Column("repealed_by", sa.BigInteger(), nullable=True))
    op.add_column("policy", sa.Column("source_checksum", sa.Text(), nullable=True))
    op.create_index("ix_policy_doc_nos", "policy", ["doc_nos"], unique=False, postgresql_using="gin")
    op.create_foreign_key(op.f("fk_policy_repealed_by"), "policy", "policy", ["repealed_by"], ["id"])
    # Older rows hold their number as it was written; the next import of the same policy brings the one form.
    op.execute("update policy set doc_nos = array[doc_no] where doc_no is not null")
