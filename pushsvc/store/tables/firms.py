"""Firms: the code by which one is found, and who asks to join it."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text, text

from pushsvc.store.tables.base import identity, instant, metadata

# The keyed hash of a unified social credit code. Not unique: two profiles may be said to have one code, and then
# nobody is taken for either.
firm_code = Table(
    "firm_code",
    metadata,
    Column("profile_id", BigInteger, ForeignKey("profile.id"), primary_key=True),
    Column("lookup", LargeBinary, nullable=False, index=True),
)

# Kept whether or not we hold the firm (`profile_id`): the answer to whoever asks is the same.
join_request = Table(
    "join_request",
    metadata,
    identity(),
    Column("person_id", BigInteger, ForeignKey("profile.id"), nullable=False, index=True),
    Column("profile_id", BigInteger, ForeignKey("profile.id")),
    Column("lookup", LargeBinary, nullable=False),  # of the credit code
    Column("code", LargeBinary, nullable=False),  # ciphertext: the code, and what the person wrote
    Column("why", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),  # open | accepted | refused | withdrawn
    Column("role", Text),  # as accepted: admin | member
    instant("asked_at"),
    instant("answered_at", nullable=True),
    Column("answered_by", Text),  # an operator's name; "admin", "host" or "person"
    Column("answer", LargeBinary),  # ciphertext
    Index("ix_join_request_firm", "profile_id"),
    Index("ix_join_request_open", "person_id", "lookup", unique=True, postgresql_where=text("state = 'open'")),
)
