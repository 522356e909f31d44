"""Failover: traffic leaves a provider that fails, probes it, and drifts back; nothing is lost, no SMS moves unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import func, insert, select

from channels.base import Message, Outcome
from channels.memory import MemoryChannel
from channels.routing import draws_probe
from pushsvc.context import Context
from pushsvc.pipeline import providers
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.outside import open_channels
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.routing import Routes, must_ask
from pushsvc.pipeline.sweep import sweep
from pushsvc.store import audit, tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import send_to
from tests.pipeline.test_deliver import states

PROBES = next(token for token in range(100) if draws_probe(token, others=True))
URLS = "main=http://127.0.0.1:1;weight=80 reserve=http://127.0.0.1:2;weight=20"


@pytest.fixture
def two(ctx: Context) -> Context:
    """A context with two SMS providers, and slices of one message."""
    given = {"sms_url": URLS, "gateway_keys": "main=one reserve=two", "gateway_key": b"key", "slice_size": 1}
    return replace(ctx, settings=replace(ctx.settings, **given))


class Failing:
    """A provider's answer: bad until it is mended."""

    def __init__(self, clock: Clock, outcome: Outcome) -> None:
        self.clock = clock
        self.outcome = outcome
        self.bad_until = clock()

    def __call__(self, message: Message) -> Outcome:
        return self.outcome if self.clock() < self.bad_until else Outcome("accepted")


@pytest.fixture
def failing(clock: Clock) -> Failing:
    """What main answers."""
    return Failing(clock, Outcome("deferred", "http_503"))


@pytest.fixture
def gateways(clock: Clock, failing: Failing) -> dict[str, MemoryChannel]:
    """Both SMS providers."""
    return {
        "main": MemoryChannel("sms", clock=clock, answer=failing),
        "reserve": MemoryChannel("sms", clock=clock),
    }


@pytest.fixture
def worker(two: Context, gateways: dict[str, MemoryChannel], runner: Callable[..., object]) -> Sender:
    """A worker that routes, by tokens that are the same in each run."""
    routes, tokens = Routes(two, two.settings.offers()), count()
    return Sender(gateways, runner, "test", pick=lambda channel, _, *lane: routes.pick(channel, next(tokens), *lane))


def state_of(ctx: Context, name: str) -> str:
    """What people would see."""
    return next(one.state for one in providers.list_providers(ctx) if one.name == name)


def acts(ctx: Context, name: str) -> list[tuple[str, str]]:
    """Who did what to a provider, oldest first."""
    with transaction(ctx.engine) as conn:
        return [(row["actor"], row["action"]) for row in audit.recent(conn, object=f"provider:{name}")][::-1]


def called(ctx: Context, route: str, at: datetime, *, troubled: int = 0, n: int = 1, seconds: float = 0.1) -> None:
    """Finished attempts of ten messages, one a second, the last at `at`."""
    with transaction(ctx.engine) as conn:
        run = conn.execute(
            insert(tables.run).values(kind="system", key=f"{route}{at}", created_at=at).returning(tables.run.c.id)
        ).scalar_one()
        piece = {"run_id": run, "channel": "sms", "lane": "bulk", "due_at": at, "state": "done"}
        slice_id = conn.execute(insert(tables.slice_).values(piece).returning(tables.slice_.c.id)).scalar_one()
        same = {"slice_id": slice_id, "provider": "memory", "route": route, "members": 10, "troubled": troubled}
        rows = []
        for i in range(n):
            start = at - timedelta(seconds=i)
            times = {"started_at": start, "expires_at": start, "finished_at": start + timedelta(seconds=seconds)}
            rows.append(same | times | {"batch_key": f"{route}-{at}-{i}"})
        conn.execute(insert(tables.attempt), rows)


