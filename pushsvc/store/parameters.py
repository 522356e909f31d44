"""The figures that criteria share, each with its values by date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from profiles.criteria.parameters import Parameters, read_parameters
from pushsvc.store.session import Connection
from pushsvc.store.tables import parameter

_WORDS = ("zh", "en", "unit")


def load_parameters(conn: Connection) -> Parameters:
    """Every figure as stored."""
    return read_parameters(stored_parameters(conn))


def stored_parameters(conn: Connection) -> dict[str, dict[str, Any]]:
    """Every figure as its file says it, by name."""
    rows = conn.execute(select(parameter).order_by(parameter.c.name)).mappings()
    return {row["name"]: {**{word: row[word] for word in _WORDS}, "values": row["dated"]} for row in rows}


def save_parameters(conn: Connection, table: Mapping[str, Mapping[str, Any]], at: datetime) -> None:
    """Write these figures; others stay. The table has been read by `read_parameters`: its shape is right."""
    for name, row in table.items():
        values = {**{word: row[word] for word in _WORDS}, "dated": row["values"], "changed_at": at}
        statement = upsert(parameter).values(name=name, **values)
        conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
