"""Slices: up to 500 deliveries of one run, channel, lane, step and due minute, written by COPY."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from profiles.classes import channel_window, message_class
from profiles.gates import CHANNELS, CODES, DOORS, GateResult
from profiles.windows import NEVER, earliest, micros
from pushsvc.context import Context
from pushsvc.store import deliveries, slices
from pushsvc.store.contacts import CITY, Contacts

Ids = NDArray[np.int64]
Codes = NDArray[np.int8]
_MINUTE, _DAY = 60_000_000, 86_400_000_000  # microseconds


@dataclass(frozen=True, eq=False)
class Outgoing:
    """n messages that are to be written, as columns: to whom, where, by which door, and when each may be disturbed.

    `channel`, `door`: indices into CHANNELS and DOORS; `zone`: codes into `zones`; quiet hours: minutes, -1 none.
    """

    profile_id: Ids
    recipient_id: Ids
    address_id: Ids
    channel: Codes
    door: Codes
    zone: NDArray[np.int32]
    quiet_from: NDArray[np.int16]
    quiet_to: NDArray[np.int16]
    zones: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.profile_id)

    def take(self, rows: NDArray[Any]) -> Outgoing:
        """Some of the messages (indices or a mask), in the given order."""
        return Outgoing(**{k: v[rows] if isinstance(v, np.ndarray) else v for k, v in vars(self).items()})


@dataclass(frozen=True)
class Home:
    """Where planned messages go: their run, policy (None: a digest), lane and step.

    `passes`: neither quiet hours nor a channel's window hold them: an emergency, or the answer to a request.
    """

    run_id: int
    policy_id: int | None
    lane: str
    now: datetime
    step: int = 0
    passes: bool = False


def outgoing(contacts: Contacts, door: Codes, channel: Codes, rows: Ids) -> Outgoing:
    """The contact `rows` as messages by the channel at each (an index into CHANNELS, aligned with all contacts)."""
    names = {one.name for one in fields(Outgoing)} - {"address_id", "channel", "door", "zones"}
    columns = {name: getattr(contacts, name)[rows] for name in names}
    mine = channel[rows]
    return Outgoing(
        address_id=contacts.address[rows, mine], channel=mine, door=door[rows], zones=contacts.zones, **columns
    )


def one_message(*, profile_id: int, recipient_id: int, address_id: int, channel: str, door: str) -> Outgoing:
    """A single message to somebody whose quiet hours do not matter."""
    none = np.full(1, -1, dtype=np.int16)
    return Outgoing(
        profile_id=np.array([profile_id]),
        recipient_id=np.array([recipient_id]),
        address_id=np.array([address_id]),
        channel=np.array([CHANNELS.index(channel)], np.int8),
        door=np.array([DOORS.index(door)], np.int8),
        zone=np.zeros(1, np.int32),
        quiet_from=none,
        quiet_to=none,
        zones=(CITY,),
    )


def write_slices(conn: Connection, ctx: Context, home: Home, given: Outgoing) -> None:
    """Write deliveries into new slices, due when each person may be told."""
    due = due_moments(home, given)
    if len(given):
        write_due(conn, ctx, home, given, due)


def write_due(conn: Connection, ctx: Context, home: Home, given: Outgoing, due: Ids, *, state: str = "planned") -> None:
    """Write deliveries into slices due at these moments (microseconds); waiting ones into slices that wait."""
    order = np.lexsort((due, given.channel))
    given, due = given.take(order), due[order]
    cuts = slice_starts(given.channel, due, ctx.settings.slice_size)
    kept = "waiting" if state == "waiting" else "ready"
    where = {"run_id": home.run_id, "lane": home.lane, "step": home.step, "state": kept}
    ids = slices.write_slices(conn, where, given.channel[cuts], due[cuts])
    sizes = np.diff(np.append(cuts, len(given)))
    keys = ctx.keyring.wire_keys(home.run_id, given.recipient_id, given.channel, home.step)
    same = {"run_id": home.run_id, "policy_id": home.policy_id, "step": home.step, "state": state}
    columns = {name: getattr(given, name) for name in ("profile_id", "recipient_id", "address_id", "channel", "door")}
    deliveries.copy_deliveries(
        conn, same | {"planned_at": home.now}, columns | {"slice_id": np.repeat(ids, sizes), "wire_key": keys}
    )


def slice_starts(channel: Codes, due: Ids, size: int) -> Ids:
    """The first row of each slice: messages sorted by channel and moment, cut where either changes and at `size`."""
    n = len(due)
    new = np.ones(n, dtype=np.bool_)
    new[1:] = (channel[1:] != channel[:-1]) | (due[1:] != due[:-1])
    begins = np.flatnonzero(new)
    place = np.arange(n) - np.repeat(begins, np.diff(np.append(begins, n)))
    return np.flatnonzero(place % size == 0)


def due_moments(home: Home, given: Outgoing) -> Ids:
    """int64[n]: when each may be told (microseconds), to the minute, so that people due together share slices.

    Where no window opens within a week, the message is looked at again the next day, until its run ends.
    """
    now = micros(home.now)
    if home.passes:
        return np.full(len(given), now, dtype=np.int64)
    opens, closes = channel_window(given.channel, message_class(given.door))
    moments = earliest(home.now, (given.zone, given.zones), given.quiet_from, given.quiet_to, opens, closes)
    moments = np.where(moments == NEVER, now + _DAY, moments)
    return np.where(moments > now, moments // _MINUTE * _MINUTE, now)


def write_refusals(conn: Connection, contacts: Contacts, door: Codes, result: GateResult, home: Home) -> None:
    """Store why contact rows are not written to, each with its code and the channel that got furthest."""
    rows = np.flatnonzero(result.channel < 0)
    columns: dict[str, NDArray[Any]] = {"profile_id": contacts.profile_id[rows], "door": door[rows]}
    columns |= {"recipient_id": contacts.recipient_id[rows], "code": result.code[rows]}
    columns["channel"] = result.blocked[rows]
    deliveries.copy_refusals(conn, home.run_id, home.now, columns, words=CODES)
