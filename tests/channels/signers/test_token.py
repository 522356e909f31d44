"""The keeper: one fetches, all use; early, once for all who wait, and never a token that was refused."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.signers.token import BUSY, EARLY, FORCED_AGAIN, MemoryStore, NoToken, Token, TokenKeeper
from tests.clock import Clock

NAME = "wechat:app"
LASTS = timedelta(hours=2)


class Vendor:
    """Gives tokens t1, t2, … for two hours; the same again unless it is forced or the last one is nearly over."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: list[bool] = []
        self.made = 0
        self.until = clock.now
        self.wrong: NoToken | None = None
        self.hold: asyncio.Event | None = None

    async def __call__(self, force: bool) -> Token | NoToken:
        """What the keeper is told."""
        self.asked.append(force)
        await asyncio.sleep(0)  # others may come meanwhile
        if self.hold is not None:
            await self.hold.wait()
        if self.wrong is not None:
            return self.wrong
        if force or self.clock.now >= self.until - EARLY:
            self.made += 1
            self.until = self.clock.now + LASTS
        return Token(f"t{self.made}", self.until)


@pytest.fixture
def vendor(clock: Clock) -> Vendor:
    """A vendor."""
    return Vendor(clock)


def keeper(vendor: Vendor, store: MemoryStore) -> TokenKeeper:
    """One process's keeper."""
    return TokenKeeper(NAME, store=store, fetch=vendor, clock=vendor.clock)


def test_it_is_fetched_once_and_again_five_minutes_early(vendor: Vendor, runner: asyncio.Runner) -> None:
    one = keeper(vendor, MemoryStore())
    assert [runner.run(one.token()) for _ in range(3)] == ["t1"] * 3
    vendor.clock.forward(minutes=114, seconds=59)
    assert runner.run(one.token()) == "t1"
    assert len(vendor.asked) == 1
    vendor.clock.forward(seconds=1)
    assert runner.run(one.token()) == "t2"
    assert vendor.asked == [False, False]


def test_many_who_wait_at_once_fetch_once(vendor: Vendor) -> None:
    one = keeper(vendor, MemoryStore())

    async def many() -> list[str | NoToken]:
        return list(await asyncio.gather(*(one.token() for _ in range(20))))

    assert asyncio.run(many()) == ["t1"] * 20
    assert len(vendor.asked) == 1
    assert asyncio.run(many()) == ["t1"] * 20  # on another loop too


def test_who_waits_behind_a_failure_does_not_ask_again(vendor: Vendor) -> None:
    vendor.wrong = NoToken("token_read_timeout")
    one = keeper(vendor, MemoryStore())

    async def many() -> list[str | NoToken]:
        return list(await asyncio.gather(*(one.token() for _ in range(20))))

    assert asyncio.run(many()) == [vendor.wrong] * 20
    assert len(vendor.asked) == 1
    vendor.wrong = None
    assert asyncio.run(one.token()) == "t1"


def test_processes_share_it_through_the_store(vendor: Vendor, runner: asyncio.Runner) -> None:
    store = MemoryStore()
    first, second = keeper(vendor, store), keeper(vendor, store)
    assert [runner.run(first.token()), runner.run(second.token())] == ["t1"] * 2
    assert len(vendor.asked) == 1


def test_only_who_holds_the_lock_fetches(vendor: Vendor) -> None:
    store = MemoryStore()
    first, second = keeper(vendor, store), keeper(vendor, store)

    async def both() -> list[str | NoToken]:
        vendor.hold = asyncio.Event()
        early = asyncio.create_task(first.token())
        await asyncio.sleep(0)
        late = await second.token()
        vendor.hold.set()
        return [await early, late, await second.token()]

    assert asyncio.run(both()) == ["t1", NoToken(BUSY, 1.0), "t1"]
    assert len(vendor.asked) == 1


def test_the_old_one_serves_while_another_process_fetches(vendor: Vendor, runner: asyncio.Runner) -> None:
    store = MemoryStore()
    one = keeper(vendor, store)
    runner.run(one.token())
    vendor.clock.forward(minutes=116)
    with store.lock(NAME):
        assert runner.run(one.token()) == "t1"
        vendor.clock.forward(minutes=4)
        assert runner.run(one.token()) == NoToken(BUSY, 1.0)
    assert len(vendor.asked) == 1


def test_the_old_one_serves_while_the_vendor_fails(vendor: Vendor, runner: asyncio.Runner) -> None:
    one = keeper(vendor, MemoryStore())
    runner.run(one.token())
    vendor.wrong = NoToken("-1")
    vendor.clock.forward(minutes=117)
    assert runner.run(one.token()) == "t1"
    vendor.clock.forward(minutes=3)
    assert runner.run(one.token()) == NoToken("-1")


def test_a_refused_one_is_replaced_by_what_somebody_else_already_has(vendor: Vendor, runner: asyncio.Runner) -> None:
    store = MemoryStore()
    one = keeper(vendor, store)
    runner.run(one.token())
    store.put(NAME, Token("t9", vendor.clock.now + LASTS))
    assert runner.run(one.token(failed="t1")) == "t9"
    assert len(vendor.asked) == 1


def test_a_refused_one_is_forced_only_if_the_vendor_still_gives_it(vendor: Vendor, runner: asyncio.Runner) -> None:
    one = keeper(vendor, MemoryStore())
    runner.run(one.token())
    vendor.made, vendor.until = 5, vendor.clock.now + LASTS  # somebody else forced it
    assert runner.run(one.token(failed="t1")) == "t5"
    assert vendor.asked == [False, False]
    assert runner.run(one.token(failed="t5")) == "t6"
    assert vendor.asked == [False, False, False, True]


def test_it_is_forced_once_in_two_hours(vendor: Vendor, runner: asyncio.Runner) -> None:
    """WeChat allows twenty a day."""
    one = keeper(vendor, MemoryStore())
    token = str(runner.run(one.token()))
    for _ in range(5):
        token = str(runner.run(one.token(failed=token)))
    assert vendor.asked.count(True) == 1
    vendor.clock.forward(seconds=FORCED_AGAIN.total_seconds())
    token = str(runner.run(one.token()))
    runner.run(one.token(failed=token))
    assert vendor.asked.count(True) == 2


@given(st.lists(st.floats(0, 8000), max_size=12))
def test_whoever_asks_has_one_that_lasts(steps: list[float]) -> None:
    vendor = Vendor(Clock(datetime(2026, 6, 24, 1, 30, tzinfo=UTC)))
    store = MemoryStore()
    one = keeper(vendor, store)
    for seconds in steps:
        vendor.clock.forward(seconds=seconds)
        assert asyncio.run(one.token()) == f"t{vendor.made}"
        assert vendor.clock.now < vendor.until - EARLY
    assert True not in vendor.asked
