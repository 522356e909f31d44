"""Questions that people put to an office, and what an office answers to everybody."""

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, LargeBinary, Table, Text, text

from pushsvc.store.tables.base import identity, instant, metadata

# `profile_id` is asked for: oneself, a firm, or whoever gave leave; `person_id` wrote it. `digest` is the keyed hash of
# what was asked, so that a form sent twice asks once. The words of both sides are ciphertext.
question = Table(
    "question",
    metadata,
    identity(),
    Column("profile_id", BigInteger, ForeignKey("profile.id"), nullable=False, index=True),
    Column("person_id", BigInteger, ForeignKey("profile.id"), nullable=False),
    Column("by_proxy", Boolean, nullable=False),
    Column("policy_id", BigInteger, ForeignKey("policy.id")),
    Column("follows", BigInteger, ForeignKey("question.id")),
    Column("kind", Text, nullable=False),  # policy | algorithm | wrong_person | other
    Column("agency", Text, nullable=False),  # "": whoever sorts what names no office
    Column("words", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),  # open | answered | withdrawn
    instant("asked_at"),
    Column("due", Date, nullable=False),  # the last day for the answer, in the city
    instant("withdrawn_at", nullable=True),
    instant("answered_at", nullable=True),
    Column("answered_by", Text),
    Column("answer", LargeBinary),
    instant("seen_at", nullable=True),  # when the answer was first read on its page
    Column("useful", Boolean),
    Index("ix_question_open", "due", "id", postgresql_where=text("state = 'open'")),
    Index("ix_question_answered", "answered_at", "id", postgresql_where=text("state = 'answered'")),
    Index("ix_question_once", "profile_id", "digest", unique=True, postgresql_where=text("state = 'open'")),
)

# Written anew by an operator and never changed; published by another. `question_id`: what gave rise to it.
faq = Table(
    "faq",
    metadata,
    identity(),
    Column("policy_id", BigInteger, ForeignKey("policy.id"), index=True),
    Column("question_id", BigInteger, ForeignKey("question.id", ondelete="SET NULL"), index=True),
    Column("agency", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),  # draft | published | withdrawn
    Column("author", Text, nullable=False),
    Column("reviewer", Text),
    instant("written_at"),
    instant("published_at", nullable=True),
    instant("withdrawn_at", nullable=True),
    Column("withdrawn_by", Text),
)
