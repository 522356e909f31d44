"""What two people of the city do while the service runs: one switches recommendations off, one has a child."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pushsvc.demo.stage import DemoError, Stage, require, wait_until
from pushsvc.pipeline.days import CITY_ZONE, city_day
from pushsvc.pipeline.ingest_profiles import Upserted, upsert_profile
from pushsvc.pipeline.preferences import set_choices, switch_personalised
from pushsvc.sample.edge import AUNTIE, FAMILY
from pushsvc.sample.places import DISTRICTS
from pushsvc.store.people import profile_by_ref
from pushsvc.store.preferences import read_preference
from pushsvc.store.session import transaction
from pushsvc.store.watching import answers, dropped, queued

CLOSED = ("accepted", "delivered", "opened", "refused", "rejected", "bounced", "complained")


def keep_quiet(stage: Stage) -> bool:
    """Auntie Wang naps: what is recommended to her waits. False where she switched it off in an earlier run."""
    number = _number(stage, AUNTIE)
    with transaction(stage.ctx.engine) as conn:
        if not read_preference(conn, number)["personalised"]:
            return False
    now = stage.ctx.clock().astimezone(CITY_ZONE)
    hours = {"quiet_from": now - timedelta(hours=1), "quiet_to": now + timedelta(hours=6)}
    set_choices(stage.ctx, number, {name: f"{at:%H:%M}" for name, at in hours.items()})
    return True


def switch_off(stage: Stage) -> dict[str, Any]:
    """She turns personalised off: what waits for her is dropped at once. Figures of this or of the earlier run."""
    number = _number(stage, AUNTIE)
    with transaction(stage.ctx.engine) as conn:
        waiting = queued(conn, number, "recommended")
        was_on = bool(read_preference(conn, number)["personalised"])
    now_dropped = switch_personalised(stage.ctx, number, False) if was_on else 0
    set_choices(stage.ctx, number, {"quiet_from": None, "quiet_to": None})
    with transaction(stage.ctx.engine) as conn:
        in_all = dropped(conn, number, "personalised_off")
        left = queued(conn, number, "recommended")
    return {"queued": waiting, "dropped": now_dropped, "dropped_ever": in_all, "left": left}


def record_birth(stage: Stage) -> dict[str, Any]:
    """A child is registered; waits for the one digest that answers. The same child twice is one event."""
    number = _number(stage, FAMILY)
    with transaction(stage.ctx.engine) as conn:
        told = answers(conn, number, "life")
    if not told:
        _register(stage)
    require(wait_until(lambda: _answered(stage, number), seconds=30), "The answer to the birth", stage)
    with transaction(stage.ctx.engine) as conn:
        told = answers(conn, number, "life")
    return {"digests": len(told), "policies": sum(items for _, items in told), "states": [state for state, _ in told]}


def _register(stage: Stage) -> None:
    today = city_day(stage.ctx).isoformat()
    child = f"baby-1@{today}@{DISTRICTS[0]}"
    row = {"ref": FAMILY, "kind": "citizen", "dependants": child, "source": "register", "as_of": today}
    found = upsert_profile(stage.ctx, row)
    if not isinstance(found, Upserted):
        raise DemoError("not_recorded", f"The birth was not recorded: {found[0].sentence}")


def _answered(stage: Stage, number: int) -> bool:
    with transaction(stage.ctx.engine) as conn:
        told = answers(conn, number, "life")
    return bool(told) and all(state in CLOSED for state, _ in told)


def _number(stage: Stage, ref: str) -> int:
    with transaction(stage.ctx.engine) as conn:
        found = profile_by_ref(conn, ref)
    if found is None:
        raise DemoError("unknown_profile", f"The sample city has no {ref}.")
    return found.id
