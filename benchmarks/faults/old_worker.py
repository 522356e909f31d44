"""A worker and a beat left over from an earlier release: it takes hints from the queues and knows none of the names.

It stands for code that is older than its queues: it eats hints that were meant for others (Celery throws away what it
does not know) and says old names that nobody knows any more. `--old-code FOLDER` runs a real older checkout beside it.
"""

from __future__ import annotations

from celery import Celery

from pushsvc.tasks import QUEUES, configure, ready_settings

_broker = configure(ready_settings()).conf.broker_url
app = Celery("pushsvc_before", broker=_broker)
OLD_NAMES = {f"pushsvc.send.{queue}": queue for queue in sorted(set(QUEUES.values()))}
app.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={name: {"task": name, "schedule": 0.5, "options": {"queue": q}} for name, q in OLD_NAMES.items()},
)


@app.task(name="pushsvc.send_one")
def send_one(delivery_id: int) -> None:
    """A task of one recipient, as it was before slices: nobody says it any more."""
