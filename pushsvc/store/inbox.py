"""The inbox: what reached a person by the app channel, read back by the webview."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update

from pushsvc.store.bulk import numbers_literal, words_literal
from pushsvc.store.session import Connection, rows_cursor
from pushsvc.store.tables import inbox

VIEWS = ("inbox", "unread", "archived")


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
    archived_at: datetime | None


@dataclass(frozen=True)
class Counts:
    """A person's letters in figures: `unread` are those that are not put away. `tag` is another whenever a list is."""

    unread: int
    archived: int
    tag: str


def letters(
    conn: Connection, recipient_id: int, *, view: str | None = None, before: int | None = None, limit: int = 30
) -> list[Letter]:
    """A person's messages, newest first, older than message `before`. `view`: one of VIEWS; None: all of them."""
    names = ("id", "profile_id", "policy_id", "title", "body", "at", "read_at", "archived_at")
    query = select(*(inbox.c[name] for name in names)).where(inbox.c.recipient_id == recipient_id)
    if view is not None:
        query = query.where(inbox.c.archived_at.is_not(None) if view == "archived" else inbox.c.archived_at.is_(None))
    if view == "unread":
        query = query.where(inbox.c.read_at.is_(None))
    if before is not None:
        query = query.where(inbox.c.id < before)
    return [Letter(*row) for row in conn.execute(query.order_by(inbox.c.id.desc()).limit(limit))]


# All that a list shows of a letter is written once but for what was read and put away: these figures tell them apart.
_COUNTS = text("""
    select count(*) filter (where read_at is null and archived_at is null),
        count(*) filter (where archived_at is not null), count(*), coalesce(max(id), 0), count(read_at),
        coalesce(extract(epoch from max(archived_at)), 0)
    from inbox where recipient_id = :id
""")


def counts(conn: Connection, recipient_id: int) -> Counts:
    """The figures, by one look at the person's own rows."""
    row = conn.execute(_COUNTS, {"id": recipient_id}).one()
    return Counts(row[0], row[1], "-".join(f"{int(number * 1000):x}" for number in row))


def unread(conn: Connection, recipient_id: int) -> int:
    """How many messages wait to be read, those put away not among them."""
    return counts(conn, recipient_id).unread


def mark_read(conn: Connection, recipient_id: int, letter_id: int, now: datetime) -> str | None:
    """Mark one of the person's own messages read; its wire key, or None where it is not theirs or was read before."""
    key: str | None = conn.scalar(
        update(inbox)
        .where(inbox.c.id == letter_id, inbox.c.recipient_id == recipient_id, inbox.c.read_at.is_(None))
        .values(read_at=now)
        .returning(inbox.c.wire_key)
    )
    return key


def mark_all_read(conn: Connection, recipient_id: int, now: datetime) -> list[str]:
    """Mark all messages read that are not put away; the wire keys of those that were not."""
    mine = inbox.c.recipient_id == recipient_id, inbox.c.read_at.is_(None), inbox.c.archived_at.is_(None)
    return list(conn.scalars(update(inbox).where(*mine).values(read_at=now).returning(inbox.c.wire_key)))


def put_away(conn: Connection, recipient_id: int, letter_id: int, now: datetime | None) -> bool:
    """Put one of the person's own messages away, or back (None); False where it is not theirs. Again is harmless."""
    mine = inbox.c.id == letter_id, inbox.c.recipient_id == recipient_id
    stays = func.coalesce(inbox.c.archived_at, now) if now is not None else None
    return bool(conn.execute(update(inbox).where(*mine).values(archived_at=stays)).rowcount)


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


# In the order of their keys, as everybody locks them: two who claim the same wait, and one is told no.
_PUSHED = "select wire_key, pushed from inbox where wire_key = any(%s::text[]) order by wire_key for update"
_PAIRS = """(select key, array_agg(device) as devices
             from unnest(%s::text[], %s::bigint[]) as u(key, device) group by key) v"""
_CLAIM = f"update inbox i set pushed = i.pushed || v.devices from {_PAIRS} where i.wire_key = v.key"
_RELEASE = f"""
    update inbox i set pushed =
        (select coalesce(array_agg(one), '{{}}') from unnest(i.pushed) one where one <> all(v.devices))
    from {_PAIRS} where i.wire_key = v.key
"""


def claim_pushes(conn: Connection, pairs: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
    """Of these pairs of wire key and device those that nobody claimed, claimed now; none of a letter that is gone."""
    keys = sorted({key for key, _ in pairs})
    held = rows_cursor(conn).execute(_PUSHED, (words_literal(keys),)).fetchall()
    taken = {row["wire_key"]: set(row["pushed"]) for row in held}
    free = {(key, device) for key, device in pairs if key in taken and device not in taken[key]}
    if free:
        rows_cursor(conn).execute(_CLAIM, _pairs(free))
    return free


def release_pushes(conn: Connection, pairs: Sequence[tuple[str, int]]) -> None:
    """Give claims back: nothing left for these devices."""
    rows_cursor(conn).execute(_PUSHED, (words_literal(sorted({key for key, _ in pairs})),))
    rows_cursor(conn).execute(_RELEASE, _pairs(pairs))


def _pairs(pairs: Collection[tuple[str, int]]) -> tuple[str, str]:
    return words_literal([key for key, _ in pairs]), numbers_literal([device for _, device in pairs])
