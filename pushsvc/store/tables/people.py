"""Who is written to, where, and everything a person decides about being reached."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from pushsvc.store.tables.base import Words, identity, instant, metadata

# Who is written to for an enterprise: `person_id` is a citizen's profile. A file's word neither ends what a person
# joined here nor brings back whom they or an admin took out.
member = Table(
    "member",
    metadata,
    Column("profile_id", BigInteger, ForeignKey("profile.id"), primary_key=True),
    Column("person_id", BigInteger, ForeignKey("profile.id"), primary_key=True, index=True),
    Column("role", Text, nullable=False, server_default="member"),  # admin | member
    Column("wants", Boolean, nullable=False, server_default=text("true")),
    instant("left_at", nullable=True),
    Column("how", Text, nullable=False, server_default="file"),  # who said so: file | host | operator | admin
    instant("joined_at", nullable=True),
    Column("left_how", Text),  # file | self | admin
)

address = Table(
    "address",
    metadata,
    identity(),
    Column("channel", Text, nullable=False),  # app | sms | email
    Column("lookup", LargeBinary, nullable=False),  # keyed hash
    Column("cipher", LargeBinary, nullable=False),
    Column("mask", Text, nullable=False),
    instant("verified_at", nullable=True),
    UniqueConstraint("channel", "lookup"),
)

profile_address = Table(
    "profile_address",
    metadata,
    Column("profile_id", BigInteger, ForeignKey("profile.id"), primary_key=True),
    Column("address_id", BigInteger, ForeignKey("address.id"), primary_key=True, index=True),
)

# Append-only ledger. purpose: notify | recommend | sensitive | guardian; channel: app | sms | email | any
consent = Table(
    "consent",
    metadata,
    identity(),
    Column("profile_id", BigInteger, ForeignKey("profile.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("wording", Text, nullable=False),
    Column("source", Text, nullable=False),
    instant("at"),
    Index("ix_consent_latest", "profile_id", "purpose", "channel", text("id DESC")),
)

# A profile's explicit wish. Every non-empty key must match; within a key any value does.
subscription = Table(
    "subscription",
    metadata,
    identity(),
    Column("profile_id", BigInteger, ForeignKey("profile.id"), nullable=False, index=True),
    Column("ref", Text, nullable=False),
    Column("themes", Words, nullable=False, server_default="{}"),  # themes, tags or topics
    Column("industries", Words, nullable=False, server_default="{}"),
    Column("regions", Words, nullable=False, server_default="{}"),
    Column("agencies", Words, nullable=False, server_default="{}"),
    Column("keyword", Text),
    Column("cadence", Text, nullable=False, server_default="immediate"),
    Column("all_of", Words, nullable=False, server_default="{}"),  # the keys of which every value must be met
    instant("created_at"),
    instant("ended_at", nullable=True),
    Column("ended_reason", Text),
    UniqueConstraint("profile_id", "ref"),
)

# One row a recipient; absent means the defaults. `channels` is {topic: {channel: bool}}; absent is true.
preference = Table(
    "preference",
    metadata,
    Column("profile_id", BigInteger, ForeignKey("profile.id"), primary_key=True),
    Column("personalised", Boolean, nullable=False, server_default=text("true")),
    Column("entitled", Boolean, nullable=False, server_default=text("true")),
    Column("cadence", Text, nullable=False, server_default="immediate"),
    Column("weekly_max", SmallInteger, nullable=False, server_default="3"),
    Column("quiet_from", Time),
    Column("quiet_to", Time),
    Column("paused_until", Date),
    Column("muted", Words, nullable=False, server_default="{}"),
    Column("app", Boolean, nullable=False, server_default=text("true")),
    Column("sms", Boolean, nullable=False, server_default=text("true")),
    Column("email", Boolean, nullable=False, server_default=text("true")),
    Column("channels", JSONB, nullable=False, server_default="{}"),
    Column("escalate", Words, nullable=False, server_default="{}"),  # channels that may follow an unread app message
    Column("escalate_hours", SmallInteger, nullable=False, server_default="24"),
    Column("channel_order", Words, nullable=False, server_default="{}"),  # empty: app, sms, email
    instant("updated_at"),
)

# Append-only but for `undone_at`: a tag that the person deleted, and when they took that back, if they did.
refused_tag = Table(
    "refused_tag",
    metadata,
    identity(),
    Column("profile_id", BigInteger, ForeignKey("profile.id"), nullable=False, index=True),
    Column("tag", Text, nullable=False),
    instant("at"),
    instant("undone_at", nullable=True),
    Index("ix_refused_tag_live", "profile_id", "tag", unique=True, postgresql_where=text("undone_at is null")),
)

# Keyed by the address's hash, so it outlives erasure and re-import.
suppression = Table(
    "suppression",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("lookup", LargeBinary, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("source", Text, nullable=False),
    instant("at"),
)

life_event = Table(
    "life_event",
    metadata,
    identity(),
    Column("profile_id", BigInteger, ForeignKey("profile.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    instant("at"),
    instant("answered_at", nullable=True),
    Column("tries", SmallInteger, nullable=False, server_default="0"),  # answers that went wrong
    instant("again_at", nullable=True),  # the next one
    UniqueConstraint("profile_id", "kind", "key"),
    Index("ix_life_event_open", "tries", "id", postgresql_where=text("answered_at is null")),
)
