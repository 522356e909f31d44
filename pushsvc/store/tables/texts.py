"""Where a policy's text came from, what a reader must look at first, and which other texts it speaks of."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from pushsvc.store.tables.base import identity, instant, metadata

# One copy of the policy as somebody sent it. Nothing here is trusted; nothing sent is lost.
policy_source = Table(
    "policy_source",
    metadata,
    identity(),
    Column("policy_id", BigInteger, ForeignKey("policy.id"), nullable=False),
    Column("origin", Text, nullable=False),  # the file's name, or "api"
    Column("line", Integer, nullable=False),
    Column("host", Text),
    Column("url", Text),
    Column("checksum", Text, nullable=False),  # SHA-256 of the row as sent
    Column("header", JSONB, nullable=False, server_default="{}"),  # the header fields as sent, but for the text itself
    Column("extra", JSONB, nullable=False, server_default="{}"),  # what we have no field for
    instant("imported_at"),
    UniqueConstraint("policy_id", "origin", "checksum"),
)

# Something a person must see (blocking: settle, before the policy may be published). `about` is the text it was found
# in: another text closes it (`gone_at`) and is judged anew.
policy_finding = Table(
    "policy_finding",
    metadata,
    identity(),
    Column("policy_id", BigInteger, ForeignKey("policy.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("blocking", Boolean, nullable=False),
    Column("about", Text, nullable=False),
    instant("found_at"),
    instant("gone_at", nullable=True),
    instant("settled_at", nullable=True),
    Column("settled_by", Text),
    Column("reason", Text),
    UniqueConstraint("policy_id", "about", "code", "place"),
    Index("ix_policy_finding_open", "policy_id", postgresql_where=text("settled_at is null and gone_at is null")),
)

# What one text says of another; `target_id` is known once exactly one stored policy fits.
policy_link = Table(
    "policy_link",
    metadata,
    identity(),
    Column("policy_id", BigInteger, ForeignKey("policy.id"), nullable=False, index=True),
    # repeals | based_on | forwards | interprets | amends | excludes | duplicates
    Column("relation", Text, nullable=False),
    Column("doc_no", Text, index=True),
    Column("title", Text),
    Column("target_id", BigInteger, ForeignKey("policy.id"), index=True),
    UniqueConstraint("policy_id", "relation", "doc_no", "title", postgresql_nulls_not_distinct=True),
)

# What tells two copies of one text: see `pushsvc.texts.fingerprints`. `bands` are hashes of parts of the signature.
policy_fingerprint = Table(
    "policy_fingerprint",
    metadata,
    Column("policy_id", BigInteger, ForeignKey("policy.id"), primary_key=True),
    Column("host", Text, nullable=False),
    Column("number", Text, index=True),
    Column("title", Text, nullable=False),
    Column("digest", BigInteger, nullable=False, index=True),
    Column("signature", LargeBinary, nullable=False),
    Column("bands", ARRAY(BigInteger), nullable=False),
    Index("ix_policy_fingerprint_bands", "bands", postgresql_using="gin"),
)
