"""The watch and the hints: a frozen worker ends itself, and a lost hint costs nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pushsvc import tasks
from pushsvc.settings import Settings
from pushsvc.worker_watch import is_stuck


@pytest.mark.parametrize(
    ("due_since", "idle", "stuck"),
    [(61, 61, True), (61, 59, False), (59, 61, False), (0, 1000, False), (60, 60, False)],
)
def test_a_worker_is_stuck_when_work_waits_and_nothing_is_claimed(due_since: float, idle: float, stuck: bool) -> None:
    assert is_stuck(due_since=due_since, idle=idle) is stuck


def test_every_lane_has_a_task_and_every_task_a_queue() -> None:
    assert {f"pushsvc.deliver.{lane}" for lane in tasks.LANES} <= set(tasks.QUEUES)
    assert set(tasks.QUEUES) <= set(tasks.celery.tasks)


def test_a_hint_to_a_broker_that_is_away_is_forgotten(settings: Settings) -> None:
    tasks.configure(replace(settings, broker_url="redis://127.0.0.1:1/0"))
    assert tasks.hint("pushsvc.deliver.normal") is False
