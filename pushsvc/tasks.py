"""Celery: hints per lane without payload. A task claims what the database says is due; a lost hint costs a second."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from functools import lru_cache

from celery import Celery

from pushsvc.context import Context, make_context
from pushsvc.embedded import servers, with_servers
from pushsvc.pipeline import audit_chain
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.alone import alone
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.events import pass_events
from pushsvc.pipeline.forgetting import forget_erased
from pushsvc.pipeline.life import answer_life_events
from pushsvc.pipeline.night import pass_night
from pushsvc.pipeline.outside import make_sender
from pushsvc.pipeline.sign_ins import forget_old
from pushsvc.pipeline.snapshots import forget_changes, is_due
from pushsvc.pipeline.sweep import sweep
from pushsvc.settings import Settings, read_settings

log = logging.getLogger(__name__)
celery = Celery("pushsvc")
LANES = ("urgent", "normal", "bulk")
BUDGET_SECONDS = 10.0  # then the task ends, so that a worker stays polite and its watch sees it move
SLICES_BETWEEN = 4  # sent between two chunks of a plan by the worker that plans
QUEUES = {
    "pushsvc.deliver.urgent": "urgent",
    "pushsvc.deliver.normal": "normal",
    "pushsvc.deliver.bulk": "bulk",
    "pushsvc.advance.urgent": "urgent",
    "pushsvc.advance.normal": "normal",
    "pushsvc.advance.bulk": "bulk",
    "pushsvc.life": "normal",
    "pushsvc.events": "normal",
    "pushsvc.sweep": "receipts",
    "pushsvc.mailbox": "bulk",  # a server that dawdles holds up no sweep
    "pushsvc.night": "bulk",
    "pushsvc.snapshot": "bulk",
}


@dataclass
class Pulse:
    """When this process last looked for work, on the monotonic clock; the watch reads it."""

    at: float = 0.0


pulse = Pulse()


def configure(settings: Settings) -> Celery:
    """Celery as the service uses it: early ack, prefetch 1, no results, hints that die young, endless reconnects."""
    broker = settings.broker_url or settings.redis_url
    sockets = {"socket_timeout": 10, "socket_connect_timeout": 5, "socket_keepalive": True, "health_check_interval": 10}
    celery.conf.update(
        broker_url=broker,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={**sockets, "max_retries": 1, "interval_max": 1} if "redis" in str(broker) else {},
        worker_prefetch_multiplier=1,
        task_acks_late=False,
        task_ignore_result=True,
        task_routes={name: {"queue": queue} for name, queue in QUEUES.items()},
        task_default_queue="normal",
        beat_scheduler="celery.beat:Scheduler",  # in memory: nothing to corrupt, every entry is due at once
        beat_schedule={name: {"task": name, "schedule": _every(name), "options": {"expires": 3}} for name in QUEUES},
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
    )
    return celery


@lru_cache(maxsize=1)
def equipment() -> tuple[Context, Sender]:
    """This process's context and sender, made on first use: after any fork, and once."""
    settings = ready_settings()
    return (ctx := make_context(settings, nudge=hint)), make_sender(ctx, asyncio.Runner())


@lru_cache(maxsize=1)
def ready_settings() -> Settings:
    """Settings with server URLs; without any, the embedded servers that another command runs, or our own."""
    settings = read_settings()
    if settings.database_url and settings.redis_url:
        return replace(settings, broker_url=settings.broker_url or settings.redis_url)
    hold = servers(settings)
    _held.append(hold)
    return with_servers(settings, hold.__enter__())


_held: list[object] = []  # keeps the embedded servers for as long as the process lives


def hint(name: str) -> bool:
    """Say that something may be due. A broker that is away costs nothing but the second until beat says it again."""
    try:
        celery.send_task(name, queue=QUEUES[name], expires=3, retry=False)
    except Exception as exc:  # whatever the broker's library raises: the rows are in the database
        log.warning("hint %s lost: %s", name, exc)
        return False
    return True


def deliver_lane(lane: str) -> int:
    """Send due slices of a lane until none is left or the budget is used; returns how many slices."""
    ctx, sender = equipment()
    until = time.monotonic() + BUDGET_SECONDS
    done = 0
    while time.monotonic() < until:
        pulse.at = time.monotonic()
        if not deliver_next(ctx, sender, lane):
            break
        done += 1
    return done


