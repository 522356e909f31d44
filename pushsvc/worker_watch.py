"""The watch: a worker whose lanes have had due slices for a minute, while it claimed none, ends to be started anew."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Set

from pushsvc.store.session import transaction
from pushsvc.store.slices import due_lanes
from pushsvc.tasks import equipment, pulse

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 10.0
EXIT_STUCK = 75  # EX_TEMPFAIL


def start_watch(lanes: Set[str]) -> None:
    """Watch these lanes from a thread: Celery is known to stop consuming after a Redis reset."""
    pulse.at = time.monotonic()
    threading.Thread(target=_watch, args=(lanes,), name="watch", daemon=True).start()


def is_stuck(*, due_since: float, idle: float, patience: float = PATIENCE_SECONDS) -> bool:
    """Whether something has been due for longer than `patience` seconds while nothing was claimed for as long."""
    return due_since > patience and idle > patience


def _watch(lanes: Set[str]) -> None:
    """End the process when it is stuck; the database being away is no reason: nobody could claim then."""
    while True:
        time.sleep(LOOK_SECONDS)
        try:
            waiting = _longest_wait(lanes)
        except Exception as exc:  # a watch must outlive every trouble of the database
            log.warning("watch: %s", exc)
            continue
        if is_stuck(due_since=waiting, idle=time.monotonic() - pulse.at):
            log.error("slices are due for %.0f s and none is claimed: ending to be started anew", waiting)
            os._exit(EXIT_STUCK)


def _longest_wait(lanes: Set[str]) -> float:
    ctx, _ = equipment()
    now = ctx.clock()
    with transaction(ctx.engine) as conn:
        due = due_lanes(conn, now)
    return max(((now - oldest).total_seconds() for lane, (_, oldest) in due.items() if lane in lanes), default=0.0)
