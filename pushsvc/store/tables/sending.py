"""Runs and their deliveries: the delivery table is the queue, a slice the unit of claiming."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from pushsvc.store.tables.base import identity, instant, metadata

run = Table(
    "run",
    metadata,
    identity(),
    Column("kind", Text, nullable=False),  # campaign | digest | life | system
    Column("key", Text, nullable=False, unique=True),  # "campaign:7", "digest:daily:2026-06-24", "life:12"
    Column("campaign_id", BigInteger, ForeignKey("campaign.id"), unique=True),
    Column("content", LargeBinary),  # ciphertext of a system message's own words (a sign-in code); null otherwise
    instant("due_at", nullable=True),  # when a digest stops gathering; when a system message has lost its use
    instant("created_at"),
)

slice_ = Table(
    "slice",
    metadata,
    identity(),
    Column("run_id", BigInteger, ForeignKey("run.id"), nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("step", SmallInteger, nullable=False, server_default="0"),
    Column("state", Text, nullable=False, server_default="ready"),  # waiting | ready | leased | done
    instant("due_at"),
    Column("lease_token", UUID(as_uuid=True)),
    instant("lease_until", nullable=True),
    Column("worker", Text),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("unsettled", Boolean, nullable=False, server_default=text("false")),  # a member may be unknown
    Index("ix_slice_due", "lane", "run_id", "channel", "due_at", "id", postgresql_where=text("state = 'ready'")),
    Index("ix_slice_leased", "lease_until", postgresql_where=text("state = 'leased'")),
    Index("ix_slice_waiting", "due_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_slice_open", "run_id", postgresql_where=text("state <> 'done' or unsettled")),
    Index("ix_slice_unsettled", "id", postgresql_where=text("unsettled")),
)

attempt = Table(
    "attempt",
    metadata,
    identity(),
    Column("slice_id", BigInteger, ForeignKey("slice.id"), nullable=False, index=True),
    Column("provider", Text, nullable=False),  # the kind of adapter, which knows the codes
    Column("route", Text, nullable=False, server_default=""),  # the provider's own name among those of its channel
    Column("batch_key", Text, nullable=False, unique=True),
    Column("members", Integer, nullable=False),
    instant("started_at"),
    instant("expires_at"),  # the provider refuses the call after this: an absent key is then proof of "not sent"
    instant("finished_at", nullable=True),
    *(
        Column(name, Integer, nullable=False, server_default="0")
        for name in ("accepted", "rejected", "deferred", "unknown")
    ),
    Column("troubled", Integer, nullable=False, server_default="0"),  # deferred or unknown by the provider's fault
    # Of a vendor that is asked what became of its messages: how often it was, in this turn up to which delivery, and
    # until when somebody is at it.
    Column("asked", SmallInteger, nullable=False, server_default="0"),
    Column("asked_to", BigInteger, nullable=False, server_default="0"),
    instant("asking_until", nullable=True),
    Index("ix_attempt_recent", "route", "started_at"),
    Index("ix_attempt_asked", "route", "asked", "expires_at", postgresql_where=text("asked < 3")),
)

# What people or the breaker decided about a provider; one without a row is on, with the weight of the settings.
provider = Table(
    "provider",
    metadata,
    Column("route", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="on"),  # on | paused (by a person) | open (by the breaker)
    Column("weight", Float),  # null: that of the settings
    Column("reason", Text),
    Column("changed_by", Text, nullable=False),
    instant("changed_at"),
    instant("until", nullable=True),  # open: when it may be tried again
)

# No index holds `state`, and pages keep room: a change of state is then written beside the row and nowhere else.
# Foreign keys would look up, and lock, seven rows a message; `pushsvc ledger check` looks instead (decision 27).
delivery = Table(
    "delivery",
    metadata,
    identity(),
    Column("run_id", BigInteger, nullable=False),
    Column("profile_id", BigInteger, nullable=False),
    Column("recipient_id", BigInteger, nullable=False),
    Column("address_id", BigInteger, nullable=False),
    Column("policy_id", BigInteger),  # null for a digest: see delivery_item
    Column("channel", Text, nullable=False),
    Column("step", SmallInteger, nullable=False, server_default="0"),
    Column("door", Text, nullable=False),
    Column("slice_id", BigInteger),
    Column("attempt_id", BigInteger),
    Column("state", Text, nullable=False, server_default="planned"),
    Column("code", Text),  # why refused, rejected, deferred or unknown
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("doubtful", Boolean, nullable=False, server_default=text("false")),  # put back on a guess: may have arrived
    Column("wire_key", Text, nullable=False, unique=True),  # opaque: all that a vendor ever sees
    Column("provider_id", Text),
    instant("planned_at"),
    instant("accepted_at", nullable=True),  # set once: "ever accepted"
    instant("updated_at"),
    UniqueConstraint("run_id", "recipient_id", "channel", "step"),
    Index("ix_delivery_slice", "slice_id"),
    Index("ix_delivery_told", "recipient_id", "policy_id"),
    Index("ix_delivery_adrift", "run_id", postgresql_where=text("slice_id is null")),
    postgresql_with={"fillfactor": 40},
)

delivery_item = Table(
    "delivery_item",
    metadata,
    Column("delivery_id", BigInteger, ForeignKey("delivery.id"), primary_key=True),
    Column("policy_id", BigInteger, ForeignKey("policy.id"), primary_key=True),
    Column("profile_id", BigInteger, ForeignKey("profile.id"), nullable=False),
    Column(
        "campaign_id", BigInteger, ForeignKey("campaign.id"), index=True
    ),  # null in the digest that answers a life event
    Column("position", SmallInteger, nullable=False),
    Column("door", Text, nullable=False),
    Index("ix_delivery_item_life", "policy_id", postgresql_where=text("campaign_id is null")),
)

refusal = Table(
    "refusal",
    metadata,
    Column("run_id", BigInteger, primary_key=True),
    Column("profile_id", BigInteger, primary_key=True),
    Column("recipient_id", BigInteger, primary_key=True),  # 0 where the profile has nobody to write to
    Column("door", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("channel", Text),
    instant("at"),
    Index("ix_refusal_recipient", "recipient_id"),
)

receipt = Table(
    "receipt",
    metadata,
    identity(),
    Column("provider", Text, nullable=False),
    Column("route", Text),  # whose hook it came by; null: by a way that all share
    Column("raw", JSONB, nullable=False),
    Column("checksum", LargeBinary, nullable=False, unique=True),  # the same callback twice is one receipt
    Column("wire_key", Text),  # of a vendor that never saw it, filled in when the message is found
    Column("batch_key", Text),  # such a vendor's word for the attempt
    Column("provider_id", Text),  # or for the message
    Column("lookup", LargeBinary),  # keyed hash of the address it names
    Column("status", Text),  # delivered | bounced | complained | rejected
    Column("code", Text),
    Column("soft", Boolean, nullable=False, server_default=text("false")),  # a bounce that may pass
    instant("received_at"),
    instant("matched_at", nullable=True),
    Index("ix_receipt_unmatched", "id", postgresql_where=text("matched_at is null")),
)

# Messages to an address that came back in a way that may pass, since the last that arrived.
soft_bounce = Table(
    "soft_bounce",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("lookup", LargeBinary, primary_key=True),
    Column("delivery_id", BigInteger, primary_key=True),
    instant("at"),
)

sms_reply = Table(
    "sms_reply",
    metadata,
    identity(),
    Column("route", Text, nullable=False),
    Column("vendor_id", Text),
    Column("checksum", LargeBinary, nullable=False, unique=True),  # the same reply twice is one
    Column("lookup", LargeBinary),  # keyed hash of the number; null where it is none
    Column("kind", Text, nullable=False),  # stop | not_mine | other
    Column("cipher", LargeBinary, nullable=False),  # of its first letters
    instant("received_at"),
    instant("confirmed_at", nullable=True),
    Index("ix_sms_reply_lookup", "lookup", "received_at"),
)

# Whoever answered at this address said that the profile is somebody else: no file links the two again.
not_theirs = Table(
    "not_theirs",
    metadata,
    Column("profile_id", BigInteger, ForeignKey("profile.id"), primary_key=True),
    Column("address_id", BigInteger, ForeignKey("address.id"), primary_key=True),
    instant("at"),
)

inbox = Table(
    "inbox",
    metadata,
    identity(),
    Column("wire_key", Text, nullable=False, unique=True),
    Column("recipient_id", BigInteger, nullable=False, index=True),
    Column("profile_id", BigInteger, nullable=False),
    Column("policy_id", BigInteger),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    instant("at"),
    instant("read_at", nullable=True),
    instant("archived_at", nullable=True),
    # Devices that a push left for, or may have left for, by a vendor that would show a repeat: see channels.fan_out.
    Column("pushed", ARRAY(BigInteger), nullable=False, server_default="{}"),
)
