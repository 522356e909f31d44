"""When a message that is written now would reach one person: the planner's own windows, asked for a few rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from profiles.gates import CHANNELS, DOORS
from profiles.preference import CADENCES
from profiles.windows import BEIJING, moment_of
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.digest_days import next_digest
from pushsvc.pipeline.slicing import Home, due_moments, outgoing
from pushsvc.store.contacts import Contacts, load_contacts
from pushsvc.store.session import Connection

PREVIEWED = ("subscribed", "recommended")


@dataclass(frozen=True)
class Arrival:
    """When a message by this door and channel would leave, on the person's own clock; `now`: at once."""

    door: str
    channel: str
    at: datetime
    now: bool


def arrivals(conn: Connection, ctx: Context, person_id: int) -> list[Arrival]:
    """One for each door of PREVIEWED and each channel; nothing of somebody unknown.

    What was asked for is taken as told at once; what is recommended waits for the digest of the person's cadence.
    """
    contacts = load_contacts(conn, np.array([person_id], dtype=np.int64), topic="", today=city_day(ctx))
    if not len(contacts):
        return []
    now = ctx.clock()
    later = next_digest(now, CADENCES[int(contacts.cadence[0])], ctx.settings.calendar)
    return [*_by_channel(contacts, "subscribed", now, now), *_by_channel(contacts, "recommended", later, now)]


def _by_channel(contacts: Contacts, door: str, begins: datetime, now: datetime) -> list[Arrival]:
    """The person's row once for each channel, through the function that gives planned messages their moment."""
    channels, doors = np.arange(len(CHANNELS), dtype=np.int8), np.full(len(CHANNELS), DOORS.index(door), dtype=np.int8)
    rows = contacts.take(np.zeros(len(CHANNELS), dtype=np.int64))
    given = outgoing(rows, doors, channels, np.arange(len(CHANNELS)))
    due = due_moments(Home(0, None, "normal", begins), given)
    zone = _zone(contacts.zones[int(contacts.zone[0])])
    moments = [moment_of(int(one)) for one in due]
    pairs = zip(CHANNELS, moments, strict=True)
    return [Arrival(door, channel, at.astimezone(zone), at <= now) for channel, at in pairs]


def _zone(name: str) -> ZoneInfo:
    """The person's zone; Beijing's, as windows take it, where this host lacks it."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return ZoneInfo(BEIJING)
