"""Each night: stages of life anew for everybody, and an event for each age reached and certificate about to lapse.

Beat asks every minute; a tick works for a few seconds and remembers how far it came, so no worker is held up. The
first night raises no events: what was so before we knew is news to nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from profiles.columns import Frame
from profiles.stages import RULES
from profiles.turning import LAPSING_STEPS, about_to_lapse, ages_asked, ages_reached
from pushsvc.context import Context
from pushsvc.pipeline.days import CITY_ZONE, city_day
from pushsvc.pipeline.profile_events import lapsing_key
from pushsvc.pipeline.shared_figures import bound
from pushsvc.pipeline.stages import refresh_stages
from pushsvc.store import audit
from pushsvc.store.frames import load_frame
from pushsvc.store.life import LifeEvent, add_life_events
from pushsvc.store.locks import try_night
from pushsvc.store.people import ids_after
from pushsvc.store.policies import published_policies
from pushsvc.store.session import Connection, transaction

BEGINS = 2  # o'clock in the city: after the registers' own nightly runs began, long before anybody is told
CHUNK = 20_000  # profiles in one transaction
BUDGET_SECONDS = 8.0
# A quarter: what was missed is made up for, at the cost of one night (three of a hundred people reach an age that is
# asked for in it); after a longer pause it is no news.
LONGEST_GAP = timedelta(days=92)
_ABOUT = "night"


@dataclass(frozen=True)
class Mark:
    """How far the night of `day` came. `since`: the night before it; None: there was none."""

    day: date
    since: date | None
    upto: int
    done: bool


def pass_night(ctx: Context, *, budget: float = BUDGET_SECONDS, clock: Callable[[], float] = time.monotonic) -> int:
    """Go on with tonight's round until it is done or the budget is used; returns how many profiles were gone over."""
    until, count = clock() + budget, 0
    while True:
        with transaction(ctx.engine) as conn:
            mark = _tonight(conn, ctx) if try_night(conn) else None
            if mark is None:
                return count
            ids = ids_after(conn, mark.upto, limit=CHUNK)
            if ids:
                refresh_stages(conn, ctx, ids)
                if mark.since is not None:
                    add_life_events(conn, list(_events(conn, ctx, ids, mark)))
            _remember(conn, ctx, mark, ids)
        count += len(ids)
        if len(ids) < CHUNK or clock() > until:
            return count


def _tonight(conn: Connection, ctx: Context) -> Mark | None:
    """Where tonight's round stands; None where it is done, or the hour has not come."""
    today, local = city_day(ctx), ctx.clock().astimezone(CITY_ZONE)
    last = next((_read(entry["detail"]) for entry in audit.recent(conn, object=_ABOUT, limit=1)), None)
    if last is not None and not last.done:
        return last
    if local.hour < BEGINS or (last is not None and last.day >= today):
        return None
    return Mark(today, None if last is None else max(last.day, today - LONGEST_GAP), 0, False)


def _events(conn: Connection, ctx: Context, ids: list[int], mark: Mark) -> Iterator[LifeEvent]:
    assert mark.since is not None
    frame = load_frame(conn, profile_ids=np.array(ids, dtype=np.int64))
    trees = [policy.criteria for policy in bound(conn, published_policies(conn, on=mark.day), mark.day)]
    own, family = ages_asked([*trees, *RULES.values()])
    window = {"since": mark.since, "until": mark.day}
    for row, age, day in ages_reached(frame.column("birth_date"), own, **window):
        yield _event(ctx, frame, row, "age", f"{age}:{day.isoformat()}")
    owner = np.repeat(np.arange(len(frame)), np.diff(frame.dependants.offsets))
    for child, age, day in ages_reached(frame.dependants.columns["birth_date"], family, **window):
        yield _event(ctx, frame, int(owner[child]), "age", f"family-{age}:{day.isoformat()}")
    for step in LAPSING_STEPS:
        for row, key, start in about_to_lapse(frame.certificates(), step, **window):
            yield _event(ctx, frame, row, "lapsing", lapsing_key(key, start, step))


def _event(ctx: Context, frame: Frame, row: int, kind: str, key: str) -> LifeEvent:
    return LifeEvent(int(frame.ids[row]), kind, key, ctx.clock())


def _remember(conn: Connection, ctx: Context, mark: Mark, ids: list[int]) -> None:
    upto, done = (ids[-1] if ids else mark.upto), len(ids) < CHUNK
    since = mark.since.isoformat() if mark.since else None
    detail = {"day": mark.day.isoformat(), "since": since, "upto": upto, "done": done}
    audit.record(conn, at=ctx.clock(), actor="beat", action="night.pass", object=_ABOUT, detail=detail)


def _read(detail: dict[str, object]) -> Mark:
    since = detail["since"]
    day = date.fromisoformat(str(detail["day"]))
    return Mark(day, date.fromisoformat(str(since)) if since else None, int(str(detail["upto"])), bool(detail["done"]))
