"""What a web process keeps ready by itself: the policies in force and of late, so that no page waits for them.

Gunicorn calls `post_worker_init` in each of its processes after it was forked (`--config python:pushsvc.web_upkeep`):
before that, nothing may run in a thread.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from pushsvc.context import Context
from pushsvc.pipeline import wish_counts
from pushsvc.pipeline.in_force import keep_up

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
TROUBLE_SECONDS = 5.0


def post_worker_init(worker: Any) -> None:
    """Begin in this process; its pages are served meanwhile, and wait only for the first time."""
    ctx = getattr(worker.wsgi, "extensions", {}).get("pushsvc")
    if ctx is not None:  # another application under the same arguments, as a benchmark serves one, keeps nothing
        start_upkeep(ctx)


def start_upkeep(ctx: Context, stop: threading.Event | None = None) -> threading.Thread:
    """Keep up from a thread of its own, until `stop` is set or the process ends."""
    thread = threading.Thread(target=keep, args=(ctx, stop or threading.Event()), name="upkeep", daemon=True)
    thread.start()
    return thread


def keep(ctx: Context, stop: threading.Event) -> None:
    """Look every second, less often in trouble, until `stop` is set."""
    pause = 0.0
    while not stop.wait(pause):
        try:
            keep_up(ctx)
            wish_counts.keep_up(ctx)
            pause = LOOK_SECONDS
        except Exception as exc:  # it must outlive every trouble of the database: pages then look for themselves
            log.warning("upkeep: %s", str(exc).partition("\n")[0])
            pause = TROUBLE_SECONDS
