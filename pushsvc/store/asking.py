"""Whose fate is to be asked of a vendor: accepted and silent, or unknown; and who is at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text

from pushsvc.store.bulk import numbers_literal

# After an attempt's expiry. A receipt takes minutes; what a switched-off phone gets when it is on again, a day or two.
STEPS = (timedelta(minutes=20), timedelta(hours=6), timedelta(hours=24))
FORGET = timedelta(days=7)  # older attempts are not asked about any more
HOLD = timedelta(minutes=10)  # whoever asks has died after that
FIRST = timedelta(minutes=1)  # after its attempt's expiry, until what is unknown is asked about
ATTEMPTS = 50  # looked at in one round


class Silent(NamedTuple):
    """A message to ask about: `cipher` is its address, `sent_at` when its attempt began."""

    delivery_id: int
    attempt_id: int
    wire_key: str
    cipher: bytes
    batch_key: str
    sent_at: datetime
    provider_id: str


@dataclass(frozen=True)
class Turn:
    """What is asked about in one round. `done`: attempts of which nobody is left; `partly`: one, and how far it is."""

    members: Sequence[Silent] = ()
    done: Sequence[int] = ()
    partly: tuple[int, int] | None = None


_MEMBER = """d.id, a.id as attempt_id, d.wire_key, x.cipher, a.batch_key, a.started_at, coalesce(d.provider_id, '')"""
# Each time that nothing was learnt the wait doubles; `updated_at` is when it was looked at last.
_UNKNOWN = text(f"""
    select {_MEMBER}
    from slice s join delivery d on d.slice_id = s.id join attempt a on a.id = d.attempt_id
    join address x on x.id = d.address_id and x.cipher <> ''
    where s.unsettled and s.channel = :channel and d.state = 'unknown' and a.route = :route
      and a.expires_at <= :first and a.expires_at + 2 * (d.updated_at - a.expires_at) <= :now
    order by d.updated_at, d.id limit :limit for update of d skip locked
""")
_LOOKED = text("update delivery set updated_at = :now where id = any(cast(:ids as bigint[])) and state = 'unknown'")
_DUE = text("""
    select id from attempt
    where route = :route and asked = :asked and asked < 3 and expires_at <= :due and expires_at > :since
      and (asking_until is null or asking_until <= :now)
    order by expires_at, id limit :limit for update skip locked
""")
_SILENT = text(f"""
    select {_MEMBER}
    from unnest(cast(:attempts as bigint[])) with ordinality as v (id, place) join attempt a on a.id = v.id
    join delivery d on d.slice_id = a.slice_id and d.attempt_id = a.id and d.state = 'accepted' and d.id > a.asked_to
    join address x on x.id = d.address_id and x.cipher <> ''
    order by v.place, d.id limit :limit
""")
_HOLD = text("update attempt set asking_until = :until where id = any(cast(:attempts as bigint[]))")
_DONE = text("""
    update attempt set asking_until = null, asked_to = 0, asked = (
        select count(*) from unnest(cast(:steps as interval[])) s where expires_at + s <= :now)
    where id = any(cast(:attempts as bigint[]))
""")
_PARTLY = text("update attempt set asking_until = null, asked_to = :to where id = :id")


def unknown(conn: Connection, asked: tuple[str, str], now: datetime, *, limit: int) -> list[Silent]:
    """Unknown messages of a (channel, route) that are to be asked about now: a minute after their attempt expired, and
    then after twice as long each time. They are marked as looked at."""
    values = {"channel": asked[0], "route": asked[1], "now": now, "first": now - FIRST, "limit": limit}
    found = [Silent(*row) for row in conn.execute(_UNKNOWN, values)]
    if found:
        conn.execute(_LOOKED, {"ids": numbers_literal([one.delivery_id for one in found]), "now": now})
    return found


def claim(conn: Connection, route: str, now: datetime, *, limit: int) -> Turn:
    """Accepted messages of a route without a receipt, of attempts for which a step is due: ours for HOLD."""
    due = [number for asked, step in enumerate(STEPS) for number in _due(conn, route, now, (asked, step))]
    if not due or limit < 1:
        return Turn()
    values = {"attempts": numbers_literal(due), "limit": limit + 1}
    found = [Silent(*row) for row in conn.execute(_SILENT, values)]
    turn = Turn(found, due)
    if len(found) > limit:
        mine, more = found[:limit], found[limit].attempt_id
        begun = mine[-1].delivery_id if mine[-1].attempt_id == more else 0
        turn = Turn(mine, due[: due.index(more)], (more, begun) if begun else None)
    held = [*turn.done, *([turn.partly[0]] if turn.partly else [])]
    conn.execute(_HOLD, {"attempts": numbers_literal(held), "until": now + HOLD})
    return turn


def finish(conn: Connection, turn: Turn, now: datetime) -> None:
    """The turn's answers are stored: `now` is when it was claimed."""
    if turn.done:
        conn.execute(_DONE, {"attempts": numbers_literal(turn.done), "steps": list(STEPS), "now": now})
    if turn.partly:
        conn.execute(_PARTLY, {"id": turn.partly[0], "to": turn.partly[1]})


def _due(conn: Connection, route: str, now: datetime, step: tuple[int, timedelta]) -> list[int]:
    values = {"route": route, "asked": step[0], "due": now - step[1], "since": now - FORGET, "now": now}
    return list(conn.scalars(_DUE, {**values, "limit": ATTEMPTS}))
