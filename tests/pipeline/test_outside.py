"""A worker's outside: tokens of a provider and of a campaign are taken together, and shared by all workers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import redis

from channels.app import AppChannel
from channels.base import ChannelError
from channels.fan_out import Reach
from pushsvc.context import Context
from pushsvc.pipeline.outside import make_allowance, open_channels

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def slow(ctx: Context, **given: Any) -> Context:
    """A context whose providers give one token in a thousand seconds, and one at once."""
    return replace(ctx, settings=replace(ctx.settings, rate_per_second=0.001, slice_size=10, **given))


def stopped() -> float:
    """A clock that stands still."""
    return 0.0


def test_each_provider_has_a_bucket_of_its_own_rate(ctx: Context) -> None:
    urls = "main=http://127.0.0.1:1;rate=40 reserve=http://127.0.0.1:2"
    given = slow(ctx, sms_url=urls, gateway_keys="main=one reserve=two", gateway_key=b"key")
    may_send = make_allowance(given, "one", stopped)
    assert [may_send("main", 10) for _ in range(5)] == [True] * 4 + [False]
    assert [may_send("reserve", 10) for _ in range(2)] == [True, False]


def test_a_campaign_has_a_bucket_beside_its_providers(ctx: Context) -> None:
    may_send = make_allowance(ctx, "one", stopped)
    assert may_send("sms", 5, (7, 2.0))
    assert may_send("email", 5, (7, 2.0))
    assert not may_send("sms", 5, (7, 2.0))  # the campaign's are used up, on whatever channel
    assert may_send("sms", 5, (8, 2.0))


def test_a_slow_campaign_begins_with_a_few_seconds_of_its_rate(ctx: Context) -> None:
    seconds = [0.0]
    may_send = make_allowance(ctx, "one", lambda: seconds[0])
    assert sum(may_send("sms", 1, (7, 1.0)) for _ in range(50)) == 5
    assert may_send("sms", 50, (8, 1.0))  # a slice is larger: its campaign then rests for as long
    seconds[0] = 45.0
    assert not may_send("sms", 1, (8, 1.0))
    seconds[0] = 46.0
    assert may_send("sms", 1, (8, 1.0))


def test_both_buckets_give_or_neither(ctx: Context) -> None:
    may_send = make_allowance(slow(ctx), "one", stopped)
    assert may_send("sms", 10)
    assert not may_send("sms", 10, (7, 0.002))
    assert may_send("email", 10, (7, 0.002))  # the campaign kept its tokens


def test_tokens_of_what_was_not_claimed_are_given_back(ctx: Context) -> None:
    may_send = make_allowance(slow(ctx), "one", stopped)
    assert may_send("sms", 10, (7, 0.002))
    assert may_send("sms", -10, (7, 0.002))
    assert may_send("sms", 10, (7, 0.002))


def test_workers_share_the_buckets_and_a_flush_costs_a_burst_at_most(ctx: Context, redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    given = replace(slow(ctx), redis=client)
    workers = [make_allowance(given, str(i), stopped) for i in range(3)]
    assert sum(may_send("sms", 2, (7, 0.001)) for may_send in workers * 10) == 1
    client.flushdb()
    assert sum(may_send("sms", 2, (7, 0.001)) for may_send in workers * 10) == 1
    client.close()


def test_without_redis_the_workers_together_keep_to_the_burst(ctx: Context) -> None:
    away = replace(slow(ctx), redis=redis.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2))
    workers = [make_allowance(away, str(i), stopped) for i in range(4)]
    assert 0 < sum(may_send("sms", 1) for may_send in workers * 20) <= 4  # a slice each, into debt


def test_a_provider_that_cannot_be_opened_names_its_setting(ctx: Context) -> None:
    broken = replace(ctx, settings=replace(ctx.settings, sender="nobody"))
    with pytest.raises(ChannelError, match=r"PUSHSVC_SMTP_URL, provider email: .*the sender must hold an address"):
        open_channels(broken)


@pytest.mark.parametrize(
    ("given", "several"), [("", ()), ("one=http://127.0.0.1:1 two=http://127.0.0.1:2", ("gateway",))]
)
def test_phones_of_several_push_gateways_are_claimed(ctx: Context, given: str, several: tuple[str, ...]) -> None:
    """What one gateway has seen, another pushes again."""
    settings = replace(ctx.settings, gateway_keys="one=1 two=2") if given else ctx.settings
    settings = replace(settings, app_url=given or settings.app_url, push_urls="webhook+http://127.0.0.1:3/x")
    apps = [one for one in open_channels(replace(ctx, settings=settings)).values() if isinstance(one, AppChannel)]
    assert len(apps) == max(1, len(given.split()))
    for app in apps:
        reach: Reach = vars(app)["_reach"]
        assert tuple(reach.several) == several