def test_traffic_leaves_a_provider_that_fails_probes_it_and_drifts_back(
    two: Context, worker: Sender, gateways: dict[str, MemoryChannel], failing: Failing, clock: Clock
) -> None:
    plan(two, send_to(two, 120).campaign_id)
    main, reserve = gateways["main"], gateways["reserve"]

    def minutes(n: int) -> tuple[int, int]:
        """Batches of main and of reserve in so many minutes, a slice every ten seconds."""
        before = len(main.batches), len(reserve.batches)
        for _ in range(6 * n):
            deliver_next(two, worker, "normal")
            clock.forward(seconds=10)
        return len(main.batches) - before[0], len(reserve.batches) - before[1]

    healthy = minutes(2)
    assert healthy[0] > healthy[1]
    failing.bad_until = clock() + timedelta(minutes=5)
    minutes(3)
    assert state_of(two, "main") in ("open", "half_open")
    probes, sent = minutes(2)  # all but probes, which leave a minute to each other, go by the other
    assert probes <= 3 < sent
    minutes(3)
    assert state_of(two, "main") == "drifting"
    assert next(one.share for one in providers.list_providers(two) if one.name == "main") < 0.8
    clock.forward(minutes=10)
    back = minutes(2)
    assert state_of(two, "main") == "on"
    assert back[0] > back[1]
    assert {"provider.open", "provider.close"} == {action for _, action in acts(two, "main")}
    for _ in range(2):
        while deliver_next(two, worker, "normal"):
            pass
        clock.forward(hours=2)
    assert states(two) == {"accepted": 120}
    keys = [message.key for channel in gateways.values() for message in channel.sent]
    assert len(keys) == len(set(keys)) == 120


def test_an_unknown_sms_is_asked_where_it_went_and_never_sent_by_another(
    two: Context, worker: Sender, gateways: dict[str, MemoryChannel], failing: Failing, clock: Clock
) -> None:
    failing.outcome = Outcome("unknown", "read_timeout")
    failing.bad_until = clock() + timedelta(days=1)
    plan(two, send_to(two, 30).campaign_id)
    while deliver_next(two, worker, "normal"):
        pass
    stuck = states(two)["unknown"]
    assert stuck >= 5
    clock.forward(minutes=5)
    alone = replace(worker, channels={"reserve": gateways["reserve"]})
    sweep(two, alone)  # main was removed from the settings
    assert states(two)["unknown"] == stuck
    listed = {one.name: one.unknown for one in providers.list_providers(two)}
    assert listed["main"] == stuck
    assert len(gateways["reserve"].sent) == 30 - stuck


def test_what_main_denies_having_seen_may_go_by_the_other(
    two: Context, worker: Sender, gateways: dict[str, MemoryChannel], failing: Failing, clock: Clock
) -> None:
    failing.outcome = Outcome("unknown", "read_timeout")
    failing.bad_until = clock() + timedelta(days=1)
    plan(two, send_to(two, 10).campaign_id)
    for _ in range(40):
        while deliver_next(two, worker, "normal"):
            pass
        clock.forward(minutes=1)
        sweep(two, worker)
    assert states(two) == {"accepted": 10}
    assert len({message.key for message in gateways["reserve"].sent}) == 10


def test_when_all_are_paused_nothing_is_claimed_and_nothing_lost(two: Context, worker: Sender, clock: Clock) -> None:
    plan(two, send_to(two, 3).campaign_id)
    for name in ("main", "reserve"):
        providers.pause(two, name, by="李萌", reason="合同到期")
    assert not deliver_next(two, worker, "normal")
    assert states(two) == {"planned": 3}
    with transaction(two.engine) as conn:
        assert conn.execute(select(func.sum(tables.slice_.c.attempts))).scalar_one() == 0
    providers.resume(two, "main", by="李萌")
    clock.forward(seconds=1)
    while deliver_next(two, worker, "normal"):
        pass
    assert states(two) == {"accepted": 3}
    assert acts(two, "main") == [("李萌", "provider.pause"), ("李萌", "provider.resume")]


def test_what_a_person_paused_the_breaker_neither_opens_nor_closes(two: Context, clock: Clock) -> None:
    providers.pause(two, "main", by="李萌", reason="合同到期")
    called(two, "main", clock(), troubled=10, n=10)
    assert Routes(two, two.settings.offers()).pick("sms", 1) == "reserve"
    assert state_of(two, "main") == "paused"


def test_two_workers_agree_and_one_of_them_writes(two: Context, clock: Clock) -> None:
    workers = [Routes(two, two.settings.offers()) for _ in range(2)]
    for routes in workers:
        routes.pick("sms", 1)
    called(two, "main", clock(), troubled=10, n=10)
    clock.forward(seconds=2)
    assert [routes.pick("sms", 1) for routes in workers] == ["reserve", "reserve"]
    assert acts(two, "main") == [("breaker", "provider.open")]


