"""Stages of life, computed anew from what is stored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from profiles.lifecycle import derive
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.store.frames import load_frame
from pushsvc.store.people_import import write_stages
from pushsvc.store.session import Connection


def refresh_stages(conn: Connection, ctx: Context, profile_ids: Sequence[int]) -> int:
    """Compute the lifecycle stages anew from the stored facts; returns how many profiles changed."""
    if not profile_ids:
        return 0
    frame = derive(load_frame(conn, profile_ids=np.array(profile_ids, dtype=np.int64)), city_day(ctx))
    words = ((number, list(frame.stages.words(row))) for row, number in enumerate(frame.ids.tolist()))
    return write_stages(conn, words)
