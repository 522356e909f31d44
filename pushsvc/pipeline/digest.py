"""Digests: one message a person for several policies, by cadence (daily, weekly) or as the answer to a life event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, RowMapping

from profiles.gates import CHANNELS, CODES, DOORS
from profiles.preference import CADENCES
from profiles.windows import micros
from pushsvc.context import Context
from pushsvc.pipeline import gating
from pushsvc.pipeline.digest_days import CITY_ZONE, next_digest
from pushsvc.pipeline.slicing import Home, Outgoing, outgoing, slice_starts, write_refusals, write_slices
from pushsvc.pipeline.varied import thin_digests
from pushsvc.store import campaigns, deliveries, digest_release, digests, history, slices
from pushsvc.store.contacts import Contacts, load_contacts
from pushsvc.store.locks import lock_planning, try_digests
from pushsvc.store.policies import policies_by_id
from pushsvc.store.session import transaction

Ids = NDArray[np.int64]
PIECE = 5_000  # messages released in one transaction
TOLD = CODES.index("told")


def gather(
    conn: Connection, ctx: Context, home: Home, campaign_id: int, given: Outgoing, cadence: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Put a campaign's policy into the digests of n people; the same policy twice is one item.

    `cadence` int8[n]: daily or weekly, as indices into CADENCES. Returns bool[n]: false where the message holds the
    policy already, which is stored as a refusal.
    """
    stayed = np.ones(len(given), dtype=np.bool_)
    for code in np.unique(cadence).tolist():
        rows, due = np.flatnonzero(cadence == code), home.now
        while len(rows):  # whose digest of that day has left already, waits for the next
            due = next_digest(due, CADENCES[code], ctx.settings.calendar)
            run_id = digest_run(conn, CADENCES[code], due, home.now)
            late, held = _gather_into(conn, ctx, home, (run_id, campaign_id), given.take(rows))
            stayed[rows[held]] = False
            rows = rows[late]
    return stayed


def digest_run(conn: Connection, cadence: str, due: datetime, now: datetime) -> int:
    """The run of the digest that leaves at `due`, made on first use: a day's, or a moment's for those told at once."""
    return campaigns.ensure_run(conn, key=_key(cadence, due), kind="digest", now=now, due_at=due)


def digest_ahead(conn: Connection, ctx: Context, cadence: str, now: datetime) -> tuple[datetime, int]:
    """When the next digest of a cadence leaves, and its run, 0 where nobody has gathered anything for it."""
    due = next_digest(now, cadence, ctx.settings.calendar)
    return due, digests.run_by_key(conn, _key(cadence, due))


def _key(cadence: str, due: datetime) -> str:
    local = due.astimezone(CITY_ZONE)
    return f"digest:{cadence}:{local.isoformat() if cadence == 'immediate' else local.date().isoformat()}"


