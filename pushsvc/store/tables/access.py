"""Operators, keys, one-time codes, short links and the audit log."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from pushsvc.store.tables.base import Words, identity, instant, metadata

operator = Table(
    "operator",
    metadata,
    Column("name", Text, primary_key=True),
    Column("display", Text, nullable=False),
    Column("password", Text, nullable=False),  # argon2
    Column("roles", Words, nullable=False),  # author | reviewer | emergency | sender | auditor | administrator
    instant("created_at"),
)

api_key = Table(
    "api_key",
    metadata,
    Column("name", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("scopes", Words, nullable=False),  # see pipeline.accounts.SCOPES
    instant("created_at"),
)

login_code = Table(
    "login_code",
    metadata,
    Column("lookup", LargeBinary, primary_key=True),  # keyed hash of the address
    Column("digest", LargeBinary, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    instant("expires_at"),
)

# Signed sign-in links work once: a used one leaves its identifier here until it would have expired.
used_link = Table(
    "used_link",
    metadata,
    Column("jti", Text, primary_key=True),
    instant("expires_at"),
)

short_link = Table(
    "short_link",
    metadata,
    Column("code", Text, primary_key=True),
    Column("policy_id", BigInteger, ForeignKey("policy.id"), nullable=False),
    instant("created_at"),
)

audit = Table(
    "audit",
    metadata,
    identity(),
    instant("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    Index("ix_audit_object", "object", "id"),
)

# A trigger links each entry to the one before it as its transaction commits: `hash` is the SHA-256 of the hash before
# it and the entry's own words (the function audit_words).
audit_link = Table(
    "audit_link",
    metadata,
    Column("n", BigInteger, Identity(always=True), primary_key=True),
    Column("audit_id", BigInteger, ForeignKey("audit.id"), nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False),
)

# What the service saw of the chain, under a key that the database does not hold.
audit_seal = Table(
    "audit_seal",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False),  # of the link
    instant("at"),
    Column("mac", LargeBinary, nullable=False),
)