def test_one_worker_wins_the_probe(two: Context, clock: Clock) -> None:
    called(two, "main", clock(), troubled=10, n=10)
    workers = [Routes(two, two.settings.offers()) for _ in range(3)]
    for routes in workers:
        routes.pick("sms", 1)
    clock.forward(seconds=11)
    drawn = [routes.pick("sms", PROBES) for routes in workers]
    assert sorted(name for name in drawn if name) == ["main", "reserve", "reserve"]
    clock.forward(seconds=0.5)
    assert {routes.pick("sms", PROBES) for routes in workers} == {"reserve"}


def test_an_urgent_slice_is_no_probe_while_another_provider_is_on(two: Context, clock: Clock) -> None:
    called(two, "main", clock(), troubled=10, n=10)
    routes = Routes(two, two.settings.offers())
    routes.pick("sms", 1)
    clock.forward(seconds=11)
    assert {routes.pick("sms", token, "urgent") for token in range(100)} == {"reserve"}
    assert routes.pick("sms", PROBES, "bulk") == "main"


def test_an_urgent_slice_probes_where_nothing_else_is_left(two: Context, clock: Clock) -> None:
    called(two, "main", clock(), troubled=10, n=10)
    providers.pause(two, "reserve", by="李萌", reason="合同到期")
    routes = Routes(two, two.settings.offers())
    assert routes.pick("sms", 1, "urgent") is None
    clock.forward(seconds=11)
    assert routes.pick("sms", 1, "urgent") == "main"


def test_a_failed_probe_leaves_it_open_and_a_good_one_closes_it(two: Context, clock: Clock) -> None:
    called(two, "main", clock(), troubled=10, n=10)
    routes = Routes(two, two.settings.offers())
    routes.pick("sms", 1)
    clock.forward(seconds=11)
    assert routes.pick("sms", PROBES) == "main"
    called(two, "main", clock(), troubled=10)
    clock.forward(seconds=2)
    routes.pick("sms", 1)
    assert state_of(two, "main") == "open"
    clock.forward(seconds=30)
    assert routes.pick("sms", PROBES) == "main"
    called(two, "main", clock())
    clock.forward(seconds=2)
    routes.pick("sms", 1)
    assert state_of(two, "main") == "drifting"
    clock.forward(minutes=9)
    assert state_of(two, "main") == "on"


def test_a_channels_only_provider_rests_too_and_its_slices_wait(ctx: Context, clock: Clock) -> None:
    called(ctx, "sms", clock(), troubled=10, n=10)
    routes = Routes(ctx, ctx.settings.offers())
    assert routes.pick("sms", 1) is None
    assert routes.pick("email", 1) == "email"
    clock.forward(seconds=11)
    assert routes.pick("sms", 1) == "sms"


def test_dead_numbers_open_no_breaker(two: Context, worker: Sender, failing: Failing, clock: Clock) -> None:
    failing.outcome = Outcome("rejected", "bad_address")
    failing.bad_until = clock() + timedelta(days=1)
    plan(two, send_to(two, 30).campaign_id)
    while deliver_next(two, worker, "normal"):
        clock.forward(seconds=1)
    assert state_of(two, "main") == "on"
    assert states(two)["rejected"] > 10


def test_what_stands_is_read_once_a_second_at_most(two: Context, clock: Clock) -> None:
    routes = Routes(two, two.settings.offers())
    routes.pick("sms", 1)
    providers.pause(two, "reserve", by="李萌", reason="合同到期")
    drawn = {routes.pick("sms", token) for token in range(50)}
    assert drawn == {"main", "reserve"}
    clock.forward(seconds=1)
    assert {routes.pick("sms", token) for token in range(50)} == {"main"}
    providers.resume(two, "reserve", by="李萌")
    clock.forward(hours=-3)  # a clock that stepped back is no reason to stay blind
    assert {routes.pick("sms", token) for token in range(50)} == {"main", "reserve"}


def test_a_repeat_goes_only_where_the_key_was_seen(clock: Clock) -> None:
    one = {"app": MemoryChannel("app", after_unknown="repeat"), "sms": MemoryChannel("sms")}
    assert [must_ask(one, route) for route in one] == [False, True]
    several = one | {"second": MemoryChannel("app", after_unknown="repeat")}
    assert [must_ask(several, route) for route in several] == [True, True, True]
    mail = {name: MemoryChannel("email", after_unknown="accept_duplicate") for name in ("one", "two")}
    assert not must_ask(mail, "one")


def test_every_provider_of_the_settings_is_opened_under_its_name(two: Context) -> None:
    found = open_channels(two)
    assert {route: channel.name for route, channel in found.items()} == {
        "email": "email",
        "main": "sms",
        "reserve": "sms",
        "app": "app",
    }
