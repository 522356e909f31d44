"""Plan: each selection becomes a delivery in a slice or a named refusal; chunk and watermark commit together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, RowMapping

from profiles.escalation import second
from profiles.gates import DOORS, GateResult
from profiles.preference import CADENCES
from pushsvc.context import Context
from pushsvc.pipeline import gating
from pushsvc.pipeline.days import day_of
from pushsvc.pipeline.digest import digest_ahead, gather
from pushsvc.pipeline.pages import Ahead, Asked, Page, read_ahead, take_page
from pushsvc.pipeline.slicing import Home, due_moments, outgoing, write_due, write_refusals, write_slices
from pushsvc.store import campaigns, history
from pushsvc.store.contacts import Contacts
from pushsvc.store.locks import lock_planning
from pushsvc.store.session import transaction

CHUNK = 50_000  # less, and a large city pays for pages that it reads for one row each; more, and an urgent plan waits
IMMEDIATE = CADENCES.index("immediate")
_HOUR = 3_600_000_000  # microseconds
Progress = Callable[[int], object]


@dataclass(frozen=True)
class Task:
    """What is being planned: the campaign's row, its run, and the moment."""

    campaign: RowMapping
    run_id: int
    now: datetime

    @property
    def terms(self) -> gating.Terms:
        """What the campaign brings to the gates."""
        return gating.terms_of(self.campaign)

    @property
    def home(self) -> Home:
        """Where its deliveries go."""
        at_once = bool(self.campaign["emergency"])
        return Home(self.run_id, self.campaign["policy_id"], self.campaign["lane"], self.now, passes=at_once)


@dataclass
class Used:
    """The people and addresses that a run writes to, as far as `upto`, the campaign's watermark, says; and the page
    behind it."""

    upto: int = -1
    recipients: gating.Numbers = field(default_factory=gating.Numbers)
    addresses: gating.Numbers = field(default_factory=gating.Numbers)
    ahead: Ahead | None = None


def plan(ctx: Context, campaign_id: int, *, chunk: int = CHUNK, progress: Progress = lambda n: None) -> int:
    """Plan a running campaign to its end; returns how many selections that took. Run again, it does nothing more."""
    total, used = 0, Used()
    while n := plan_chunk(ctx, campaign_id, chunk, used):
        total += n
        progress(n)
    return total


def plan_chunk(ctx: Context, campaign_id: int, chunk: int, used: Used) -> int:
    """Plan the next selections; returns how many, 0 at the end. `used` is carried from one chunk to the next."""
    with transaction(ctx.engine) as conn:
        lock_planning(conn)  # two plans at once would both miss what the other decides about one person
        row = campaigns.get_campaign(conn, campaign_id, lock=True)
        if row is None or row["state"] != "running" or row["selected_at"] is None or row["planned_at"] is not None:
            return 0
        now = ctx.clock()
        run_id = campaigns.ensure_run(
            conn, key=f"campaign:{campaign_id}", kind="campaign", now=now, campaign_id=campaign_id
        )
        today = day_of(now)
        asked = Asked(campaign_id, row["planned_rank"], chunk, row["policy_topic"], today)
        ahead, used.ahead = used.ahead, None  # whatever becomes of it, it is not asked again
        page = take_page(conn, asked, ahead, now)
        chosen = page.chosen
        if not len(chosen):
            campaigns.edit_campaign(conn, campaign_id, {"planned_at": now})
            return 0
        if len(chosen) == chunk:
            used.ahead = read_ahead(ctx, replace(asked, after=chosen.last), now)
        carry(conn, used, run_id, row["planned_rank"])
        recipients, addresses = plan_page(conn, ctx, Task(row, run_id, now), page, used)
        campaigns.edit_campaign(conn, campaign_id, {"planned_rank": chosen.last})
    used.recipients.add(recipients)  # now that it stands: a chunk that failed has used nobody
    used.addresses.add(addresses)
    used.upto = chosen.last
    return len(chosen)


