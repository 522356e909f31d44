"""The feed of who wishes no personal one, and of minors: by date or deadline, of a place that the reader names.

No function here is handed a person, a profile or anything learnt: two readers who ask for the same get the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from profiles.ragged import Rows
from profiles.standards.regions import within
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.feed_items import Item, days_left, shown
from pushsvc.pipeline.fitting import Fit
from pushsvc.pipeline.in_force import InForce, in_force
from pushsvc.pipeline.varied import varied
from pushsvc.store.policies import Policy
from pushsvc.store.session import Connection

NOT_ASKED = Fit(None, "")  # whether it fits is looked at when the person opens one policy and asks


@dataclass(frozen=True)
class Wanted:
    """How the reader would have the list: the newest first or what ends first; of one region's policies, "" all."""

    order: Literal["newest", "deadline"] = "newest"
    region: str = ""


def plain_items(conn: Connection, ctx: Context, wanted: Wanted, limit: int) -> list[Item]:
    """The policies in force, at most `limit`, in the order wanted."""
    policies = in_force(conn, ctx, city_day(ctx))
    found = shown(conn, policies, plain_order(ctx, policies, wanted)[:limit])
    return [plain_item(policy, policies.on) for policy in found]


def plain_order(ctx: Context, policies: InForce, wanted: Wanted) -> Rows:
    """The numbers of the policies in force, in the order wanted."""
    most = ctx.settings.agency_max
    return policies.order(
        (wanted, most), lambda: policies.numbers[varied(policies, _positions(policies, wanted), most)]
    )


def plain_item(policy: Policy, on: date) -> Item:
    """A policy of which it is not known whether it fits."""
    return Item(policy, NOT_ASKED, "", days_left(policy, on), subscribed=False)


def _positions(policies: InForce, wanted: Wanted) -> Rows:
    kept = [at for at, one in enumerate(policies.policies) if _is_of(one.region, wanted.region)]
    if wanted.order == "deadline":  # stable: of those that end together, and of those that never end, the newest first
        never = float("inf")
        ends = {at: closes.toordinal() for at in kept if (closes := policies.policies[at].window_closes)}
        kept.sort(key=lambda at: ends.get(at, never))
    return np.array(kept, dtype=np.int64)


def _is_of(region: str, wanted: str) -> bool:
    """Whether a policy of the region holds in the place wanted: there, below it, or above it."""
    return not wanted or within(region, wanted) or within(wanted, region)
