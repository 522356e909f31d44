"""Messages by the check code that they quote: the first digits of their wire keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pushsvc.store.session import Connection, rows_cursor
from pushsvc.store.states import LEFT


@dataclass(frozen=True)
class Quoted:
    """A message that left, by what anybody may know of it: when, on which channel, and of which policy it told, with
    its number while it is public; a digest, of several, has no title."""

    at: datetime
    channel: str
    policy_id: int | None
    title: str | None
    agency: str | None
    sensitive: bool


# By the index of the unique wire keys: a range, since a prefix would need a C collation, which is not everybody's.
_QUERY = """
    select coalesce(d.accepted_at, d.updated_at) as at, d.channel, p.title, p.agency,
        case when p.state = 'published' then p.id end as policy_id, coalesce(p.sensitive, false) as sensitive
    from delivery d join run on run.id = d.run_id left join policy p on p.id = d.policy_id
    where d.wire_key >= %(first)s and d.wire_key < %(after)s and d.state = any(%(states)s) and run.kind <> 'system'
        and coalesce(d.accepted_at, d.updated_at) >= %(since)s and coalesce(d.accepted_at, d.updated_at) < %(until)s
    order by 1 desc, d.id limit %(limit)s
"""


def quoted(conn: Connection, prefix: str, since: datetime, until: datetime, *, limit: int) -> Sequence[Quoted]:
    """The messages, newest first, that left between two moments and whose wire key begins with these hex digits."""
    after = f"{int(prefix, 16) + 1:0{len(prefix)}x}" if prefix.strip("f") else "g"
    values = {"first": prefix, "after": after, "states": list(LEFT), "since": since, "until": until, "limit": limit}
    return [Quoted(**row) for row in rows_cursor(conn).execute(_QUERY, values).fetchall()]
