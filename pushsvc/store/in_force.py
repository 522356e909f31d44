"""Published policies without their texts, and a number that moves whenever any of them changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, text

from pushsvc.store.session import Connection
from pushsvc.store.tables import policy

_AT_ONCE = 500  # texts read at a time


@dataclass(frozen=True)
class LightPolicy:
    """What is needed of a policy to choose it for somebody, but for its criteria and its words."""

    id: int
    ref: str
    checksum: str
    visible_no: int
    family: str
    kind: str
    title: str
    agency: str
    topic: str
    region: str
    themes: tuple[str, ...]
    tags: tuple[str, ...]
    industries: tuple[str, ...]
    agencies: tuple[str, ...]
    window_closes: date | None
    date_published: date | None
    valid_to: date | None
    published_at: datetime | None

    @property
    def key(self) -> tuple[int, str]:
        """The number, and the checksum of the content, which any change to it changes."""
        return self.id, self.checksum


_NAMES = [field.name for field in fields(LightPolicy)]
_STAMP = text("select n, cast(xmin as text) from policy_change where id = 1")


def policies_stamp(conn: Connection) -> tuple[int, str]:
    """Another one after every committed change to a published policy or to a shared figure: triggers count them.

    With it the transaction that counted last: one that is rolled back leaves the number to the next.
    """
    row = conn.execute(_STAMP).first()
    return (0, "") if row is None else (int(row[0]), str(row[1]))


def light_policies(conn: Connection) -> list[LightPolicy]:
    """Every published policy, newest first, those that are no longer valid too."""
    query = select(*(policy.c[name] for name in _NAMES)).where(policy.c.state == "published")
    rows = conn.execute(query.order_by(policy.c.visible_no.desc()))
    return [_light(row) for row in rows]


def criteria_by_id(conn: Connection, policy_ids: Sequence[int]) -> dict[int, Mapping[str, Any] | None]:
    """The stored criteria of these policies."""
    query = text("select id, criteria from policy where id = any(:ids)")
    return {row.id: row.criteria for row in conn.execute(query, {"ids": list(policy_ids)})}


def words_of(conn: Connection, policy_ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Number and text (title, summary, body) of these policies, a few hundred at a time."""
    query = text("""
        select id, concat_ws(E'\\n', title, nullif(summary, ''), nullif(body, '')) from policy where id = any(:ids)
    """)
    ids = list(policy_ids)
    for at in range(0, len(ids), _AT_ONCE):
        yield from (tuple(row) for row in conn.execute(query, {"ids": ids[at : at + _AT_ONCE]}))


def _light(row: Row[Any]) -> LightPolicy:
    return LightPolicy(**{name: _frozen(value) for name, value in zip(_NAMES, row, strict=True)})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
