"""Figures that many criteria share and that change on a day, such as a minimum wage."""

from sqlalchemy import Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from pushsvc.store.tables.base import instant, metadata

parameter = Table(
    "parameter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("dated", JSONB, nullable=False),  # [{value, from?, to?, source}], as `read_parameters` takes it
    instant("changed_at"),
)
