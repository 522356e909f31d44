"""What a web process keeps ready by itself: the policies in force, so that no page waits for them.

Gunicorn calls `post_worker_init` in each of its processes after it was forked (`--config python:pushsvc.web_upkeep`):
before that, nothing may run in a thread.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from pushsvc.context import Context
from pushsvc.pipeline.in_force import keep_up

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
TROUBLE_SECONDS = 5.0


def post_worker_init(worker: Any) -> None:
    """Begin in this process; its pages are served meanwhile, and wait only for the first time."""
    start_upkeep(worker.wsgi.extensions["pushsvc"])


def start_upkeep(ctx: Context) -> threading.Thread:
    """Keep up from a thread of its own until the process ends."""
    thread = threading.Thread(target=_keep, args=(ctx,), name="upkeep", daemon=True)
    thread.start()
    return thread


def _keep(ctx: Context) -> None:
    while True:
        try:
            keep_up(ctx)
        except Exception as exc:  # it must outlive every trouble of the database: pages then look for themselves
            log.warning("upkeep: %s", exc)
            time.sleep(TROUBLE_SECONDS)
        time.sleep(LOOK_SECONDS)
