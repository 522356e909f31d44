"""Trained models, which of them served when, and the impact assessments that let them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from pushsvc.store.tables.base import identity, instant, metadata

model = Table(
    "model",
    metadata,
    identity(),
    Column("card", JSONB, nullable=False),
    Column("arrays", LargeBinary, nullable=False),  # .npz, never pickle
    Column("checksum", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="stored"),  # stored | serving | retired | refused
    Column("gate", JSONB, nullable=False, server_default="[]"),  # the gate's last answer: [{check, passed, value, bar}]
    instant("created_at"),
    CheckConstraint("state in ('stored', 'serving', 'retired', 'refused')", name="state"),
    Index("uq_model_serving", "state", unique=True, postgresql_where=text("state = 'serving'")),
)

# Rows are added and ended, never changed or deleted (a trigger): the proof of what ranked people when.
model_serving = Table(
    "model_serving",
    metadata,
    identity(),
    Column("model_id", BigInteger, ForeignKey("model.id"), nullable=False, index=True),
    instant("since"),
    instant("until", nullable=True),
    Column("actor", Text, nullable=False),
    Column("why", Text, nullable=False),  # train | use | rollback | upgrade
    Index("uq_model_serving_open", text("(until is null)"), unique=True, postgresql_where=text("until is null")),
)

# PIPL 55 and 56: made before people are ranked, kept for three years at least; here rows are never changed or deleted.
impact_assessment = Table(
    "impact_assessment",
    metadata,
    Column("id", Text, primary_key=True),
    Column("algorithm", Text, nullable=False),  # the version of the algorithm that was assessed
    Column("title", Text, nullable=False),
    Column("made_on", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("recorded_by", Text, nullable=False),
    instant("recorded_at"),
    Column("note", Text),
    CheckConstraint("valid_until >= made_on", name="dates"),
)
