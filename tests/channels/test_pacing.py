"""Token buckets: never faster than the rate, never stuck, and alone when Redis is gone."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from channels.pacing import Level, MemoryPace, Rate, RedisPace, take

RATE = Rate(per_second=10, burst=20)
STEPS = st.lists(st.tuples(st.floats(0, 10), st.integers(1, 50)), min_size=1, max_size=60)


@given(STEPS)
def test_no_window_lets_more_through_than_rate_and_burst(steps: list[tuple[float, int]]) -> None:
    level, now, taken = None, 0.0, []
    for pause, wanted in steps:
        now += pause
        level, wait = take(level, wanted, now=now, rate=RATE)
        if wait == 0:
            taken.append((now, wanted))
    for start in range(len(taken)):
        for end in range(start, len(taken)):
            let_through = sum(wanted for _, wanted in taken[start:end])  # the last one may go into debt
            assert let_through <= RATE.burst + RATE.per_second * (taken[end][0] - taken[start][0]) + 1e-6


@given(STEPS)
def test_who_waits_as_long_as_told_gets_it(steps: list[tuple[float, int]]) -> None:
    level: Level | None = None
    now = 0.0
    for pause, wanted in steps:
        now += pause
        level, wait = take(level, wanted, now=now, rate=RATE)
        if wait:
            now += wait + 1e-6
            level, wait = take(level, wanted, now=now, rate=RATE)
        assert wait == 0


def test_a_batch_above_the_burst_is_slowed_not_stuck() -> None:
    level, wait = take(None, 500, now=0.0, rate=RATE)
    assert (level.tokens, wait) == (-480, 0)
    assert take(level, 1, now=0.0, rate=RATE)[1] == pytest.approx(48.1)


def test_a_clock_that_went_back_adds_nothing() -> None:
    level, _ = take(None, 20, now=100.0, rate=RATE)
    assert take(level, 1, now=50.0, rate=RATE)[1] > 0


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (1, 0), (-1, 5), (float("nan"), 1)])
def test_a_rate_must_let_something_through(per_second: float, burst: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Rate(per_second, burst)


def test_a_bucket_in_memory_follows_its_clock() -> None:
    seconds = iter([0.0, 0.0, 2.0])
    pace = MemoryPace(RATE, lambda: next(seconds))
    assert [pace.take(20), pace.take(20), pace.take(20)] == [0.0, 2.0, 0.0]


def pace_on(client: Any, name: str = "sms") -> RedisPace:
    slow = Rate(per_second=0.001, burst=20)
    return RedisPace(client, name, rate=slow, instead=MemoryPace(slow, lambda: 0.0))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_workers_share_a_bucket_in_redis_and_a_flush_only_fills_it(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    one, two = pace_on(client), pace_on(client)
    assert one.take(15) == 0
    assert two.take(15) == pytest.approx(10_000, rel=0.01)
    assert pace_on(client, "email").take(15) == 0
    assert 0 < client.pttl("pace:sms") <= 15_000_000 + 60_000
    client.flushdb()
    assert two.take(15) == 0
    client.close()


def test_without_redis_each_worker_paces_alone() -> None:
    class Gone:
        def eval(self, script: str, numkeys: int, *keys_and_args: Any) -> Any:
            raise ConnectionError

    pace = pace_on(Gone())
    assert pace.take(20) == 0
    assert pace.take(20) > 0
