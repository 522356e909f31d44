"""Reroute: a message whose channel closed after it was planned takes another that is open, in its person's order.

Only one that nobody has tried yet, alone in its run: then no vendor knows its key, and no second step waits behind it.
The delivery itself moves, with the key of its new channel: what was chosen keeps its one fate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from profiles.gates import CHANNELS, DOORS
from profiles.windows import moment_of
from pushsvc.context import Context
from pushsvc.pipeline import gating
from pushsvc.pipeline.days import day_of
from pushsvc.pipeline.slicing import Home, Outgoing, due_moments, outgoing
from pushsvc.store import rerouting
from pushsvc.store.changed_since import held_addresses, wishes_over
from pushsvc.store.contacts import Contacts, load_contacts
from pushsvc.store.members import Member, Run
from pushsvc.store.slices import insert_slice

OF_CHANNEL = frozenset({"suppressed", "no_basis", "no_address"})  # codes that may say nothing of other channels


def reroute(ctx: Context, conn: Connection, run: Run, members: Sequence[Member], now: datetime) -> set[int]:
    """Which of the members (refused on their channel by a code of OF_CHANNEL) left for another; none of a digest."""
    if run.campaign is None:
        return set()
    fresh = rerouting.untried(conn, [row["id"] for row in members if not row["step"]])
    rows = [row for row in members if row["id"] in fresh]
    if not rows:
        return set()
    ids, given = _open_elsewhere(conn, run, rows, now)
    if not len(ids):
        return set()
    home = Home(run.id, None, run.campaign["lane"], now, passes=bool(run.campaign["emergency"]))
    keys = ctx.keyring.wire_keys(run.id, given.recipient_id, given.channel, 0)
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, where in enumerate(zip(given.channel.tolist(), due_moments(home, given).tolist(), strict=True)):
        groups[where].append(place)
    for (channel, due), some in sorted(groups.items()):
        about = {"run_id": run.id, "channel": CHANNELS[channel]}
        slice_id = insert_slice(conn, run_id=run.id, channel=CHANNELS[channel], lane=home.lane, due_at=moment_of(due))
        moved = [(int(ids[k]), int(given.address_id[k]), bytes(keys[k]).decode()) for k in some]
        rerouting.move(conn, moved, about | {"slice_id": slice_id, "now": now})
    return set(ids.tolist())


def _open_elsewhere(conn: Connection, run: Run, rows: Sequence[Member], now: datetime) -> tuple[gating.Ids, Outgoing]:
    """The deliveries (ids) that another channel takes, and each as it goes there."""
    assert run.campaign is not None
    profiles = np.array([row["profile_id"] for row in rows], dtype=np.int64)
    recipients = np.array([row["recipient_id"] for row in rows], dtype=np.int64)
    today = day_of(now)
    contacts = load_contacts(conn, np.unique(profiles), topic=run.campaign["policy_topic"], today=today)
    places = contact_places(contacts, profiles, recipients)
    over = wishes_over(conn, [(run.campaign["id"], row["profile_id"]) for row in rows])
    kept = [k for k, at in enumerate(places.tolist()) if at >= 0 and (run.campaign["id"], int(profiles[k])) not in over]
    mine = contacts.take(places[kept])
    closed = np.array([rows[k]["channel"] for k in kept])[:, None] == np.array(CHANNELS)
    mine = replace(mine, address=np.where(closed, -1, mine.address))
    door = np.array([DOORS.index(rows[k]["door"]) for k in kept], dtype=np.int8)
    terms = gating.terms_of(run.campaign)
    leaving = gating.at_once(len(mine), now)
    before = gating.past(conn, mine, door, terms, run_id=run.id, leaving=leaving)
    numbers = mine.address[mine.address >= 0].tolist()
    used = held_addresses(conn, run.id, numbers, but=[row["id"] for row in rows])
    taken = np.isin(mine.address, np.array(sorted(used), dtype=np.int64))
    result = gating.decide(mine, door, replace(before, taken=taken), terms)
    went = np.flatnonzero(result.channel >= 0)
    ids = np.array([rows[k]["id"] for k in kept], dtype=np.int64)
    return ids[went], outgoing(mine, door, result.channel, went)


def contact_places(contacts: Contacts, profiles: gating.Ids, recipients: gating.Ids) -> gating.Ids:
    """The contact row of each (profile, recipient); -1 for none."""
    rows = zip(contacts.profile_id.tolist(), contacts.recipient_id.tolist(), strict=True)
    known = {pair: at for at, pair in enumerate(rows)}
    asked = zip(profiles.tolist(), recipients.tolist(), strict=True)
    return np.array([known.get(pair, -1) for pair in asked], dtype=np.int64)
