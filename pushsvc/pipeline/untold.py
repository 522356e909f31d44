"""Untold: whom a campaign refused as told, and nobody told after all, is planned again through the same gates.

A campaign is cancelled or expires, or its message to somebody is stopped or comes back: whoever was to be told by it
was refused by every other of the same event meanwhile. Each of these walks over its selections once more, by rank, a
chunk a round; a chunk's rows and the place it has come to commit together, as a plan's do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np

from profiles.windows import micros
from pushsvc.context import Context
from pushsvc.pipeline import gating
from pushsvc.pipeline.alone import alone
from pushsvc.pipeline.days import day_of
from pushsvc.pipeline.pages import Page
from pushsvc.pipeline.plan import CHUNK, Task, Used, carry, plan_page
from pushsvc.pipeline.reroute import contact_places
from pushsvc.pipeline.retry_these import OPEN
from pushsvc.pipeline.slicing import slice_starts
from pushsvc.store import again, campaigns, ending, history, slices, untold
from pushsvc.store.audit import record
from pushsvc.store.contacts import load_contacts
from pushsvc.store.locks import lock_planning
from pushsvc.store.selections import these_selections
from pushsvc.store.session import Connection, transaction

AGAIN = timedelta(hours=6)  # without any campaign's end: single messages are refused, rejected or bounce at any time
LATELY = timedelta(days=14)  # after its own end a campaign looks no more, unless another ends
Written = tuple[gating.Ids, gating.Ids]  # the people and the addresses that are written to


class Walks:
    """What this process remembers of the campaigns that are on their walk: when it began, and what their runs use."""

    def __init__(self) -> None:
        self._used: dict[int, tuple[datetime, Used]] = {}

    def used(self, campaign_id: int, began: datetime) -> Used:
        """Of this walk; empty where this process was not on it yet."""
        at, used = self._used.get(campaign_id, (began, Used()))
        used = used if at == began else Used()
        self._used[campaign_id] = began, used
        return used

    def forget(self, campaign_id: int) -> None:
        """The walk is over."""
        self._used.pop(campaign_id, None)


def take_up_untold(ctx: Context, *, chunk: int = CHUNK) -> int:
    """Take every campaign that has to look a chunk on; returns how many messages, or items of digests, that makes.

    Run again, or beside another sweep, it does nothing twice. The run made first goes first.
    """
    now = ctx.clock()
    with transaction(ctx.engine) as conn:
        ids = untold.due(conn, now, again=now - AGAIN, lately=now - LATELY)
    return sum(alone(f"taking up whom nobody told, campaign {one}", partial(_go_on, ctx, one, chunk), 0) for one in ids)


def _go_on(ctx: Context, campaign_id: int, chunk: int) -> int:
    """One chunk. What was stopped just before its attempt comes first, in a transaction of its own: workers lock
    deliveries first and their campaign after, a plan does not."""
    began = ctx.clock()
    with transaction(ctx.engine) as conn:
        row = campaigns.get_campaign(conn, campaign_id)
        if row is None or not _may(row, began):
            return 0
        run_id = ending.runs_of(conn, campaign_id)[0]
        given = untold.window(conn, campaign_id, run_id, after=row["untold_rank"] or 0, size=chunk)
        back = _put_back(conn, ctx, Task(row, run_id, began), given)
        if back:
            _go_again(conn, campaign_id, again.lock_state(conn, campaign_id), back, began)
    return back + _plan_again(ctx, given, began)


def _may(row: Mapping[Any, Any], now: datetime) -> bool:
    """Whether the campaign still tells people: planned to its end, it was neither cancelled nor has it expired."""
    on_time = row["expires_at"] is None or row["expires_at"] > now
    return row["state"] in OPEN and row["planned_at"] is not None and on_time


def _go_again(conn: Connection, campaign_id: int, state: str, n: int, now: datetime) -> None:
    """A finished campaign runs again (the campaign is locked); the log says for how many."""
    if state == "finished":
        campaigns.move_campaign(conn, campaign_id, "running", {"finished_at": None})
    about = f"campaign:{campaign_id}"
    record(conn, at=now, actor="system", action="campaign.untold", object=about, detail={"messages": n})


def _untold(conn: Connection, task: Task, people: gating.Ids) -> gating.Mask:
    """bool[n]: whom nobody else told, or is to tell."""
    terms = task.terms
    told = history.told_recipients(conn, people, family=terms.family, event=terms.event, run_id=task.run_id)
    return ~np.isin(people, told)


def _put_back(conn: Connection, ctx: Context, task: Task, given: untold.Window) -> int:
    """First copies are due now, and judged anew just before their attempt; second ones wait behind theirs again."""
    found = untold.stopped(conn, given)
    if not len(found):
        return 0
    rows = untold.still(conn, given.run_id, found.take(_untold(conn, task, found.recipient_id)))
    for step in np.unique(rows.step).tolist():
        some = rows.take(np.flatnonzero(rows.step == step))
        some = some.take(np.lexsort((some.id, some.channel)))
        channel, due = some.channel.astype(np.int8), np.full(len(some), micros(task.now), dtype=np.int64)
        cuts = slice_starts(channel, due, ctx.settings.slice_size)
        kept, state = ("waiting", "waiting") if step else ("ready", "planned")
        where = {"run_id": given.run_id, "lane": task.campaign["lane"], "step": step, "state": kept}
        made = slices.write_slices(conn, where, channel[cuts], due[cuts])
        places = np.repeat(made, np.diff(np.append(cuts, len(some))))
        untold.place(conn, some.id, places.tolist(), state=state, now=task.now)
    return len(rows)


def _plan_again(ctx: Context, given: untold.Window, began: datetime) -> int:
    """The chunk's refusals; where another sweep took the chunk meanwhile, nothing."""
    walks = ctx.kept.of(Walks)
    with transaction(ctx.engine) as conn:
        lock_planning(conn)
        row = campaigns.get_campaign(conn, given.campaign_id, lock=True)
        now = ctx.clock()
        if row is None or not _may(row, now) or (row["untold_rank"] or 0) != given.after:
            return 0
        begins = row["untold_rank"] is None
        used = walks.used(given.campaign_id, began if begins else row["untold_at"])
        written = _plan_free(conn, ctx, Task(row, given.run_id, now), given, used)
        if written is not None and len(written[0]):
            _go_again(conn, given.campaign_id, row["state"], len(written[0]), now)
        place = {"untold_rank": None if given.last else given.upto}
        campaigns.edit_campaign(conn, given.campaign_id, place | ({"untold_at": began} if begins else {}))
    if written is not None:
        used.recipients.add(written[0])
        used.addresses.add(written[1])
    if written is not None or used.upto == given.after:
        used.upto = given.upto
    if given.last:
        walks.forget(given.campaign_id)
    return 0 if written is None else len(written[0])


def _plan_free(conn: Connection, ctx: Context, task: Task, given: untold.Window, used: Used) -> Written | None:
    """Those of the chunk whom nobody told go through all gates; None where there is nobody.

    Whoever is no recipient of the profile any more stays refused.
    """
    profiles, people = untold.refused(conn, given)
    free = _untold(conn, task, people) if len(people) else np.zeros(0, dtype=np.bool_)
    if not free.any():
        return None
    chosen = these_selections(conn, given.campaign_id, np.unique(profiles[free]))
    topic = task.campaign["policy_topic"]
    contacts = load_contacts(conn, chosen.profile_id, topic=topic, today=day_of(task.now))
    places = contact_places(contacts, profiles[free], people[free])
    contacts = contacts.take(np.sort(places[places >= 0]))
    if not len(contacts):
        return None
    untold.forget(conn, given.run_id, contacts.profile_id, contacts.recipient_id)
    carry(conn, used, given.run_id, given.after)
    return plan_page(conn, ctx, task, Page(chosen, contacts), used)
