"""Standing rules: which events of which policies draft campaigns that need no second look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from pushsvc.store.session import Connection
from pushsvc.store.tables import standing_rule


def add_rule(conn: Connection, values: Mapping[str, Any]) -> int:
    """A new draft; returns its number."""
    return int(conn.execute(insert(standing_rule).values(**values).returning(standing_rule.c.id)).scalar_one())


def get_rule(conn: Connection, rule_id: int, *, lock: bool = False) -> RowMapping | None:
    """The rule, optionally held for this transaction."""
    query = select(standing_rule).where(standing_rule.c.id == rule_id)
    return conn.execute(query.with_for_update() if lock else query).mappings().one_or_none()


def rule_named(conn: Connection, name: str) -> RowMapping | None:
    """The rule of this name."""
    return conn.execute(select(standing_rule).where(standing_rule.c.name == name)).mappings().one_or_none()


def set_rule(conn: Connection, rule_id: int, values: Mapping[str, Any]) -> None:
    """Set columns."""
    conn.execute(update(standing_rule).where(standing_rule.c.id == rule_id).values(**values))


def approved_rules(conn: Connection) -> list[RowMapping]:
    """Approved rules, oldest first, none of which can be edited before this transaction ends.

    Held for share: a campaign that another connection writes for one of them is not kept waiting.
    """
    query = select(standing_rule).where(standing_rule.c.state == "approved").order_by(standing_rule.c.id)
    return list(conn.execute(query.with_for_update(read=True)).mappings())


def list_rules(conn: Connection) -> list[RowMapping]:
    """All rules, oldest first."""
    return list(conn.execute(select(standing_rule).order_by(standing_rule.c.id)).mappings())
