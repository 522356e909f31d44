"""The inbox: what reached a person by the app channel, read back by the webview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, func, select, update

from pushsvc.store.arrays import array
from pushsvc.store.bulk import numbers_literal, words_literal
from pushsvc.store.session import Connection, rows_cursor
from pushsvc.store.tables import inbox


@dataclass(frozen=True)
class Letter:
    """One message received; `profile_id` is whom it is about, the reader or a firm of theirs."""

    id: int
    profile_id: int
    policy_id: int | None
    title: str
    body: str
    at: datetime
    read_at: datetime | None


def letters(conn: Connection, recipient_id: int, *, before: int | None = None, limit: int = 30) -> list[Letter]:
    """A person's messages, newest first, older than message `before`."""
    query = (
        select(
            inbox.c.id, inbox.c.profile_id, inbox.c.policy_id, inbox.c.title, inbox.c.body, inbox.c.at, inbox.c.read_at
        )
        .where(inbox.c.recipient_id == recipient_id)
        .order_by(inbox.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(inbox.c.id < before)
    return [Letter(*row) for row in conn.execute(query)]


def unread(conn: Connection, recipient_id: int) -> int:
    """How many messages wait to be read."""
    where = (inbox.c.recipient_id == recipient_id, inbox.c.read_at.is_(None))
    return conn.scalar(select(func.count()).select_from(inbox).where(*where)) or 0


def mark_read(conn: Connection, recipient_id: int, letter_id: int, now: datetime) -> str | None:
    """Mark one of the person's own messages read; its wire key, or None where it is not theirs or was read before."""
    key: str | None = conn.scalar(
        update(inbox)
        .where(inbox.c.id == letter_id, inbox.c.recipient_id == recipient_id, inbox.c.read_at.is_(None))
        .values(read_at=now)
        .returning(inbox.c.wire_key)
    )
    return key


def policy_of(conn: Connection, recipient_id: int, letter_id: int) -> tuple[int, int | None] | None:
    """(profile, policy) of one of the person's own messages."""
    row = conn.execute(
        select(inbox.c.profile_id, inbox.c.policy_id).where(
            inbox.c.id == letter_id, inbox.c.recipient_id == recipient_id
        )
    ).first()
    return None if row is None else (row.profile_id, row.policy_id)


# Many get the same words: these are handed over once, and each row says which are its own.
_WRITE = """
    insert into inbox (wire_key, recipient_id, profile_id, policy_id, title, body, at)
    select v.wire_key, v.recipient_id, v.profile_id, v.policy_id, w.title, w.body, %(now)s
    from unnest(%(wire_key)s::text[], %(recipient_id)s::bigint[], %(profile_id)s::bigint[], %(policy_id)s::bigint[],
                %(words)s::int[]) as v(wire_key, recipient_id, profile_id, policy_id, words)
    join unnest(%(titles)s::text[], %(bodies)s::text[]) with ordinality as w(title, body, n) on w.n = v.words
    on conflict (wire_key) do nothing
"""


def write_letters(conn: Connection, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Store messages in one statement; a wire key that is there already is left as it is."""
    if not rows:
        return
    words: dict[tuple[str, str], int] = {}
    mine = [words.setdefault((row["title"], row["body"]), len(words) + 1) for row in rows]
    numbers = {name: numbers_literal([row[name] for row in rows]) for name in ("recipient_id", "profile_id")}
    policies = "{" + ",".join([str(row["policy_id"] or "null") for row in rows]) + "}"
    values = {"wire_key": words_literal([row["wire_key"] for row in rows]), "policy_id": policies, **numbers}
    titles, bodies = words_literal([title for title, _ in words]), words_literal([body for _, body in words])
    given = {**values, "words": numbers_literal(mine), "titles": titles, "bodies": bodies, "now": now}
    rows_cursor(conn).execute(_WRITE, given)


def known_keys(conn: Connection, keys: Sequence[str]) -> list[str]:
    """Which of these wire keys the inbox holds."""
    return list(conn.scalars(select(inbox.c.wire_key).where(inbox.c.wire_key == func.any(array(keys, Text)))))
