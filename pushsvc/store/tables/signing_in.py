"""Where residents are signed in, who they are at others' sign-in, and tickets that sign in once."""

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table, Text, UniqueConstraint

from pushsvc.store.tables.base import identity, instant, metadata

# The reader's cookie holds a random token; here lies its digest. Ending a row signs out at once, wherever it was.
resident_session = Table(
    "resident_session",
    metadata,
    identity(),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("person_id", BigInteger, ForeignKey("profile.id"), nullable=False, index=True),
    Column("agent", LargeBinary, nullable=False),  # keyed hash of the browser's User-Agent
    Column("device", Text, nullable=False),  # wechat | alipay | phone | computer
    Column("how", Text, nullable=False),  # code | link | ticket | host | oidc | demo
    instant("began_at"),
    instant("seen_at"),
    instant("ends_at"),
)

# "Who is `subject` of `issuer`?": one of ours. Of the subject only a keyed hash is kept.
outside_identity = Table(
    "identity",
    metadata,
    identity(),
    Column("issuer", Text, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    Column("person_id", BigInteger, ForeignKey("profile.id"), nullable=False, index=True),
    Column("how", Text, nullable=False),  # mobile (that the issuer verified) | code (that the person entered)
    instant("linked_at"),
    UniqueConstraint("issuer", "subject"),
)

# A host app's backend asks for one and opens it in its webview. A used one stays a day, so that a replay has a name.
sign_in_ticket = Table(
    "sign_in_ticket",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("person_id", BigInteger, ForeignKey("profile.id"), nullable=False, index=True),
    Column("firm_id", BigInteger, ForeignKey("profile.id")),
    Column("issued_by", Text, nullable=False),  # the API key's name
    instant("issued_at"),
    instant("expires_at"),
    instant("used_at", nullable=True),
)
