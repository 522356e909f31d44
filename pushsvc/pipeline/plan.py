"""Plan: each selection becomes a delivery in a slice or a named refusal; chunk and watermark commit together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, RowMapping

from profiles.gates import GateResult
from profiles.preference import CADENCES
from pushsvc.context import Context
from pushsvc.pipeline import gating
from pushsvc.pipeline.digest import gather
from pushsvc.pipeline.slicing import Home, Planned, planned_row, refusal_rows, write_slices
from pushsvc.store import campaigns, deliveries, history
from pushsvc.store.contacts import Contacts, load_contacts
from pushsvc.store.locks import lock_planning
from pushsvc.store.session import transaction
from pushsvc.store.subscriptions import cadences

CITY_ZONE = ZoneInfo("Asia/Shanghai")
CHUNK = 2000
Progress = Callable[[int], object]


@dataclass(frozen=True)
class Task:
    """What is being planned: the campaign's row, its run, and the moment."""

    campaign: RowMapping
    run_id: int
    now: datetime

    @property
    def mandatory(self) -> bool:
        """Whether the policy must be told; only a recorded duty makes it so."""
        return bool(self.campaign["policy_mandatory"] and self.campaign["basis"])

    @property
    def home(self) -> Home:
        """Where its deliveries go."""
        return Home(self.run_id, self.campaign["policy_id"], self.campaign["lane"], self.now)


def plan(ctx: Context, campaign_id: int, *, chunk: int = CHUNK, progress: Progress = lambda n: None) -> int:
    """Plan a running campaign to its end; returns how many selections that took. Run again, it does nothing more."""
    total = 0
    while n := _plan_next(ctx, campaign_id, chunk):
        total += n
        progress(n)
    return total


def _plan_next(ctx: Context, campaign_id: int, chunk: int) -> int:
    with transaction(ctx.engine) as conn:
        lock_planning(conn)  # two plans at once would both miss what the other decides about one person
        row = campaigns.get_campaign(conn, campaign_id, lock=True)
        if row is None or row["state"] != "running" or row["selected_at"] is None or row["planned_at"] is not None:
            return 0
        now = ctx.clock()
        run_id = campaigns.ensure_run(
            conn, key=f"campaign:{campaign_id}", kind="campaign", now=now, campaign_id=campaign_id
        )
        chosen = campaigns.next_selections(conn, campaign_id, after=row["planned_rank"], limit=chunk)
        if not chosen:
            campaigns.edit_campaign(conn, campaign_id, {"planned_at": now})
            return 0
        _plan_chunk(conn, ctx, Task(row, run_id, now), chosen)
        campaigns.edit_campaign(conn, campaign_id, {"planned_rank": chosen[-1]["rank"]})
        return len(chosen)


def _plan_chunk(conn: Connection, ctx: Context, task: Task, chosen: list[RowMapping]) -> None:
    door_of = {row["profile_id"]: row["door"] for row in chosen}
    ids = np.fromiter(door_of, dtype=np.int64, count=len(door_of))
    today = task.now.astimezone(CITY_ZONE).date()
    contacts = load_contacts(conn, ids, topic=task.campaign["policy_topic"], today=today)
    doors = [door_of[int(p)] for p in contacts.profile_id]
    result = _gate(conn, task, contacts, doors)
    deliveries.insert_refusals(conn, refusal_rows(contacts, doors, result, run_id=task.run_id, now=task.now))
    rows = np.flatnonzero(result.channel >= 0)
    planned = [planned_row(contacts, doors[i], int(result.channel[i]), int(i)) for i in rows]
    planned = _paced(planned, task, _wished(conn, chosen))
    write_slices(conn, ctx, task.home, [one for one in planned if one.cadence == "immediate"])
    gather(conn, ctx, task.home, task.campaign["id"], [one for one in planned if one.cadence != "immediate"])


def _gate(conn: Connection, task: Task, contacts: Contacts, doors: list[str]) -> GateResult:
    """Channel or refusal of each row; what the run's earlier chunks used is carried forward from the database."""
    people = np.unique(contacts.recipient_id).tolist()
    family, event = task.campaign["family"], task.campaign["event"]
    used_people, used_addresses = history.run_reservations(conn, task.run_id, people)
    before = gating.History(
        told=frozenset(history.told_recipients(conn, people, family=family, event=event, run_id=task.run_id)),
        week_count=history.recommended_since(conn, people, gating.cap_window(task.now)),
        recipients=frozenset(used_people),
        addresses=frozenset(used_addresses),
    )
    duty = bool(task.campaign["basis"])
    return gating.decide(contacts, doors, before, mandatory=task.mandatory, duty=duty)


def _paced(planned: Sequence[Planned], task: Task, wished: Mapping[int, str]) -> list[Planned]:
    """Each with its cadence: what obliges us or is urgent goes at once, a subscription as it asks, the rest as the
    person prefers for recommendations."""

    def cadence(one: Planned) -> str:
        if one.door == "entitled" or task.campaign["lane"] == "urgent":
            return "immediate"
        return wished.get(one.profile_id, "immediate") if one.door == "subscribed" else one.cadence

    return [replace(one, cadence=cadence(one)) for one in planned]


def _wished(conn: Connection, chosen: Sequence[RowMapping]) -> dict[int, str]:
    """Profile → the most frequent cadence among the subscriptions it was chosen for."""
    why = {
        row["profile_id"]: (row["why"] or {}).get("subscriptions", []) for row in chosen if row["door"] == "subscribed"
    }
    known = cadences(conn, [number for numbers in why.values() for number in numbers])
    found = {profile: {known[number] for number in numbers if number in known} for profile, numbers in why.items()}
    return {profile: min(some, key=CADENCES.index) for profile, some in found.items() if some}