def _gather_into(
    conn: Connection, ctx: Context, home: Home, which: tuple[int, int], members: Outgoing
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Add to one digest (`which`: its run and the campaign); two bool[n]: who came too late, who holds it already."""
    run_id, campaign_id = which
    keys = ctx.keyring.wire_keys(run_id, members.recipient_id, members.channel, 0)
    names = ("profile_id", "recipient_id", "address_id", "channel", "door")
    columns = {name: getattr(members, name) for name in names} | {"wire_key": keys}
    into = digests.Into(run_id, campaign_id, home.policy_id, home.now)
    late, held = digests.gather(conn, into, columns)
    twice = members.take(held)
    refused = {name: getattr(twice, name) for name in ("profile_id", "recipient_id", "door")}
    refused |= {"code": np.full(len(twice), TOLD, np.int8), "channel": np.full(len(twice), -1, np.int8)}
    deliveries.copy_refusals(conn, home.run_id, home.now, refused, words=CODES)
    return late, held


def release_digests(ctx: Context, *, piece: int = PIECE) -> int:
    """Turn the gathered messages of digests whose moment has come into planned ones; returns how many.

    Some at a time, each piece its own transaction: whatever ends it, the next round goes on. Until then nobody knows
    what a list holds: only now second faces and floods of one agency leave it.
    """
    total = 0
    while n := _release_some(ctx, piece):
        total += n
    return total


def _release_some(ctx: Context, piece: int) -> int:
    """One piece: people of the latest due digest, with all that older ones (missed, or slower) hold for them."""
    with transaction(ctx.engine) as conn:
        if not try_digests(conn):
            return 0
        now = ctx.clock()
        runs = digest_release.due_runs(conn, now)
        for run_id in runs:
            heads = digest_release.some_heads(conn, run_id, limit=piece)
            if len(heads.id):
                digest_release.fold(conn, heads, runs, now)
                held = hold_paused(conn, ctx, heads.id.tolist(), now)
                digest_release.drop_empty(conn, held)
                leaving = heads.without(held)
                thin_digests(conn, ctx, leaving.id.tolist())
                _place(conn, ctx, leaving, now)
                return len(heads.id)
    return 0


def hold_paused(conn: Connection, ctx: Context, delivery_ids: Sequence[int], now: datetime) -> list[int]:
    """Items of paused campaigns leave these messages (all locked, on their way out) for the next digest of the cadence:
    they are neither told nor lost. Returns the messages that hold nothing any more."""
    paused: dict[str, list[RowMapping]] = defaultdict(list)
    for head in digest_release.paused_heads(conn, delivery_ids):
        paused["weekly" if head["key"].startswith("digest:weekly:") else "daily"].append(head)
    for cadence, heads in paused.items():
        rest, due = heads, now
        while rest:  # whose next one has left already, waits for the one after
            due = next_digest(due, cadence, ctx.settings.calendar)
            moved = _move(conn, ctx, rest, digest_run(conn, cadence, due, now), now)
            rest = [head for head in rest if head["id"] not in moved]
    return digest_release.emptied(conn, [head["id"] for heads in paused.values() for head in heads])


def _move(conn: Connection, ctx: Context, heads: Sequence[RowMapping], run_id: int, now: datetime) -> dict[int, int]:
    """Move what paused campaigns put into these messages to those of another run: message → its new one."""
    people = np.array([head["recipient_id"] for head in heads], dtype=np.int64)
    channels = np.array([CHANNELS.index(head["channel"]) for head in heads], dtype=np.int8)
    keys = [bytes(key).decode() for key in ctx.keyring.wire_keys(run_id, people, channels, 0)]
    new = digest_release.same_heads(conn, run_id, heads, keys)
    digest_release.move_items(conn, list(new), list(new.values()), now, which=digest_release.PAUSED)
    digest_release.drop_empty(conn, list(new.values()))
    return new


def _place(conn: Connection, ctx: Context, heads: digest_release.Heads, now: datetime) -> None:
    """Give messages their slices; each person's quiet hours are kept just before the attempt."""
    order = np.lexsort((heads.id, heads.channel))
    channel, due = heads.channel[order], np.full(len(order), micros(now), dtype=np.int64)
    cuts = slice_starts(channel, due, ctx.settings.slice_size)
    where = {"run_id": heads.run_id, "lane": "bulk", "step": 0, "state": "ready"}
    made = slices.write_slices(conn, where, channel[cuts], due[cuts])
    sizes = np.diff(np.append(cuts, len(order)))
    digest_release.place_heads(conn, heads.id[order], np.repeat(made, sizes), now)


def _contacts(conn: Connection, profile_id: int, policy_ids: Sequence[int], today: date) -> Contacts:
    """A profile's recipients; their channels are those that they want all these policies' topics on, where there are
    such: the gates look at each item again, and one whose topic the channel is shut for would be lost."""
    ids = np.array([profile_id], dtype=np.int64)
    base = load_contacts(conn, ids, topic="", today=today)
    topics = sorted({policy.topic for policy in policies_by_id(conn, policy_ids)})
    wanted = [load_contacts(conn, ids, topic=topic, today=today).enabled for topic in topics]
    enabled = np.all([base.enabled, *wanted], axis=0)
    open_ = (enabled & (base.address >= 0)).any(axis=1)
    return replace(base, enabled=np.where(open_[:, None], enabled, base.enabled))


def plan_digest(ctx: Context, *, key: str, kind: str, profile_id: int, policy_ids: Sequence[int], door: str) -> int:
    """One message to each recipient of a profile about these policies (a life event's answer); same gates, once a key.

    Nobody is told again of what they were told. Returns the number of deliveries planned.
    """
    with transaction(ctx.engine) as conn:
        lock_planning(conn)
        now = ctx.clock()
        home = Home(campaigns.ensure_run(conn, key=key, kind=kind, now=now), None, "normal", now)
        today = now.astimezone(CITY_ZONE).date()
        contacts = _contacts(conn, profile_id, policy_ids, today)
        people = contacts.recipient_id
        if not policy_ids or np.isin(history.used_by(conn, home.run_id)[0], people).any():
            return 0
        fresh = _untold(conn, home.run_id, people, policy_ids)
        doors = np.full(len(contacts), DOORS.index(door), dtype=np.int8)
        told = np.array([not fresh[person] for person in people.tolist()], dtype=np.bool_)
        counts = gating.week_counts(conn, people, doors, gating.at_once(len(people), now), run_id=home.run_id)
        before = gating.History(told, counts, gating.no_history(contacts).taken)
        result = gating.decide(contacts, doors, before, gating.Terms())
        write_refusals(conn, contacts, doors, result, home)
        rows = np.flatnonzero(result.channel >= 0)
        write_slices(conn, ctx, home, outgoing(contacts, doors, result.channel, rows))
        digests.set_items(conn, home.run_id, fresh)
        return len(rows)


def _untold(conn: Connection, run_id: int, people: Ids, policy_ids: Sequence[int]) -> dict[int, list[int]]:
    """Recipient → those of the policies, in their order, that other runs did not tell them of."""
    fresh: dict[int, list[int]] = {person: [] for person in people.tolist()}
    for policy in sorted(policies_by_id(conn, policy_ids), key=lambda one: policy_ids.index(one.id)):
        told = history.told_recipients(conn, people, family=policy.family, event=policy.event, run_id=run_id)
        for person in fresh.keys() - set(told.tolist()):
            fresh[person].append(policy.id)
    return fresh