def carry(conn: Connection, used: Used, run_id: int, upto: int) -> None:
    """What the chunks before this one, up to `upto`, used; read again where somebody else planned them."""
    if used.upto == upto:
        return
    recipients, addresses = history.used_by(conn, run_id)
    used.recipients.add(recipients)
    used.addresses.add(addresses)


def plan_page(conn: Connection, ctx: Context, task: Task, page: Page, used: Used) -> tuple[gating.Ids, gating.Ids]:
    """A delivery, an item of a digest or a refusal for each contact of the page; returns the people, and the addresses,
    that are written to."""
    chosen, contacts = page.chosen, page.contacts
    place = chosen.rows_of(contacts.profile_id)
    door = chosen.door[place]
    cadence = _cadence(task, contacts, door, chosen.cadence[place])
    leaving = _leaving(conn, ctx, task, (door, cadence))
    before = gating.past(conn, contacts, door, task.terms, run_id=task.run_id, leaving=leaving)
    taken = used.addresses.has(contacts.address) | used.recipients.has(contacts.recipient_id)[:, None]
    result = gating.decide(contacts, door, replace(before, taken=taken), task.terms)
    write_refusals(conn, contacts, door, result, task.home)
    rows = np.flatnonzero(result.channel >= 0)
    now = cadence[rows] == IMMEDIATE
    write_slices(conn, ctx, task.home, outgoing(contacts, door, result.channel, rows[now]))
    _write_second(conn, ctx, task, (contacts, door, result), rows[now])
    late = rows[~now]
    gathered = outgoing(contacts, door, result.channel, late)
    stayed = gather(conn, ctx, task.home, task.campaign["id"], gathered, cadence[late])
    told = np.concatenate([rows[now], late[stayed]])
    return contacts.recipient_id[told], contacts.address[told, result.channel[told]]


def _leaving(conn: Connection, ctx: Context, task: Task, given: tuple[gating.Codes, gating.Codes]) -> gating.Leaving:
    """When each row (`given`: doors and cadences) would leave; a digest is looked up if a recommendation may join."""
    door, cadence = given
    when = [(task.now, 0)] * len(CADENCES)
    for code in np.unique(cadence[(door == gating.RECOMMENDED) & (cadence != IMMEDIATE)]).tolist():
        when[code] = digest_ahead(conn, ctx, CADENCES[code], task.now)
    return gating.Leaving(cadence, when)


def _write_second(
    conn: Connection, ctx: Context, task: Task, decided: tuple[Contacts, gating.Codes, GateResult], rows: gating.Ids
) -> None:
    """What follows where the first message is not opened in time. Who shares its address is settled when it is due."""
    contacts, door, result = decided
    rows = rows[contacts.profile_id[rows] == contacts.recipient_id[rows]]  # a firm's members are not asked twice
    order = gating.channel_order(contacts)[rows]
    then = second(result.channel[rows], contacts.escalate[rows], order, result.open_[rows])
    rows, then = rows[then >= 0], then[then >= 0]
    if not len(rows):
        return
    hours = contacts.escalate_hours[rows].astype(np.int64)
    if task.campaign["escalate_after"] is not None:
        hours[:] = task.campaign["escalate_after"]
    first = outgoing(contacts, door, result.channel, rows)
    due = (due_moments(task.home, first) + hours * _HOUR) // _HOUR * _HOUR + _HOUR  # those of an hour share slices
    following = replace(first, channel=then, address_id=contacts.address[rows, then])
    write_due(conn, ctx, replace(task.home, step=1), following, due, state="waiting")


def _cadence(task: Task, contacts: Contacts, door: gating.Codes, wished: gating.Codes) -> gating.Codes:
    """int8[n]: what obliges us or is urgent goes at once, a subscription as it asks, the rest as the person prefers."""
    if task.campaign["lane"] == "urgent" or task.campaign["emergency"]:
        return np.full(len(contacts), IMMEDIATE, dtype=np.int8)
    entitled, subscribed = door == DOORS.index("entitled"), door == DOORS.index("subscribed")
    return np.select([entitled, subscribed], [np.int8(IMMEDIATE), wished], contacts.cadence).astype(np.int8)
