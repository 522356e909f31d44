"""First copies and what waits behind them, written straight into the tables, as a plan leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from pushsvc.context import Context
from pushsvc.store import tables
from pushsvc.store.campaigns import ensure_run
from pushsvc.store.session import transaction
from tests.making import Sent, send_to

HOURS = 24


def waiting(ctx: Context, n: int = 1, *, hours: int = HOURS, accepted: datetime | None = None, **campaign: Any) -> Sent:
    """A planned campaign: n people told by the app now, each with an SMS that waits behind it."""
    sent = send_to(ctx, n, channels=("app", "sms"), **{"planned_at": ctx.clock(), **campaign})
    at = accepted or ctx.clock()
    with transaction(ctx.engine) as conn:
        run_id = ensure_run(
            conn, key=f"campaign:{sent.campaign_id}", kind="campaign", now=ctx.clock(), campaign_id=sent.campaign_id
        )
        for person in sent.people:
            conn.execute(insert(tables.preference).values(profile_id=person, updated_at=at, **prefers(hours)))
        due = ctx.clock() + timedelta(hours=hours)
        write(conn, ctx, sent, ("app", "done", ctx.clock(), 0), run_id, {"state": "accepted", "accepted_at": at})
        write(conn, ctx, sent, ("sms", "waiting", due, 1), run_id, {"state": "waiting"})
    return sent


def prefers(hours: int) -> dict[str, Any]:
    """The wish to be told by SMS of what was not opened."""
    return {"escalate": ["sms"], "escalate_hours": hours}


def write(
    conn: Connection,
    ctx: Context,
    sent: Sent,
    kept: tuple[str, str, datetime, int],
    run_id: int,
    values: dict[str, Any],
) -> None:
    """One slice of a (channel, slice state, due moment, step) with a delivery for each person, and the letters."""
    channel, state, due, step = kept
    new = {"run_id": run_id, "channel": channel, "lane": "normal", "step": step, "state": state, "due_at": due}
    slice_id = conn.execute(insert(tables.slice_).values(new).returning(tables.slice_.c.id)).scalar_one()
    same = {"run_id": run_id, "policy_id": sent.policy_id, "channel": channel, "step": step, "door": "subscribed"}
    same |= {"slice_id": slice_id, "planned_at": ctx.clock(), "updated_at": ctx.clock(), **values}
    for person in sent.people:
        key = ctx.keyring.wire_key(run_id, person, channel, step)
        who = {"profile_id": person, "recipient_id": person, "address_id": address(conn, person, channel)}
        conn.execute(insert(tables.delivery).values(**who, wire_key=key, **same))
        if channel == "app":
            letter = {"title": "补贴", "body": "给予补贴。", "at": ctx.clock(), "policy_id": sent.policy_id}
            conn.execute(insert(tables.inbox).values(wire_key=key, recipient_id=person, profile_id=person, **letter))


def address(conn: Connection, person: int, channel: str) -> int:
    """A person's address on a channel."""
    mine = tables.profile_address.c.profile_id == person
    query = select(tables.address.c.id).join(tables.profile_address).where(mine, tables.address.c.channel == channel)
    return int(conn.execute(query).scalar_one())


def second_steps(ctx: Context) -> list[tuple[str, str | None]]:
    """(state, code) of every second step, by person."""
    with transaction(ctx.engine) as conn:
        query = "select state, code from delivery where step = 1 order by recipient_id"
        return [(state, code) for state, code in conn.execute(text(query))]


def slices(ctx: Context) -> list[tuple[str, int, datetime]]:
    """(state, members, due moment) of the slices of second steps, in the order in which they were made."""
    query = """select s.state, count(d.id), s.due_at from slice s left join delivery d on d.slice_id = s.id
               where s.step = 1 group by s.id order by s.id"""
    with transaction(ctx.engine) as conn:
        return [(state, int(n), due) for state, n, due in conn.execute(text(query))]


def first_copies(ctx: Context, people: Sequence[int], **values: Any) -> None:
    """Set columns of these people's first copies."""
    mine = tables.delivery.c.step == 0, tables.delivery.c.recipient_id.in_(people)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.delivery).where(*mine).values(**values))
