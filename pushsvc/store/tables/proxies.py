"""Acting for another: a person's leave to one they trust, and what was done by it."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text, text

from pushsvc.store.tables.base import Words, identity, instant, metadata

# `profile_id` lets `person_id` act for them: consent with its wording, a scope, an end. Until somebody accepts by the
# code, `person_id` is null; then the code's keyed hash serves them alone, and it goes with the leave's end.
proxy = Table(
    "proxy",
    metadata,
    identity(),
    Column("profile_id", BigInteger, ForeignKey("profile.id"), nullable=False, index=True),
    Column("person_id", BigInteger, ForeignKey("profile.id")),
    Column("code", LargeBinary, unique=True),
    Column("scopes", Words, nullable=False),  # read | manage | ask
    Column("wording", Text, nullable=False),
    instant("granted_at"),
    instant("accepted_at", nullable=True),
    instant("expires_at"),
    instant("ended_at", nullable=True),
    Column("ended_by", BigInteger),
    Index("ix_proxy_person", "person_id", postgresql_where=text("ended_at is null")),
)

# Append-only: what was done by that leave; `action` is the page, "POST preferences.choices".
proxy_act = Table(
    "proxy_act",
    metadata,
    identity(),
    Column("proxy_id", BigInteger, ForeignKey("proxy.id"), nullable=False, index=True),
    instant("at"),
    Column("action", Text, nullable=False),
)
