"""Ending a campaign in pieces: slices, digest items, selections never planned. Each piece is a transaction of its own.

Locks are taken as senders take them: slices first, then deliveries by id, the campaign last.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Connection, func, select, text, update

from pushsvc.store.arrays import array
from pushsvc.store.deliveries import end_where
from pushsvc.store.digests import gated_items, refuse_items
from pushsvc.store.tables import campaign, delivery, delivery_item, run, selection, slice_

ENDS = ("cancelled", "expired")
ADRIFT = 4000  # deliveries outside any slice that one piece ends

# A leased slice is its worker's to finish: only what it has not begun to send is ended.
_OPEN = text("""
    select id, state from slice s
    where run_id = any(:runs) and state <> 'done'
      and (state <> 'leased' or exists (
          select from delivery d where d.slice_id = s.id and d.state in ('planned', 'waiting')))
    order by id limit :limit for update
""")
_REFUSED = text("""
    insert into refusal (run_id, profile_id, recipient_id, door, code, at)
    select :run, profile_id, 0, door, :code, :now from selection
    where campaign_id = :campaign and rank > :after and rank <= :upto
    on conflict do nothing
""")


def runs_of(conn: Connection, campaign_id: int) -> list[int]:
    """The campaign's run, as a list: none before it was planned."""
    return list(conn.scalars(select(run.c.id).where(run.c.campaign_id == campaign_id)))


def ended_runs(conn: Connection) -> list[tuple[int, str]]:
    """(run, cancelled or expired) of ended campaigns to which something came back that is still to be sent."""
    query = (
        select(run.c.id, campaign.c.state)
        .distinct()
        .join(slice_, slice_.c.run_id == run.c.id)
        .join(campaign, campaign.c.id == run.c.campaign_id)
        .where(slice_.c.state != "done", slice_.c.state.in_(("ready", "waiting")), campaign.c.state.in_(ENDS))
    )
    return sorted((int(number), state) for number, state in conn.execute(query))


def half_ended(conn: Connection) -> list[tuple[int, str]]:
    """(campaign, state) of campaigns that were ended, but not to the last message: somebody died on the way."""
    query = select(campaign.c.id, campaign.c.state).where(campaign.c.state.in_(ENDS))
    unplanned = campaign.c.selected_at.is_not(None) & campaign.c.planned_at.is_(None)
    return [(int(i), state) for i, state in conn.execute(query.where(campaign.c.finished_at.is_(None) | unplanned))]


def end_slices(
    conn: Connection, run_ids: Sequence[int], state: str, *, now: datetime, limit: int = 8
) -> tuple[int, int]:
    """End what has not left of these runs, in at most `limit` slices; `state` (cancelled or expired) is the code too.

    Returns (pieces found, deliveries ended); (0, 0): nothing is left. Ready and waiting slices become done.
    """
    runs = list(run_ids)
    found = conn.execute(_OPEN, {"runs": runs, "limit": limit}).all()
    if not found:
        adrift = delivery.c.run_id.in_(runs), delivery.c.slice_id.is_(None)
        ended = end_where(conn, adrift, state, code=state, now=now, limit=ADRIFT)
        return ended, ended
    ids = array([row.id for row in found], BigInteger)
    ended = end_where(conn, (delivery.c.slice_id == func.any(ids),), state, code=state, now=now)
    rest = [row.id for row in found if row.state != "leased"]
    conn.execute(update(slice_).where(slice_.c.id.in_(rest)).values(state="done"))
    return len(found), ended


def drop_items(conn: Connection, campaign_id: int, code: str, *, now: datetime, limit: int = 500) -> int:
    """Take what a campaign put into digests out of at most `limit` that have not left; each becomes a refusal.

    Those that may have arrived keep it; the gates stop their repeat.
    """
    mine = select(delivery_item.c.delivery_id).where(delivery_item.c.campaign_id == campaign_id)
    unsent = delivery.c.state.in_(("gathering", "planned")), ~delivery.c.doubtful
    heads = select(delivery.c.id).where(*unsent, delivery.c.id.in_(mine))
    ids = list(conn.scalars(heads.order_by(delivery.c.id).limit(limit).with_for_update()))
    rows = [row for row in gated_items(conn, ids) if row["campaign_id"] == campaign_id] if ids else []
    refuse_items(conn, [(row, code) for row in rows], now)
    return len(rows)


def refuse_unplanned(
    conn: Connection, campaign_id: int, run_id: int, code: str, *, now: datetime, limit: int = 5000
) -> int:
    """Refuse the next selections that were never planned and move the watermark; 0: all have their fate."""
    row = conn.execute(select(campaign).where(campaign.c.id == campaign_id).with_for_update()).mappings().one()
    if row["state"] not in ENDS or row["selected_at"] is None or row["planned_at"] is not None:
        return 0
    after = int(row["planned_rank"])
    last = conn.scalar(select(func.max(selection.c.rank)).where(selection.c.campaign_id == campaign_id)) or 0
    upto = min(after + limit, last)
    values = {"run": run_id, "campaign": campaign_id, "code": code, "now": now, "after": after, "upto": upto}
    conn.execute(_REFUSED, values)
    done = {"planned_rank": upto} if upto > after else {"planned_at": now}
    conn.execute(update(campaign).where(campaign.c.id == campaign_id).values(done))
    return max(upto - after, 0)


def mark_ended(conn: Connection, campaign_id: int, now: datetime) -> None:
    """Nothing is left to end."""
    mine = update(campaign).where(campaign.c.id == campaign_id, campaign.c.finished_at.is_(None))
    conn.execute(mine.values(finished_at=now, version=campaign.c.version + 1))


def mark_late(conn: Connection, run_id: int, now: datetime) -> None:
    """What came back to the run of an ended campaign has ended as well."""
    mine = campaign.c.id == select(run.c.campaign_id).where(run.c.id == run_id).scalar_subquery()
    conn.execute(update(campaign).where(mine, campaign.c.finished_at.is_not(None)).values(finished_at=now))
