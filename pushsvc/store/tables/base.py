"""The metadata all tables share, and the column shapes they repeat."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

Instant = DateTime(timezone=True)
Words = ARRAY(Text)


def identity() -> Column[int]:
    """A surrogate key made by PostgreSQL."""
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def instant(name: str, *, nullable: bool = False) -> Column[object]:
    """An aware moment, stored in UTC."""
    return Column(name, Instant, nullable=nullable)
