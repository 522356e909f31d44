"""Digests: one message a person for several policies, by cadence (daily, weekly) or as the answer to a life event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from pushsvc.context import Context
from pushsvc.pipeline import gating
from pushsvc.pipeline.slicing import Home, Planned, planned_row, refusal_rows, write_slices
from pushsvc.pipeline.varied import thin_digests
from pushsvc.store import campaigns, deliveries, digests, history
from pushsvc.store.contacts import load_contacts
from pushsvc.store.locks import lock_planning
from pushsvc.store.policies import policies_by_id
from pushsvc.store.session import transaction

CITY_ZONE = ZoneInfo("Asia/Shanghai")
DIGEST_HOUR = time(8, 30)  # a working morning; each person's quiet hours are kept just before the attempt
MONDAY = 0


def gather(conn: Connection, ctx: Context, home: Home, campaign_id: int, planned: Sequence[Planned]) -> None:
    """Put a campaign's policy into the digests of those who asked for one; the same policy twice is one item."""
    groups: dict[str, list[Planned]] = defaultdict(list)
    for one in planned:
        groups[one.cadence].append(one)
    for cadence, members in groups.items():
        due = home.now
        while members:  # whose digest of that day has left already, waits for the next
            due = next_digest(due, cadence)
            members = _gather_until(conn, ctx, home, (campaign_id, cadence, due), members)


def _gather_until(
    conn: Connection, ctx: Context, home: Home, which: tuple[int, str, datetime], members: Sequence[Planned]
) -> list[Planned]:
    """Add to one digest run; `which` is (campaign, cadence, due moment). Returns the members who came too late."""
    campaign_id, cadence, due = which
    day = due.astimezone(CITY_ZONE).date().isoformat()
    run_id = campaigns.ensure_run(conn, key=f"digest:{cadence}:{day}", kind="digest", now=home.now, due_at=due)
    heads = digests.ensure_heads(conn, run_id, [_head(ctx, run_id, one) for one in members], home.now)
    there = [(heads[one.recipient_id], one) for one in members if one.recipient_id in heads]
    items = [(head, one.profile_id, one.door) for head, one in there]
    new = digests.add_items(conn, items, policy_id=home.policy_id, campaign_id=campaign_id)
    held = [_told(home, one) for head, one in there if head not in new]
    deliveries.insert_refusals(conn, held)
    return [one for one in members if one.recipient_id not in heads]


def next_digest(now: datetime, cadence: str) -> datetime:
    """The first digest moment after `now`: each day, or each Monday, at DIGEST_HOUR in the city's zone."""
    local = now.astimezone(CITY_ZONE)
    day = local.date()
    while True:
        due = datetime.combine(day, DIGEST_HOUR, CITY_ZONE)
        if due > local and (cadence == "daily" or day.weekday() == MONDAY):
            return due.astimezone(now.tzinfo)
        day += timedelta(days=1)


def release_digests(ctx: Context) -> int:
    """Turn the gathered messages of digests whose moment has come into planned ones; returns how many.

    Until then nobody knows what a list holds: only now second faces and floods of one agency leave it.
    """
    with transaction(ctx.engine) as conn:
        heads = digests.due(conn, ctx.clock())
        thin_digests(conn, ctx, [head.id for head in heads])
        return digests.release(conn, heads, ctx.clock(), slice_size=ctx.settings.slice_size)


def plan_digest(ctx: Context, *, key: str, kind: str, profile_id: int, policy_ids: Sequence[int], door: str) -> int:
    """One message to each recipient of a profile about these policies (a life event's answer); same gates, once a key.

    Nobody is told again of what they were told. Returns the number of deliveries planned.
    """
    with transaction(ctx.engine) as conn:
        lock_planning(conn)
        now = ctx.clock()
        home = Home(campaigns.ensure_run(conn, key=key, kind=kind, now=now), None, "normal", now)
        today = now.astimezone(CITY_ZONE).date()
        contacts = load_contacts(conn, np.array([profile_id], dtype=np.int64), topic="", today=today)
        people = contacts.recipient_id.tolist()
        if not policy_ids or history.run_reservations(conn, home.run_id, people)[0].intersection(people):
            return 0
        fresh = _untold(conn, home.run_id, people, policy_ids)
        told = frozenset(person for person in people if not fresh[person])
        counts = history.recommended_since(conn, people, gating.cap_window(now))
        doors = [door] * len(contacts)
        result = gating.decide(contacts, doors, gating.History(told, counts), mandatory=False, duty=False)
        deliveries.insert_refusals(conn, refusal_rows(contacts, doors, result, run_id=home.run_id, now=now))
        planned = [
            planned_row(contacts, door, int(result.channel[i]), int(i)) for i in np.flatnonzero(result.channel >= 0)
        ]
        write_slices(conn, ctx, home, planned)
        digests.set_items(conn, home.run_id, fresh)
        return len(planned)


def _untold(conn: Connection, run_id: int, people: Sequence[int], policy_ids: Sequence[int]) -> dict[int, list[int]]:
    """Recipient → those of the policies, in their order, that other runs did not tell them of."""
    fresh: dict[int, list[int]] = {person: [] for person in people}
    for policy in sorted(policies_by_id(conn, policy_ids), key=lambda one: policy_ids.index(one.id)):
        told = history.told_recipients(conn, people, family=policy.family, event=policy.event, run_id=run_id)
        for person in fresh.keys() - told:
            fresh[person].append(policy.id)
    return fresh


def _head(ctx: Context, run_id: int, one: Planned) -> dict[str, object]:
    who = {"profile_id": one.profile_id, "recipient_id": one.recipient_id, "address_id": one.address_id}
    key = ctx.keyring.wire_key(run_id, one.recipient_id, one.channel, 0)
    return {**who, "channel": one.channel, "door": one.door, "wire_key": key}


def _told(home: Home, one: Planned) -> dict[str, object]:
    """The refusal of an item whose policy the person's digest holds already."""
    who = {"run_id": home.run_id, "profile_id": one.profile_id, "recipient_id": one.recipient_id}
    return {**who, "door": one.door, "code": "told", "channel": None, "at": home.now}
