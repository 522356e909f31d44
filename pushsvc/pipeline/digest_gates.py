"""The gates of digests, just before an attempt: item by item, each by the run of its own campaign."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, RowMapping

from profiles.gates import GateResult
from profiles.windows import micros
from pushsvc.context import Context
from pushsvc.pipeline import gating
from pushsvc.pipeline.days import day_of
from pushsvc.pipeline.digest import hold_paused
from pushsvc.pipeline.digest_days import next_digest
from pushsvc.store import digests
from pushsvc.store.contacts import Contacts

AFTERWARDS = ("result", "repealed")  # events that are told of a policy that has ended, too
_DAY = timedelta(days=1)  # by which quiet hours and the sweep may make a digest late


def unpaused(
    ctx: Context, conn: Connection, ids: Sequence[int], now: datetime
) -> tuple[list[RowMapping], dict[int, int]]:
    """The items of these digests, those of paused campaigns moved to a later one. What may have arrived keeps its
    items: it waits as a whole, and stands in the second part with the moment (microseconds) at which it is looked
    at again."""
    items = digests.gated_items(conn, ids)
    paused = {item["delivery_id"] for item in items if item["campaign_state"] == "paused"}
    if not paused:
        return items, {}
    hold_paused(conn, ctx, sorted(paused), now)
    due = micros(next_digest(now, "daily", ctx.settings.calendar))
    kept = {item["delivery_id"]: due for item in items if item["doubtful"] and item["delivery_id"] in paused}
    return digests.gated_items(conn, [number for number in ids if number not in kept]), kept


def over(item: RowMapping, now: datetime) -> str:
    """Why the campaign of an item wants it no more; "" where it does."""
    if item["campaign_state"] == "cancelled":
        return "cancelled"
    if item["expires_at"] is not None and item["expires_at"] <= now:
        return "expired"
    ended = item["repealed_by"] is not None and item["valid_to"] is not None and item["valid_to"] < day_of(now)
    return "repealed" if ended and (item["detail"] or {}).get("kind") not in AFTERWARDS else ""


def decide_items(
    conn: Connection,
    asked: tuple[Contacts, gating.Codes, gating.Codes],
    rows: Sequence[Mapping[Any, Any]],
    now: datetime,
) -> GateResult:
    """The gates for items of digests (or messages without a campaign), each with what runs other than that of its own
    campaign did up to now: a later run may have been planned since. They share their recipient's address, and are one
    message, by their nature."""
    contacts, channel, door = asked
    mine = gating.only_channel(contacts, channel)
    before = gating.no_history(mine)
    groups: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if "own_run" in row:
            groups[row["own_run"], row["family"], row["event"]].append(place)
    for (run_id, family, event), places in groups.items():
        digest = rows[places[0]]
        leaves = now if digest["due_at"] is None else max(digest["due_at"], now - _DAY)
        some = mine.take(np.array(places))
        leaving = gating.Leaving(np.zeros(len(some), dtype=np.int8), [(leaves, digest["run_id"])])
        found = gating.past(conn, some, door[places], gating.Terms(family, event), run_id=run_id, leaving=leaving)
        before.told[places], before.week_count[places] = found.told, found.week_count
    return gating.decide(gating.alone(mine), door, before, gating.Terms())
