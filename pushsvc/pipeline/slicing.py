"""Slices: up to 500 deliveries of one run, channel, lane and due minute, written by COPY."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from profiles.gates import CHANNELS, CODES, GateResult
from profiles.windows import release
from pushsvc.context import Context
from pushsvc.store import deliveries
from pushsvc.store.contacts import Contacts
from pushsvc.store.slices import insert_slice


@dataclass(frozen=True)
class Planned:
    """One message that is to be written: to whom, where, by which door, and when that person may be disturbed."""

    profile_id: int
    recipient_id: int
    address_id: int
    channel: str
    door: str
    zone: str
    quiet: tuple[int, int]  # minutes of the day, -1 for none
    cadence: str


@dataclass(frozen=True)
class Home:
    """Where planned messages go: their run, policy (None: a digest), lane and step."""

    run_id: int
    policy_id: int | None
    lane: str
    now: datetime
    step: int = 0


def write_slices(conn: Connection, ctx: Context, home: Home, planned: Sequence[Planned]) -> None:
    """Write deliveries into new slices, due when each person's quiet hours end (urgent ones at once)."""
    groups: dict[tuple[str, datetime], list[Planned]] = defaultdict(list)
    for one, due in zip(planned, due_moments(home, planned), strict=True):
        groups[one.channel, due].append(one)
    rows: list[tuple[object, ...]] = []
    for (channel, due), members in sorted(groups.items(), key=lambda item: item[0]):
        for part in chunks(members, ctx.settings.slice_size):
            slice_id = insert_slice(conn, run_id=home.run_id, channel=channel, lane=home.lane, due_at=due)
            rows.extend(delivery_row(ctx, home, one, slice_id=slice_id) for one in part)
    deliveries.copy_deliveries(conn, rows)


def delivery_row(
    ctx: Context, home: Home, one: Planned, *, slice_id: int | None, state: str = "planned"
) -> tuple[object, ...]:
    """A delivery's values in the order of `deliveries.COPIED`."""
    key = ctx.keyring.wire_key(home.run_id, one.recipient_id, one.channel, home.step)
    who = (home.run_id, one.profile_id, one.recipient_id, one.address_id, home.policy_id)
    return (*who, one.channel, home.step, one.door, slice_id, state, key, home.now, home.now)


def due_moments(home: Home, planned: Sequence[Planned]) -> list[datetime]:
    """When each may be told, to the minute, so that people due together share slices."""
    starts = np.array([one.quiet[0] for one in planned], dtype=np.int16)
    ends = np.array([one.quiet[1] for one in planned], dtype=np.int16)
    urgent = home.lane == "urgent"
    moments = release(home.now, [one.zone for one in planned], starts, ends, emergency=urgent)
    return [home.now if due <= home.now else due.replace(second=0, microsecond=0) for due in moments]


def planned_row(contacts: Contacts, door: str, channel: int, i: int) -> Planned:
    """What contact row `i` becomes on the channel that the gates chose."""
    return Planned(
        profile_id=int(contacts.profile_id[i]),
        recipient_id=int(contacts.recipient_id[i]),
        address_id=int(contacts.address[i, channel]),
        channel=CHANNELS[channel],
        door=door,
        zone=contacts.zone[i],
        quiet=(int(contacts.quiet_from[i]), int(contacts.quiet_to[i])),
        cadence=contacts.cadence[i],
    )


def refusal_rows(
    contacts: Contacts, doors: Sequence[str], result: GateResult, *, run_id: int, now: datetime
) -> list[dict[str, object]]:
    """The refusals among the gates' results, each with its code and the channel that got furthest."""
    return [
        {
            "run_id": run_id,
            "profile_id": int(contacts.profile_id[i]),
            "recipient_id": int(contacts.recipient_id[i]),
            "door": doors[i],
            "code": CODES[result.code[i]],
            "channel": CHANNELS[result.blocked[i]] if result.blocked[i] >= 0 else None,
            "at": now,
        }
        for i in np.flatnonzero(result.channel < 0).tolist()
    ]


def chunks(members: Sequence[Planned], size: int) -> Iterator[Sequence[Planned]]:
    """Consecutive parts of at most `size`."""
    for start in range(0, len(members), size):
        yield members[start : start + size]
