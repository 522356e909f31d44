"""Which profiles changed since when, and the published columns as files, kept where every host can fetch them."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from pushsvc.store.tables.base import identity, instant, metadata

# One row a statement that changed something of these profiles: triggers write it. `xid`: the transaction, as a number
# that never wraps. A row without a profile says that older ones were pruned.
profile_change = Table(
    "profile_change",
    metadata,
    identity(),
    Column(
        "xid",
        BigInteger,
        nullable=False,
        server_default=text("cast(cast(pg_current_xact_id() as text) as bigint)"),
        index=True,
    ),
    Column("profile_ids", ARRAY(BigInteger), nullable=False),
)

# `watermark`: every transaction before this number is in it; of later ones, those that were visible.
snapshot = Table(
    "snapshot",
    metadata,
    identity(),
    Column("version", Text, nullable=False, unique=True),
    instant("made_at"),
    Column("on_day", Date, nullable=False),
    Column("shards", SmallInteger, nullable=False),
    Column("vocabulary", Text, nullable=False),
    Column("watermark", BigInteger, nullable=False),
    Column("profiles", BigInteger),
    Column("manifest", JSONB),
    Column("state", Text, nullable=False, server_default="building"),  # building | ready | refused
    Index("ix_snapshot_ready", "id", postgresql_where=text("state = 'ready'")),
)

# A file of a snapshot in pieces. Numbers do not compress: `content` is stored as it is.
snapshot_part = Table(
    "snapshot_part",
    metadata,
    Column("version", Text, ForeignKey("snapshot.version"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
