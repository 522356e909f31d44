"""Attempts: one provider call for members that never change, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    RowMapping,
    SmallInteger,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    select,
    true,
    update,
)

from pushsvc.store.arrays import array, derived
from pushsvc.store.states import ACCEPTED, DELIVERY, sources_of
from pushsvc.store.tables import attempt, delivery, slice_

ENDED = "ended"  # the code of an unknown delivery that nobody repeats any more


class Result(NamedTuple):
    """What one delivery became: its new state, the provider's code and id; untried, the attempt does not count."""

    delivery_id: int
    state: str
    code: str = ""
    provider_id: str = ""
    tried: bool = True


def settle(conn: Connection, results: Sequence[Result], now: datetime) -> int:
    """Write what a query or receipt said; the table of states decides whether it may. Returns how many changed.

    What is doubtful is not rejected by one answer: an earlier attempt may have arrived. It stays unknown, in a slice
    that is marked already, and its code says that nobody repeats it. `doubt` takes the doubt back, on proof.
    """
    changed = 0
    for state in sorted({result.state for result in results}, key=list(DELIVERY).index):
        some = [result for result in results if result.state == state]
        changed += len(_apply(conn, some, now, delivery.c.state.in_(sources_of(state))))
    return changed


def _apply(conn: Connection, results: Sequence[Result], now: datetime, *where: Any) -> list[int]:
    if not results:
        return []
    _lock(conn, [r.delivery_id for r in results])
    v = derived(
        id=([r.delivery_id for r in results], BigInteger),
        state=([r.state for r in results], Text),
        code=([r.code for r in results], Text),
        provider_id=([r.provider_id for r in results], Text),
        untried=([int(not r.tried) for r in results], SmallInteger),
    )
    took = case(
        (v.c.state.in_(ACCEPTED), func.coalesce(delivery.c.accepted_at, now)),
        else_=delivery.c.accepted_at,
    )
    unsure = and_(v.c.state == "rejected", delivery.c.doubtful)
    change = (
        update(delivery)
        .where(delivery.c.id == v.c.id, *where)
        .values(
            state=case((unsure, "unknown"), else_=v.c.state),
            code=case((unsure, ENDED), else_=func.nullif(v.c.code, "")),
            provider_id=func.coalesce(func.nullif(v.c.provider_id, ""), delivery.c.provider_id),
            accepted_at=took,
            attempts=delivery.c.attempts - v.c.untried,
            slice_id=case((v.c.state == "planned", None), else_=delivery.c.slice_id),
            updated_at=now,
        )
    )
    return list(conn.scalars(change.returning(delivery.c.id)))


def _lock(conn: Connection, ids: Sequence[int]) -> None:
    """Lock deliveries in the one order that all keep to, so that two who change the same never wait crosswise."""
    mine = select(delivery.c.id).where(delivery.c.id == func.any(array(ids, BigInteger)))
    conn.execute(mine.order_by(delivery.c.id).with_for_update()).all()


def place(conn: Connection, ids: Sequence[int], slice_id: int) -> None:
    """Move planned deliveries without a slice into a new one (a retry never joins an old slice)."""
    mine = delivery.c.id == func.any(array(ids, BigInteger))
    conn.execute(update(delivery).where(mine, delivery.c.state == "planned").values(slice_id=slice_id))


def doubt(conn: Connection, ids: Sequence[int], *, doubtful: bool = True) -> None:
    """These deliveries are put back on a guess: an earlier attempt may have arrived. Or there is no doubt any more."""
    mine = delivery.c.id == func.any(array(ids, BigInteger)), delivery.c.doubtful != doubtful
    if ids:
        conn.execute(update(delivery).where(*mine).values(doubtful=doubtful))


def mark_doubtful(conn: Connection, ids: Sequence[int]) -> None:
    """Mark the slices of those of these deliveries that may have arrived: a rejection leaves them unknown. Before their
    members are locked."""
    if ids:
        mine = select(delivery.c.slice_id).where(delivery.c.id == func.any(array(ids, BigInteger)), delivery.c.doubtful)
        conn.execute(update(slice_).where(slice_.c.id.in_(mine)).values(unsettled=True))


def arrived(conn: Connection, ids: Sequence[int], now: datetime) -> int:
    """It is proven that an earlier attempt of these doubtful deliveries arrived: those planned for another are
    delivered. Returns how many."""
    if not ids:
        return 0
    _lock(conn, ids)
    mine = delivery.c.id == func.any(array(ids, BigInteger)), delivery.c.state == "planned", delivery.c.doubtful
    known = update(delivery).where(*mine).values(state="unknown", updated_at=now).returning(delivery.c.id)
    hit = list(conn.scalars(known))
    return settle(conn, [Result(number, "delivered") for number in hit], now)