@celery.task(name="pushsvc.deliver.urgent")
def deliver_urgent() -> None:
    """Send what is due on the urgent lane."""
    deliver_lane("urgent")


@celery.task(name="pushsvc.deliver.normal")
def deliver_normal() -> None:
    """Send what is due on the normal lane."""
    deliver_lane("normal")


@celery.task(name="pushsvc.deliver.bulk")
def deliver_bulk() -> None:
    """Send what is due on the bulk lane."""
    deliver_lane("bulk")


def advance_lane(lane: str) -> None:
    """Take the lane's campaigns on, and send in between what is due: planning a large one must not hold up the lane."""
    ctx, sender = equipment()
    until = time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < until and advance(ctx, {lane}):
        pulse.at = time.monotonic()
        hint(f"pushsvc.deliver.{lane}")
        for _ in range(SLICES_BETWEEN):
            deliver_next(ctx, sender, lane)


@celery.task(name="pushsvc.advance.urgent")
def advance_urgent() -> None:
    """Take urgent campaigns their next steps."""
    advance_lane("urgent")


@celery.task(name="pushsvc.advance.normal")
def advance_normal() -> None:
    """Take normal campaigns their next steps."""
    advance_lane("normal")


@celery.task(name="pushsvc.advance.bulk")
def advance_bulk() -> None:
    """Take bulk campaigns their next steps."""
    advance_lane("bulk")


@celery.task(name="pushsvc.life")
def life() -> None:
    """Answer what happened to people and firms."""
    ctx, _ = equipment()
    if answer_life_events(ctx):
        hint("pushsvc.deliver.normal")


@celery.task(name="pushsvc.events")
def events() -> None:
    """Draft campaigns for what happened to policies; standing rules start the routine ones."""
    pulse.at = time.monotonic()
    ctx, _ = equipment()
    pass_events(ctx)


@celery.task(name="pushsvc.sweep")
def sweep_all() -> None:
    """Put back, settle, release, match."""
    pulse.at = time.monotonic()
    sweep(*equipment())


@celery.task(name="pushsvc.mailbox")
def mailbox() -> None:
    """Read what came back by mail, where there is a mailbox; the sweep matches it."""
    ctx, _ = equipment()
    if not ctx.settings.mailbox_url:
        return
    from pushsvc.pipeline.returned import ROUND, read_mailbox

    until = time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < until:
        pulse.at = time.monotonic()
        found = alone("reading the mailbox", lambda: read_mailbox(ctx), None)
        if found is None or sum(found.mails.values()) < ROUND:
            break


@celery.task(name="pushsvc.night")
def night() -> None:
    """Stages anew, ages reached, certificates about to lapse: once a night, in pieces; sign-ins that are over go, and
    the audit log is sealed."""
    pulse.at = time.monotonic()
    ctx, _ = equipment()
    pass_night(ctx)
    forget_erased(ctx)
    forget_old(ctx)
    alone("sealing the audit log", lambda: audit_chain.seal(ctx), False)


@celery.task(name="pushsvc.snapshot")
def snapshot() -> None:
    """Publish the profiles anew where that is due: in a process of its own, since it may take minutes."""
    ctx, _ = equipment()
    forget_changes(ctx)
    if (_publishing and _publishing[-1].poll() is None) or not is_due(ctx):
        return
    urls = {"PUSHSVC_DATABASE_URL": ctx.settings.database_url, "PUSHSVC_REDIS_URL": ctx.settings.redis_url}
    known = {name: url for name, url in urls.items() if url}
    command = [sys.executable, "-m", "pushsvc", "snapshot", "publish", "--json"]
    _publishing[:] = [subprocess.Popen(command, env=os.environ | known, stdout=subprocess.DEVNULL)]


_publishing: list[subprocess.Popen[bytes]] = []  # the one that this process started last


def _every(name: str) -> float:
    """Seconds between two hints of beat."""
    minutely = dict.fromkeys(("pushsvc.night", "pushsvc.snapshot", "pushsvc.events", "pushsvc.mailbox"), 60.0)
    return {"pushsvc.sweep": 2.0, **minutely}.get(name, 1.0)
