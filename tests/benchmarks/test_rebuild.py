"""The benchmark of snapshots fills a city that imports would leave, and sees its changes."""

from __future__ import annotations

import numpy as np

from benchmarks.filling import fill, touch
from benchmarks.rebuild import measure
from profiles.snapshot.views import decoded
from pushsvc.context import Context
from pushsvc.pipeline.published import published
from pushsvc.store.frames import load_frame
from pushsvc.store.session import transaction


def test_the_city_it_fills_is_read_as_every_other(ctx: Context) -> None:
    fill(ctx, 700)
    with transaction(ctx.engine) as conn:
        whole = load_frame(conn)
    ids = np.sort(np.concatenate([frame.ids for frame in decoded(published(ctx).snapshot)]))
    assert ids.tolist() == whole.ids.tolist()
    assert len(whole) == 700
    shared = [one for one in published(ctx).snapshot.segments if one.shared is not None]
    assert sum(len(one.shared.rows) for one in shared if one.shared is not None) > 0


def test_what_it_touches_is_seen(ctx: Context) -> None:
    fill(ctx, 700)
    published(ctx)
    touch(ctx, 30)
    assert len(published(ctx).changed) >= 30


def test_it_prints_what_it_promises() -> None:
    found = measure(400, 20, 1)
    assert {"ours", "baseline", "limit", "spread", "store_s", "fetch_open_s", "delta_s", "peak_mb"} <= found.keys()
    assert found["name"] == "rebuild"
    assert found["ours"] > 0
