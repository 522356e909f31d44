"""Deliveries: written in slices by COPY, changed by set-based updates that keep to the table of states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Connection, Text, case, func, or_, select, text, update

from profiles.gates import CHANNELS, DOORS
from pushsvc.store.arrays import derived
from pushsvc.store.attempts import ENDED, mark_unsettled
from pushsvc.store.bulk import CLASHES, copy_columns, stage_columns
from pushsvc.store.states import UNSENT
from pushsvc.store.tables import campaign, delivery, delivery_item, refusal, run, slice_

if TYPE_CHECKING:
    import pyarrow as pa


def copy_deliveries(conn: Connection, same: Mapping[str, Any], columns: Mapping[str, NDArray[Any]]) -> None:
    """Append n deliveries: `same` holds what all share, `columns` what differs; `channel` and `door` are codes.

    `planned_at` is among the former, `wire_key` among the latter, as ASCII.
    """
    copy_columns(conn, "delivery", _arrow({**same, "updated_at": same["planned_at"]}, columns))


def copy_refusals(
    conn: Connection, run_id: int, at: datetime, columns: Mapping[str, NDArray[Any]], *, words: Sequence[str]
) -> None:
    """Store why n selections are not contacted; `code` indexes `words`, `channel` is -1 for none.

    One that is there already is left as it is.
    """
    if not len(columns["code"]):
        return
    told = _arrow({"run_id": run_id, "at": at}, columns, words)
    try:
        with conn.begin_nested():
            copy_columns(conn, "refusal", told)
            return
    except CLASHES:  # a person was refused by another way meanwhile: rare, and three times as slow to sort out
        pass
    stage_columns(conn, "incoming_refusal", _REFUSAL, told)
    names = ", ".join(_REFUSAL)
    conn.execute(text(f"insert into refusal ({names}) select {names} from incoming_refusal on conflict do nothing"))


_REFUSAL = {
    **dict.fromkeys(("run_id", "profile_id", "recipient_id"), "bigint"),
    **dict.fromkeys(("door", "code", "channel"), "text"),
    "at": "timestamptz",
}


def _arrow(
    same: Mapping[str, Any], columns: Mapping[str, NDArray[Any]], codes: Sequence[str] = ()
) -> dict[str, pa.Array]:
    """Columns for COPY: numbers as they are, codes as their words, what all share once for each row."""
    import pyarrow as pa

    levels = {"channel": CHANNELS, "door": DOORS, "code": codes}
    n = len(next(iter(columns.values())))
    made = {}
    for name, values in columns.items():
        if name in levels:
            numbers = pa.array(values.astype(np.int32), mask=values < 0)
            made[name] = pa.DictionaryArray.from_arrays(numbers, pa.array(levels[name])).cast(pa.string())
        elif values.dtype.kind == "S":
            raw = pa.py_buffer(np.ascontiguousarray(values))
            made[name] = (
                pa.Array.from_buffers(pa.binary(values.itemsize), n, [None, raw]).cast(pa.binary()).cast(pa.string())
            )
        else:
            made[name] = pa.array(values)
    for name, value in same.items():
        told = value.isoformat() if isinstance(value, datetime) else value
        made[name] = pa.repeat(pa.scalar(told), n) if told is not None else pa.nulls(n)
    return made


def end_unsent(conn: Connection, ids: Sequence[int], state: str, *, codes: Sequence[str], now: datetime) -> int:
    """Move deliveries that have not left to a state that ends them (refused, expired, cancelled, not_needed), each with
    its code; returns how many.

    What was put back on a guess may have arrived before: it stays unknown, listed under the code `ended`, and nobody
    repeats it any more.
    """
    if not ids:
        return 0
    values = derived(id=(ids, BigInteger), code=(codes, Text))
    ended = (
        update(delivery)
        .where(delivery.c.id == values.c.id, delivery.c.state.in_(UNSENT))
        .values(
            state=case((delivery.c.doubtful, "unknown"), else_=state),
            code=case((delivery.c.doubtful, ENDED), else_=values.c.code),
            updated_at=now,
        )
    )
    rows = conn.execute(ended.returning(delivery.c.slice_id, delivery.c.state)).all()
    mark_unsettled(conn, [row.slice_id for row in rows if row.state == "unknown" and row.slice_id is not None])
    return len(rows)


def end_where(
    conn: Connection, where: Sequence[Any], state: str, *, code: str, now: datetime, limit: int | None = None
) -> int:
    """`end_unsent` for those that meet the conditions, locked in the order in which senders lock them."""
    mine = select(delivery.c.id).where(delivery.c.state.in_(UNSENT), *where).order_by(delivery.c.id).limit(limit)
    ids = list(conn.scalars(mine.with_for_update()))
    return end_unsent(conn, ids, state, codes=[code] * len(ids), now=now)


def cancel_recommended(conn: Connection, recipient_id: int, *, now: datetime) -> int:
    """Refuse what is queued for a recipient by the recommended door (PIPL 24: the switch acts at once).

    Digests stay: the gates take their recommended items away just before they are sent.
    """
    mine = delivery.c.recipient_id == recipient_id, delivery.c.door == "recommended", delivery.c.policy_id.is_not(None)
    return end_where(conn, mine, "refused", code="personalised_off", now=now)


def is_open(conn: Connection, campaign_id: int, *, max_attempts: int, gathering: bool = True) -> bool:
    """Whether a delivery of the campaign, or a digest with an item of it, may still change by our own doing; an unknown
    one that was tried so often may not. Without `gathering`, digests of another day do not count."""
    pending = delivery.c.state.in_(("waiting", "planned", "sending"))
    known = delivery.c.code.is_distinct_from(ENDED)
    unknown = (delivery.c.state == "unknown") & (delivery.c.attempts < max_attempts) & known
    query = select(delivery.c.id).join(slice_, slice_.c.id == delivery.c.slice_id)
    query = query.join(run, run.c.id == slice_.c.run_id).where(run.c.campaign_id == campaign_id)
    still = or_(slice_.c.state != "done", slice_.c.unsettled)
    if conn.execute(query.where(still, pending | unknown).limit(1)).first() is not None:
        return True
    items = select(delivery.c.id).join(delivery_item, delivery_item.c.delivery_id == delivery.c.id)
    ahead = (delivery.c.state == "gathering") & gathering
    items = items.where(delivery_item.c.campaign_id == campaign_id, pending | unknown | ahead)
    return conn.execute(items.limit(1)).first() is not None


def by_channel_and_state(conn: Connection, campaign_id: int | None = None) -> list[tuple[str, str, str, int, int]]:
    """(channel, door, state, count, ever accepted), of one campaign or of everything."""
    accepted = func.count(delivery.c.accepted_at)
    query = select(delivery.c.channel, delivery.c.door, delivery.c.state, func.count(), accepted)
    if campaign_id is not None:
        query = query.join(run, run.c.id == delivery.c.run_id).outerjoin(campaign, campaign.c.id == run.c.campaign_id)
        query = query.where(or_(campaign.c.id == campaign_id))
    rows = conn.execute(query.group_by(delivery.c.channel, delivery.c.door, delivery.c.state))
    return [(c, d, s, int(n), int(a)) for c, d, s, n, a in rows]


def refusals_by_code(conn: Connection, campaign_id: int) -> list[tuple[str, str, int]]:
    """(door, code, count): refused when planned, or again just before the attempt."""
    planned = select(refusal.c.door, refusal.c.code).join(run, run.c.id == refusal.c.run_id)
    planned = planned.where(run.c.campaign_id == campaign_id)
    late = select(delivery.c.door, delivery.c.code).join(run, run.c.id == delivery.c.run_id)
    late = late.where(run.c.campaign_id == campaign_id, delivery.c.state == "refused")
    both = planned.union_all(late).subquery()
    rows = conn.execute(select(both.c.door, both.c.code, func.count()).group_by(both.c.door, both.c.code))
    return [(door, code, int(n)) for door, code, n in rows]
