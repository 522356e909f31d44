"""Where the app channel reaches a person beside the push gateway's own device: registered by the app or the webview."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint, text

from pushsvc.store.tables.base import identity, instant, metadata

# One row a token. A dropped one keeps its hash and loses its ciphertext: only a new registration brings it back.
device = Table(
    "device",
    metadata,
    identity(),
    Column("recipient_id", BigInteger, ForeignKey("profile.id"), nullable=False),
    Column("platform", Text, nullable=False),  # jpush | wechat | webhook | web | gateway
    Column("token", LargeBinary, nullable=False),  # ciphertext
    Column("lookup", LargeBinary, nullable=False),  # keyed hash
    instant("created_at"),
    instant("last_seen_at"),
    instant("dropped_at", nullable=True),
    Column("drop_reason", Text),  # the provider's code, or gave_way: a person has no more than so many
    UniqueConstraint("platform", "lookup"),
    Index("ix_device_live", "recipient_id", postgresql_where=text("dropped_at is null")),
)
