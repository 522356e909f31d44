"""Templates of SMS, and what each vendor said of them: a body never changes, an edit is a new version."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Integer, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from pushsvc.store.tables.base import identity, instant, metadata

sms_template = Table(
    "sms_template",
    metadata,
    identity(),
    Column("name", Text, nullable=False),  # policy | digest | code | stop, or an operator's own
    Column("locale", Text, nullable=False),  # zh | en
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),  # notice | marketing | code
    Column("body", Text, nullable=False),  # without the signature; ${title} and the like stay open
    Column("author", Text, nullable=False),
    instant("created_at"),
    UniqueConstraint("name", "locale", "version"),
)

# One version at one route. Its code, signature and limits are as the vendor has them.
sms_filing = Table(
    "sms_filing",
    metadata,
    identity(),
    Column("template_id", BigInteger, ForeignKey("sms_template.id"), nullable=False),
    Column("route", Text, nullable=False, index=True),
    Column("code", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("limits", JSONB, nullable=False, server_default="{}"),  # variable -> UTF-16 units
    Column("state", Text, nullable=False, server_default="filed"),  # filed | approved | refused | expired
    Column("expected_at", Date),  # while it is filed: when the vendor should have answered
    Column("expires_at", Date),  # the last day on which it serves; null: none is known
    Column("reason", Text),  # of a refusal, in the vendor's words
    Column("changed_by", Text, nullable=False),
    instant("filed_at"),
    instant("changed_at"),
    UniqueConstraint("template_id", "route"),
)
