"""Questions to an office, and what is answered to all"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("by_proxy", sa.Boolean(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=True),
        sa.Column("follows", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("useful", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["follows"], ["question.id"], name=op.f("fk_question_follows_question")),
        sa.ForeignKeyConstraint(["person_id"], ["profile.id"], name=op.f("fk_question_person_id_profile")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_question_policy_id_policy")),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_question_profile_id_profile")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    waiting = sa.text("state = 'open'")
    op.create_index("ix_question_open", "question", ["due", "id"], unique=False, postgresql_where=waiting)
    answered = sa.text("state = 'answered'")
    op.create_index("ix_question_answered", "question", ["answered_at", "id"], unique=False, postgresql_where=answered)
    op.create_index("ix_question_once", "question", ["profile_id", "digest"], unique=True, postgresql_where=waiting)
    op.create_index(op.f("ix_question_profile_id"), "question", ["profile_id"], unique=False)
    op.create_table(
        "faq",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=True),
        sa.Column("question_id", sa.BigInteger(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_faq_policy_id_policy")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_faq_question_id_question"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq")),
    )
    op.create_index(op.f("ix_faq_policy_id"), "faq", ["policy_id"], unique=False)
    op.create_index(op.f("ix_faq_question_id"), "faq", ["question_id"], unique=False)
