"""Small things a person changes about themselves: a subscription's cadence."""

from __future__ import annotations

from dataclasses import replace

from pushsvc.context import Context
from pushsvc.pipeline.cadence import pace_wish
from pushsvc.store.session import transaction
from pushsvc.store.subscriptions import save_wishes, subscriptions_of


def set_cadence(ctx: Context, profile_id: int, subscription_id: int, cadence: str) -> bool:
    """Immediate, daily or weekly, for what is gathered already too; False if it is not a live wish of the profile."""
    with transaction(ctx.engine) as conn:
        live = (one for one in subscriptions_of(conn, profile_id) if one.id == subscription_id and one.ended_at is None)
        found = next(live, None)
        if found is None:
            return False
        save_wishes(conn, [replace(found.wish, cadence=cadence)], ctx.clock())
        pace_wish(conn, ctx, profile_id, subscription_id, cadence)
    return True