def lose_sight(conn: Connection, slice_ids: Sequence[int], now: datetime) -> int:
    """Members of lapsed slices that were being sent: their outcome is unknown."""
    mine = and_(delivery.c.slice_id.in_(slice_ids), delivery.c.state == "sending")
    _lock(conn, list(conn.scalars(select(delivery.c.id).where(mine))))
    lost = update(delivery).where(mine).values(state="unknown", code="lease_lapsed", updated_at=now)
    hit = list(conn.scalars(lost.returning(delivery.c.slice_id)))
    mark_unsettled(conn, hit)
    return len(hit)


def mark_unsettled(conn: Connection, slice_ids: Sequence[int]) -> None:
    """Members of these slices may be unknown: `unsettled` looks there, and nowhere else."""
    if slice_ids:
        # Those marked already too: who clears the mark at this moment must not win.
        conn.execute(update(slice_).where(slice_.c.id.in_(sorted(set(slice_ids)))).values(unsettled=True))


def clear_settled(conn: Connection) -> None:
    """Slices whose members are all known need no more looking at."""
    unknown = exists().where(delivery.c.slice_id == slice_.c.id, delivery.c.state == "unknown")
    done = select(slice_.c.id).where(slice_.c.unsettled, slice_.c.state == "done", ~unknown)
    ids = done.limit(500).with_for_update(skip_locked=True).scalar_subquery()
    conn.execute(update(slice_).where(slice_.c.id.in_(ids)).values(unsettled=False))


def unsettled(
    conn: Connection,
    asked: tuple[str, str],
    *,
    now: datetime,
    limit: int,
    max_attempts: int | None = None,
    ended: bool = False,
) -> list[RowMapping]:
    """Unknown deliveries of a (channel, route) whose last attempt expired, so that it is not under way any more, and
    that were tried less often than `max_attempts`. Those looked at longest ago first, locked.

    `ended`: those that nobody will repeat (code `ended`), and only those."""
    channel, route = asked
    query = (
        select(delivery, attempt.c.expires_at.label("attempt_expires_at"), attempt.c.route, slice_.c.lane)
        .join(slice_, slice_.c.id == delivery.c.slice_id)
        .join(attempt, attempt.c.id == delivery.c.attempt_id)
        .where(slice_.c.unsettled, slice_.c.channel == channel, delivery.c.state == "unknown")
        .where(delivery.c.code == ENDED if ended else delivery.c.code.is_distinct_from(ENDED))
        .where(func.coalesce(func.nullif(attempt.c.route, ""), channel) == route)
        .where(attempt.c.expires_at < now, true() if max_attempts is None else delivery.c.attempts < max_attempts)
        .order_by(delivery.c.updated_at, delivery.c.id)
        .limit(limit)
        .with_for_update(of=delivery, skip_locked=True)
    )
    return list(conn.execute(query).mappings())


def still_unknown(conn: Connection, rows: Sequence[RowMapping], now: datetime) -> list[RowMapping]:
    """Of the rows that `unsettled` gave, those nobody else settled or sent meanwhile, locked and marked as looked at:
    what stays unknown goes to the end of the line."""
    _lock(conn, [row["id"] for row in rows])
    ids = array([row["id"] for row in rows], BigInteger)
    looked = update(delivery).where(delivery.c.id == func.any(ids), delivery.c.state == "unknown")
    query = looked.values(updated_at=now).returning(delivery.c.id, delivery.c.attempt_id)
    same = {(int(i), int(a)) for i, a in conn.execute(query)}
    return [row for row in rows if (row["id"], row["attempt_id"]) in same]


def homeless(conn: Connection, *, limit: int) -> list[RowMapping]:
    """Planned deliveries outside any slice: a step was cut short between two writes."""
    query = (
        select(delivery.c.id, delivery.c.run_id, delivery.c.channel, literal("normal").label("lane"), delivery.c.step)
        .where(delivery.c.slice_id.is_(None), delivery.c.state == "planned")
        .order_by(delivery.c.run_id, delivery.c.channel, delivery.c.id)
        .limit(limit)
        .with_for_update(of=delivery, skip_locked=True)
    )
    return list(conn.execute(query).mappings())


def addresses_of(conn: Connection, ids: Sequence[int]) -> list[int]:
    """The addresses that these deliveries went to."""
    if not ids:
        return []
    return list(conn.scalars(select(delivery.c.address_id).where(delivery.c.id == func.any(array(ids, BigInteger)))))


def by_wire_keys(conn: Connection, keys: Sequence[str]) -> dict[str, RowMapping]:
    """Deliveries by the only name a vendor knows them by, locked: nobody has one sent again meanwhile."""
    query = select(delivery.c.id, delivery.c.wire_key, delivery.c.state, delivery.c.address_id, delivery.c.run_id)
    query = query.add_columns(delivery.c.doubtful, delivery.c.channel).where(
        delivery.c.wire_key == func.any(array(keys, Text))
    )
    rows = conn.execute(query.order_by(delivery.c.id).with_for_update()).mappings()
    return {row["wire_key"]: row for row in rows}
