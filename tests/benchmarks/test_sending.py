"""The benchmarks of planning and sending print what they promise, and count what arrived."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import gateway, growth, inbox, plan
from benchmarks.sinks import counting_sink
from pushsvc.context import Context

NAMES = {"name", "n", "unit", "ours", "baseline", "limit", "to_baseline", "to_limit", "spread", "seconds", "peak_mb"}


def test_the_plan_writes_a_delivery_or_a_refusal_for_each() -> None:
    found = plan.measure(400, 1)
    assert found.keys() >= NAMES | {"rows", "refusals", "plan_s", "copy_deliveries"}
    assert found["rows"]["refusal"] == sum(found["refusals"].values())
    assert found["ours"] > 0


def test_the_gateway_receives_each_message_once() -> None:
    found = gateway.measure(60, 1, workers=1)
    assert found.keys() >= NAMES | {"workers", "sink"}
    assert found["received"] == 60


@pytest.mark.long
@pytest.mark.parametrize("provider", ["aliyun", "jpush"])
def test_a_vendor_receives_each_message_once(provider: str) -> None:
    found = gateway.measure(60, 1, workers=1, provider=provider)
    assert (found["received"], found["provider"]) == (60, provider)


@pytest.mark.long
def test_the_inbox_holds_each_letter() -> None:
    found = inbox.measure(60, 1, workers=1)
    assert found.keys() >= NAMES
    assert found["baseline"] > 0


@pytest.mark.long
def test_growth_of_planning_and_delivering_alone() -> None:
    found = growth.measure(2000, 1, of=["plan", "deliver"])
    assert found.keys() >= {"plan_growth", "deliver_growth", "plan_us", "deliver_us", "peak_mb"}
    assert "count_growth" not in found


def test_a_message_that_did_not_arrive_is_no_rate(ctx: Context, tmp_path: Path) -> None:
    with counting_sink(tmp_path / "sink") as sink, pytest.raises(AssertionError):
        gateway.check(ctx, sink, 1)
