"""The Celery application that workers and beat run: `celery -A pushsvc.worker …`."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready

from pushsvc.tasks import configure, ready_settings
from pushsvc.worker_watch import start_watch

app = configure(ready_settings())


@worker_ready.connect
def watch_lanes(sender: Any, **_: object) -> None:
    """Watch the lanes whose queues this worker consumes."""
    start_watch({queue.name for queue in sender.task_consumer.queues})
