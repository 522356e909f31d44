"""A message to several devices: one outcome by a written rule, and no device is pushed to twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import AfterUnknown, Batch, Message, Outcome, Receipt
from channels.fan_out import PUSH_UNKNOWN, Said, fate, pushes, read_receipts, spread
from tests.channels.devices import DEAD, LATER, NO, SILENT, TOOK, Registry, Vendor
from tests.clock import Clock

ANSWERS = [(TOOK, True), (LATER, False), (DEAD, False), (NO, False), (SILENT, True), (SILENT, False)]
NOON = datetime(2026, 6, 24, 4, tzinfo=UTC)
PLATFORMS = {"jpush": "jpush", "wechat": "wechat_mp", "webhook": "webhook"}
PROMISES: dict[str, AfterUnknown] = {"jpush": "repeat", "wechat": "settle", "webhook": "repeat"}


def batch(clock: Clock, *keys: str, recipient: int = 1) -> Batch:
    messages = tuple(Message(key, "", text="您有一条新政策", recipient=recipient) for key in keys)
    return Batch("batch", messages, clock() + timedelta(minutes=5))


async def attempt(registry: Registry, vendors: dict[str, Vendor], one: Batch) -> dict[int, list[Said]]:
    reach = registry.reach(vendors)
    return await spread(reach, one, pushes(reach, list(enumerate(one.messages))))


@given(
    st.lists(st.sampled_from(sorted(PLATFORMS)), min_size=1, max_size=4),
    st.lists(st.lists(st.sampled_from(ANSWERS), min_size=4, max_size=4), min_size=1, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_however_often_it_is_repeated_no_device_is_pushed_to_twice(
    platforms: list[str], rounds: list[list[tuple[Outcome, bool]]], died: list[bool]
) -> None:
    """Attempts follow each other as the service makes them: after what is unknown, put off, or lost with its worker."""
    registry = Registry({1: [(platform, f"token-{n}", n) for n, platform in enumerate(platforms, start=1)]})
    told = {"now": rounds[0]}
    vendors = {
        name: Vendor(
            lambda message: told["now"][int(message.to[6:]) - 1], after_unknown=PROMISES[name], provider=provider
        )
        for name, provider in PLATFORMS.items()
    }
    ended = None
    for answers, worker_died in zip(rounds, died, strict=False):
        told["now"] = answers
        said = asyncio.run(attempt(registry, vendors, batch(Clock(NOON), "k")))
        outcome = fate(None, said.get(0, []))
        if not worker_died and outcome.status in ("accepted", "rejected"):
            ended = outcome
            break
    shown = Counter(token for vendor in vendors.values() for _, token in vendor.shown)
    assert all(n == 1 for n in shown.values()), shown
    if ended is not None and ended.code == "inbox_only":
        asked = [answer for n, answer in enumerate(told["now"][: len(platforms)], 1) if n not in registry.dropped]
        assert (TOOK, True) not in asked


@given(
    st.one_of(st.none(), st.sampled_from([TOOK, LATER, NO, SILENT])),
    st.lists(st.tuples(st.sampled_from([TOOK, LATER, DEAD, NO, SILENT]), st.booleans()), max_size=4),
)
def test_the_rule_of_one_outcome(own: Outcome | None, others: list[tuple[Outcome, bool]]) -> None:
    said = [Said("wechat_mp", outcome, again) for outcome, again in others]
    found = fate(own, said)
    statuses = {one.outcome.status for one in said} | ({own.status} if own else set())
    safely = {one.outcome.status for one in said if one.again} | ({own.status} if own else set())
    if "accepted" in statuses:
        assert (found.status, found.code) == ("accepted", "")
    elif "unknown" in safely:
        assert found.status == "unknown"
    elif "deferred" in statuses:
        assert found.status == "deferred"
    elif "unknown" in statuses:
        assert found == Outcome("accepted", PUSH_UNKNOWN)
    else:
        assert found == (own if own is not None else Outcome("accepted", "inbox_only"))


def test_a_vendors_code_stands_under_its_name_and_the_gateways_alone() -> None:
    assert fate(None, [Said("jpush", LATER, again=False)]) == LATER._replace(code="jpush:busy")
    assert fate(LATER, [Said("jpush", SILENT, again=False)]) == LATER
    assert fate(None, [Said("jpush", TOOK, again=False)]) == TOOK


def test_each_device_has_a_key_of_its_own_and_the_vendors_own_batches(clock: Clock) -> None:
    registry = Registry({1: [("webhook", "a", 7), ("webhook", "b", 8), ("wechat", "c", 9)], 2: [("web", "x", 3)]})
    vendors = {"webhook": Vendor(provider="webhook", batch_size=1), "wechat": Vendor(after_unknown="settle")}
    said = asyncio.run(attempt(registry, vendors, batch(clock, "k")))
    assert [one.outcome.status for one in said[0]] == ["accepted"] * 3
    assert vendors["webhook"].shown == [("k-d7", "a"), ("k-d8", "b")]
    assert vendors["wechat"].shown == [("k-d9", "c")]
    assert [one.key for one in vendors["webhook"].batches] == ["batch:webhook0", "batch:webhook1"]
    assert asyncio.run(attempt(registry, vendors, batch(clock, "k", recipient=2))) == {}  # no vendor for its platform


def test_what_a_vendor_calls_dead_is_dropped_and_what_it_refuses_is_not(clock: Clock) -> None:
    registry = Registry({1: [("wechat", "a", 1), ("wechat", "b", 2)]})
    vendor = Vendor(lambda message: ({"a": DEAD, "b": NO}[message.to], False), after_unknown="settle")
    asyncio.run(attempt(registry, {"wechat": vendor}, batch(clock, "k")))
    assert registry.dropped == {1: "43004"}


def test_a_claim_is_given_back_only_where_nothing_left(clock: Clock) -> None:
    registry = Registry({1: [("wechat", "a", 1), ("wechat", "b", 2), ("webhook", "c", 3)]})
    said = {"a": LATER, "b": SILENT, "c": LATER}
    vendors = {
        "wechat": Vendor(lambda message: (said[message.to], False), after_unknown="settle"),
        "webhook": Vendor(lambda message: (said[message.to], False), provider="webhook"),
    }
    asyncio.run(attempt(registry, vendors, batch(clock, "k")))
    assert registry.claims == {("k", 2)}
    asyncio.run(attempt(registry, vendors, batch(clock, "k")))
    assert [message.to for message in vendors["wechat"].batches[1].messages] == ["a"]


def test_what_cannot_be_claimed_is_not_pushed(clock: Clock) -> None:
    registry = Registry({1: [("wechat", "a", 1), ("webhook", "c", 3)]})
    registry.claim = broken  # type: ignore[method-assign]  # the database went away
    vendors = {"wechat": Vendor(after_unknown="settle"), "webhook": Vendor(lambda message: (DEAD, False))}
    registry.drop = broken  # type: ignore[method-assign]  # and is still away
    said = asyncio.run(attempt(registry, vendors, batch(clock, "k")))
    assert vendors["wechat"].batches == []
    assert fate(None, said[0]) == Outcome("deferred", "wechat_mp:claim_OSError")


def test_a_short_answer_is_unknown(clock: Clock) -> None:
    class Mute(Vendor):
        async def send(self, batch: Batch) -> list[Outcome]:
            return []

    said = asyncio.run(attempt(Registry({1: [("wechat", "a", 1)]}), {"wechat": Mute()}, batch(clock, "k")))
    assert [one.outcome for one in said[0]] == [Outcome("unknown", "no_answer")]


@pytest.mark.parametrize(
    ("one", "kept", "dropped"),
    [
        (Receipt("k-d1", "delivered", "0", {}), [Receipt("k", "delivered", "0", {})], {}),
        (Receipt("k-d1", "bounced", "43004", {}), [], {1: "43004"}),
        (Receipt("k-d1", "rejected", "47003", {}), [], {}),  # the message's fault, not the device's
        (Receipt("k-d1", "bounced", "43004", {}, soft=True), [], {}),
        (Receipt("k-d3", "bounced", "43004", {}), [], {}),  # another platform's device
        (Receipt("", "rejected", "43101", {}, to="a", provider_id="7"), [], {1: "43101"}),
        (Receipt("", "rejected", "43101", {}, to="who", provider_id="7"), [], {}),
        (
            Receipt("", "delivered", "0", {}, to="a", provider_id="7"),
            [Receipt("", "delivered", "0", {}, to="a", provider_id="7")],
            {},
        ),
    ],
)
def test_bad_news_is_of_the_device_and_good_news_of_the_message(
    one: Receipt, kept: list[Receipt], dropped: dict[int, str]
) -> None:
    registry = Registry({1: [("wechat", "a", 1), ("webhook", "c", 3)]})
    vendor = Vendor(after_unknown="settle")
    assert read_receipts(registry.reach({"wechat": vendor}), "wechat", vendor, [one]) == kept
    assert registry.dropped == dropped


def broken(*_: object) -> None:
    raise OSError("gone")
