"""Token buckets: never faster than the rate, never stuck, and alone when Redis is gone."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from channels.pacing import PATIENCE, UNSEEN, Level, MemoryPace, Rate, RedisPace, share, take

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
    seconds = iter([0.0, 0.0, 0.1])
    pace = MemoryPace(RATE, lambda: next(seconds))
    assert [pace.take(20), pace.take(20), pace.take(20)] == [0.0, 0.1, 0.0]


def test_many_who_take_more_than_they_need_and_give_it_back_do_not_wait_for_each_other() -> None:
    pace = MemoryPace(RATE, lambda: 0.0)
    assert [(pace.take(500), pace.take(-499)) for _ in range(20)] == [(0.0, 0.0)] * 20
    assert pace.take(500) == pytest.approx(0.1)


@given(STEPS, st.integers(0, 500))
def test_what_is_given_back_can_be_taken_again_and_never_fills_above_the_burst(
    steps: list[tuple[float, int]], n: int
) -> None:
    level, now = None, 0.0
    for pause, wanted in steps:
        now += pause
        level, _ = take(level, wanted, now=now, rate=RATE)
    assert level is not None
    back, wait = take(level, -n, now=now, rate=RATE)
    assert wait == 0
    assert back.tokens == pytest.approx(min(RATE.burst, level.tokens + n))


@given(st.integers(1, 50))
def test_the_parts_of_a_rate_make_the_whole(sharers: int) -> None:
    part = share(RATE, sharers)
    assert part.per_second * sharers == pytest.approx(RATE.per_second)
    assert part.burst * sharers == pytest.approx(RATE.burst)


SLOW = Rate(per_second=0.001, burst=20)


def pace_on(client: Any, name: str = "sms", *, worker: str = "one", clock: Any = lambda: 0.0) -> RedisPace:
    return RedisPace(client, name, rate=SLOW, worker=worker, clock=clock)


class Cut:
    """A Redis that may be cut off, and counts how often it was asked."""

    def __init__(self, client: Any = None) -> None:
        self.client = client
        self.asked = 0

    def eval(self, script: str, numkeys: int, *keys_and_args: Any) -> Any:
        self.asked += 1
        if self.client is None:
            raise ConnectionError
        return self.client.eval(script, numkeys, *keys_and_args)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_workers_share_a_bucket_in_redis_and_a_flush_costs_a_burst_at_most(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    one, two = pace_on(client), pace_on(client, worker="two")
    assert one.take(15) == 0
    assert two.take(15) == 0  # into debt
    assert one.take(1) == pytest.approx(11_000, rel=0.01)
    assert pace_on(client, "campaign:7").take(15) == 0
    assert 0 < client.pttl("pace:sms") <= 30_000_000 + 60_000
    client.flushdb()
    taken = [pace.take(5) == 0 for pace in (one, two) for _ in range(20)]
    assert sum(taken) * 5 == SLOW.burst
    client.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tokens_given_back_are_there_for_the_other_worker(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    one, two = pace_on(client), pace_on(client, worker="two")
    assert one.take(20) == 0
    assert one.take(-15) == 0
    assert (two.take(15), two.take(15) > 0) == (0, True)
    client.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_when_redis_goes_each_worker_takes_its_part(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    cuts = [Cut(client) for _ in range(2)]
    paces = [pace_on(cut, worker=str(i)) for i, cut in enumerate(cuts)]
    for pace in paces * 2:
        pace.take(10)
    for cut in cuts:
        cut.client = None
    taken = [pace.take(2) == 0 for pace in paces for _ in range(20)]
    assert sum(taken) * 2 == SLOW.burst  # both together one burst, no more
    client.close()


def test_without_redis_a_worker_takes_it_that_others_do_too() -> None:
    pace = pace_on(Cut())
    assert pace.take(SLOW.burst / UNSEEN) == 0
    assert pace.take(1) > 0


def test_a_redis_that_failed_is_not_asked_at_every_claim() -> None:
    seconds = [0.0]
    cut = Cut()
    pace = pace_on(cut, clock=lambda: seconds[0])
    for _ in range(10):
        pace.take(1)
    assert cut.asked == 1
    seconds[0] = PATIENCE
    pace.take(1)
    assert cut.asked == 2
