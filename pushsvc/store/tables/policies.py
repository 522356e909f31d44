"""Policies, the campaigns that push them, and what people did."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from pushsvc.store.tables.base import Words, identity, instant, metadata

visibility = Sequence("policy_visibility", metadata=metadata)

policy = Table(
    "policy",
    metadata,
    identity(),
    Column("ref", Text, nullable=False, unique=True),
    Column("family", Text, nullable=False, index=True),
    Column("event", Text, nullable=False),  # what happened, e.g. "new:2026"; the told gate compares (family, event)
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("doc_no", Text),
    Column("index_no", Text),
    Column("agency", Text, nullable=False),
    Column("themes", Words, nullable=False, server_default="{}"),
    Column("tags", Words, nullable=False, server_default="{}"),
    Column("topic", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("industries", Words, nullable=False, server_default="{}"),
    Column("summary", Text),
    Column("amount", Text),
    Column("body", Text, nullable=False),
    Column("criteria", JSONB(none_as_null=True)),
    Column("mandatory", Boolean, nullable=False, server_default=text("false")),
    Column("sensitive", Boolean, nullable=False, server_default=text("false")),
    Column("date_written", Date),
    Column("date_published", Date),
    Column("window_opens", Date),
    Column("window_closes", Date),
    Column("date_effective", Date),
    Column("valid_to", Date),
    Column("normative_no", Text),  # the unified number of a normative document, beside `doc_no`
    Column("version", Text),
    Column("doc_nos", Words, nullable=False, server_default="{}"),  # every number of its own, in the one form
    Column("agencies", Words, nullable=False, server_default="{}"),
    Column("amount_wan", Float),  # the amount in 10,000 yuan
    Column("html", Text),  # sanitised
    Column("url", Text),
    Column("repealed_by", BigInteger, ForeignKey("policy.id")),
    Column("state", Text, nullable=False, server_default="draft"),  # draft | published | withdrawn
    Column("author", Text),
    Column("reviewer", Text),
    Column("checksum", Text, nullable=False),  # of the imported content; what a reviewer's approval binds
    Column("approved_checksum", Text),
    Column("source_checksum", Text),  # of the row as sent, where the text was read from a source of another's shape
    Column("visible_no", BigInteger, unique=True),  # monotonic; watermarks follow it, never a date
    instant("published_at", nullable=True),
    instant("imported_at"),
    Index("ix_policy_doc_nos", "doc_nos", postgresql_using="gin"),
)

# One row. Triggers count every change to a published policy, and to the figures that criteria share.
policy_change = Table(
    "policy_change",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("n", BigInteger, nullable=False),
)

# Which events of which policies draft campaigns that need no second look; empty words mean any.
standing_rule = Table(
    "standing_rule",
    metadata,
    identity(),
    Column("name", Text, nullable=False, unique=True),
    Column("events", Words, nullable=False),  # new | changed | window_opened | deadline | result | repealed
    Column("kinds", Words, nullable=False, server_default="{}"),
    Column("topics", Words, nullable=False, server_default="{}"),
    Column("regions", Words, nullable=False, server_default="{}"),
    Column("doors", Words, nullable=False),
    Column("lane", Text, nullable=False, server_default="bulk"),
    Column("state", Text, nullable=False, server_default="draft"),  # draft | in_review | approved | ended
    Column("author", Text, nullable=False),
    Column("reviewer", Text),
    Column("approved_hash", Text),
    instant("created_at"),
    instant("approved_at", nullable=True),
    instant("ended_at", nullable=True),
    Column("ended_reason", Text),
)

# What happened to a policy, once for each key ("deadline", "2026-12-31:7"), and the campaign that tells of it.
policy_event = Table(
    "policy_event",
    metadata,
    identity(),
    Column("policy_id", BigInteger, ForeignKey("policy.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    Column("campaign_id", BigInteger, ForeignKey("campaign.id")),
    instant("at"),
    instant("handled_at", nullable=True),
    Column("tries", SmallInteger, nullable=False, server_default="0"),  # answers that went wrong
    instant("again_at", nullable=True),  # the next one; null after `tries` that nobody repeats by itself
    Column("error_code", Text),
    Column("error", Text),
    UniqueConstraint("policy_id", "kind", "key"),
    Index("ix_policy_event_open", "id", postgresql_where=text("handled_at is null")),
)

campaign = Table(
    "campaign",
    metadata,
    identity(),
    Column("policy_id", BigInteger, ForeignKey("policy.id"), nullable=False, index=True),
    Column("family", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("doors", Words, nullable=False),
    Column("lane", Text, nullable=False, server_default="normal"),
    Column("basis", Text),  # a cited legal duty: opens the entitled door
    Column("audience", JSONB, nullable=False, server_default="{}"),  # {"min_z": float, "top_n": int}
    Column("content", JSONB, nullable=False, server_default="{}"),  # {locale: {subject, sms, push, email...}} overrides
    Column("state", Text, nullable=False, server_default="draft"),
    Column("author", Text, nullable=False),
    Column("reviewer", Text),
    Column("approved_hash", Text),
    Column("expected", Integer),
    Column("funnel", JSONB, nullable=False, server_default="{}"),
    Column("planned_rank", Integer, nullable=False, server_default="0"),  # plan's watermark over selection.rank
    Column("emergency", Boolean, nullable=False, server_default=text("false")),  # passes caps and quiet hours
    Column("rate_per_second", Float),  # null: as fast as its providers allow
    Column("escalate_after", SmallInteger),  # hours; null: as each person wishes
    Column("detail", JSONB, nullable=False, server_default="{}"),  # of its event: {"changes": [...]}, {"days": 7}
    Column("rule_id", BigInteger, ForeignKey("standing_rule.id")),  # the standing rule that approved it
    Column("sms_template", Text, nullable=False, server_default="policy"),  # its words where a vendor takes no others
    Column("sms_words", JSONB, nullable=False, server_default="{}"),  # {locale: version}: what its review binds
    instant("starts_at", nullable=True),
    instant("expires_at", nullable=True),
    instant("created_at"),
    instant("selected_at", nullable=True),
    instant("planned_at", nullable=True),
    instant("finished_at", nullable=True),
    instant("untold_at", nullable=True),  # when it last began to look again at whom it refused as told
    Column("untold_rank", Integer),  # how far that has come over selection.rank; null: to its end
    Column("version", BigInteger, nullable=False, server_default="0"),  # counted up per slice: ETag of live pages
    Index("ix_campaign_event", "family", "event"),
)

# What an approval saw; rows are added, never changed.
approval = Table(
    "approval",
    metadata,
    identity(),
    Column("campaign_id", BigInteger, ForeignKey("campaign.id"), nullable=False),
    instant("at"),
    Column("reviewer", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("bound", JSONB, nullable=False),  # the values that the hash is of
    Column("recommended", Integer, nullable=False),  # how many a model chose
    Column("people", LargeBinary, nullable=False),  # the profiles that rules and wishes chose, packed
    Index("ix_approval_campaign_id", "campaign_id", "id"),
)

selection = Table(
    "selection",
    metadata,
    Column("campaign_id", BigInteger, ForeignKey("campaign.id"), primary_key=True),
    Column("profile_id", BigInteger, ForeignKey("profile.id"), primary_key=True),
    Column("door", Text, nullable=False),  # entitled | subscribed | recommended
    Column("match", SmallInteger, nullable=False),  # 1 yes, 0 no, -1 unknown
    Column("score", Float),
    Column("rank", Integer, nullable=False),  # 1..n, dense
    Column("why", JSONB(none_as_null=True)),  # subscription ids, tags and terms used; stored with the send
    UniqueConstraint("campaign_id", "rank"),
)

feedback = Table(
    "feedback",
    metadata,
    identity(),
    Column("profile_id", BigInteger, ForeignKey("profile.id"), nullable=False),
    Column("policy_id", BigInteger, ForeignKey("policy.id"), nullable=False, index=True),
    Column("delivery_id", BigInteger),
    Column("kind", Text, nullable=False),  # opened | clicked | saved | applied | dismissed
    Column("reason", Text),  # of a dismissal: not_for_me | applied | not_interested
    instant("at"),
    UniqueConstraint("profile_id", "policy_id", "kind", "at"),
    Index("ix_feedback_profile", "profile_id", "policy_id"),
)

# Whether a person found a policy's page useful: their last word, for those who run the service.
usefulness = Table(
    "usefulness",
    metadata,
    Column("profile_id", BigInteger, ForeignKey("profile.id"), primary_key=True),
    Column("policy_id", BigInteger, ForeignKey("policy.id"), primary_key=True, index=True),
    Column("useful", Boolean, nullable=False),
    instant("at"),
)
