"""Both vendors: what goes into a call, what a fault means for whom, and what is never sent."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.base import Batch, Message, Outcome
from channels.reasons import kind, reason
from channels.sandbox import Sandbox
from channels.sandbox.journal import journal_path, rows
from channels.sms.aliyun import AliyunSms
from channels.sms.tencent import TencentSms
from channels.sms.texts import read_text
from tests.channels.contract import Stage, set_stage
from tests.clock import Clock

PROVIDERS = ["aliyun_sms", "tencent_sms"]
FAULTS = [
    ("429", "deferred", {"aliyun_sms": "Throttling.User", "tencent_sms": "RequestLimitExceeded"}, False),
    ("500", "unknown", {"aliyun_sms": "InternalError", "tencent_sms": "http_500"}, False),
    ("500_after", "unknown", {"aliyun_sms": "InternalError", "tencent_sms": "http_500"}, True),
    (
        "refuse",
        "rejected",
        {"aliyun_sms": "isv.SMS_CONTENT_ILLEGAL", "tencent_sms": "FailedOperation.ContainSensitiveWord"},
        False,
    ),
    ("bounce", "accepted", {}, True),
    ("hang", "unknown", {}, False),
    ("hang_up", "unknown", {}, False),
    ("hang_up_after", "unknown", {}, True),
    ("garbled", "unknown", {}, True),
    ("answer_late", "unknown", {}, True),
]


@pytest.fixture(params=PROVIDERS)
def stage(request: pytest.FixtureRequest, sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> Stage:
    """Each vendor, quick to lose patience."""
    return set_stage(request.param, sandbox, root, key=key, clock=clock, timeout=0.5)


def tell(stage: Stage, mode: str, **more: object) -> None:
    assert stage.sandbox is not None
    stage.sandbox.faults.tell({"channel": "sms", "mode": mode, "seconds": 30, **more})


def saying(batch: Batch, *values: str) -> Batch:
    """The batch with a check code of its own for each message."""
    messages = tuple(
        message._replace(meta=dict(message.meta) | {"params": json.dumps({"title": "t", "check": value})})
        for message, value in zip(batch.messages, values, strict=True)
    )
    return replace(batch, messages=messages)


@pytest.mark.parametrize(("mode", "status", "codes", "arrives"), FAULTS)
def test_a_fault_is_told_as_it_is(
    stage: Stage, runner: asyncio.Runner, *, mode: str, status: str, codes: dict[str, str], arrives: bool
) -> None:
    tell(stage, mode)
    outcomes = runner.run(stage.channel.send(stage.batch("k1", "k2", "k3")))
    assert {outcome.status for outcome in outcomes} == {status}
    assert not codes or {outcome.code for outcome in outcomes} == {codes[stage.channel.provider]}
    assert stage.arrived() == (["k1", "k2", "k3"] if arrives else [])
    runner.run(stage.channel.close())


def test_throttling_waits_as_long_as_it_is_told(stage: Stage, runner: asyncio.Runner) -> None:
    tell(stage, "429")
    (outcome,) = runner.run(stage.channel.send(stage.batch("k1")))
    assert (kind(stage.channel.provider, outcome), outcome.retry_after) == ("throttled", 30.0)
    runner.run(stage.channel.close())


def test_a_number_that_has_had_enough_costs_the_others_nothing(stage: Stage, runner: asyncio.Runner) -> None:
    batch = stage.batch(*(f"k{n}" for n in range(9)))
    tell(stage, "defer", match=batch.messages[4].to[-4:], times=None)
    outcomes = runner.run(stage.channel.send(batch))
    assert [outcome.status for outcome in outcomes] == ["accepted"] * 4 + ["deferred"] + ["accepted"] * 4
    assert kind(stage.channel.provider, outcomes[4]) == "number"
    assert sorted(stage.arrived()) == [f"k{n}" for n in range(9) if n != 4]
    runner.run(stage.channel.close())


def test_groups_of_an_attempt_fail_apart(sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> None:
    stage = set_stage("tencent_sms", sandbox, root, key=key, clock=clock, timeout=0.5)
    batch = saying(stage.batch("k1", "k2", "k3", "k4"), "a", "b", "a", "c")
    tell(stage, "hang_up", match=batch.messages[1].to[-4:])
    with asyncio.Runner() as runner:
        outcomes = runner.run(stage.channel.send(batch))
        runner.run(stage.channel.close())
    assert [outcome.status for outcome in outcomes] == ["accepted", "unknown", "accepted", "accepted"]
    assert sorted(stage.arrived()) == ["k1", "k3", "k4"]


@pytest.mark.parametrize(
    ("meta", "to", "code"),
    [
        ({"template": ""}, "", "no_template"),
        ({"params": "[1]"}, "", "bad_params"),
        ({"params": '{"check": 7}'}, "", "bad_params"),
        ({"params": "[" * 100_000}, "", "bad_params"),
        ({"order": '["title", "none"]'}, "", "bad_params"),
        ({"order": '[["title"]]'}, "", "bad_params"),
        ({}, "+85251234567", "bad_number"),
        ({}, "13800138000\n", "bad_number"),
        ({}, "１３８００１３８０００", "bad_number"),
    ],
)
def test_what_no_template_can_say_is_rejected_here(
    stage: Stage, runner: asyncio.Runner, *, meta: dict[str, str], to: str, code: str
) -> None:
    batch = stage.batch("k1", "k2")
    odd = batch.messages[0]._replace(meta=dict(stage.meta) | meta)
    odd = odd._replace(to=to or odd.to)
    outcomes = runner.run(stage.channel.send(replace(batch, messages=(odd, batch.messages[1]))))
    assert [(outcome.status, outcome.code) for outcome in outcomes] == [("rejected", code), ("accepted", "")]
    assert stage.arrived() == ["k2"]
    assert reason(stage.channel.provider, code) is not None
    runner.run(stage.channel.close())


def test_nothing_leaves_once_the_time_is_over_between_two_calls(stage: Stage, runner: asyncio.Runner) -> None:
    """The clock moves past the expiry with the first call's answer; the slots let eight calls through at once."""
    batch = saying(stage.batch(*(f"k{n}" for n in range(20))), *map(str, range(20)))
    templates = [
        message._replace(meta=dict(message.meta) | {"template": f"T{n}"}) for n, message in enumerate(batch.messages)
    ]
    batch = replace(batch, messages=tuple(templates))
    moments = [batch.expires_at - timedelta(seconds=1)] * 60
    left = iter(moments[:17])
    stage.channel._clock = lambda: next(left, batch.expires_at)  # type: ignore[attr-defined]
    outcomes = runner.run(stage.channel.send(batch))
    late = [outcome for outcome in outcomes if outcome == Outcome("deferred", "expired")]
    assert 0 < len(late) < 20
    assert len(stage.arrived()) == 20 - len(late)
    runner.run(stage.channel.close())


def test_one_number_twice_goes_in_two_calls(stage: Stage, runner: asyncio.Runner) -> None:
    batch = stage.batch("k1", "k1", "k2")
    outcomes = runner.run(stage.channel.send(batch))
    assert [outcome.status for outcome in outcomes] == ["accepted"] * 3
    assert sorted(stage.arrived()) == ["k1", "k1", "k2"]
    assert len({outcome.provider_id for outcome in outcomes}) > 1
    runner.run(stage.channel.close())


def test_no_call_is_larger_than_the_vendor_takes(clock: Clock) -> None:
    meta = {"sign": "s", "template": "t", "params": "{}"}
    for channel, most in (
        (AliyunSms("aliyun://a:b@h", token="t", clock=clock), 100),
        (TencentSms("tencent://a:b@h?app=1", token="t", clock=clock), 200),
    ):
        texts = [read_text(n, Message("k", f"+86138{n:08d}", meta=meta)) for n in range(450)]
        assert max(map(len, channel.calls(texts))) == most == channel.batch_size
        assert sorted(text.place for call in channel.calls(texts) for text in call) == list(range(450))


@pytest.mark.parametrize(
    ("provider", "url"),
    [
        ("aliyun_sms", "aliyun://dysmsapi.aliyuncs.com"),
        ("aliyun_sms", "http://a:b@h"),
        ("aliyun_sms", "aliyun://a:b@h?colour=red"),
        ("tencent_sms", "tencent://a:b@h"),
        ("tencent_sms", "aliyun://a:b@h?app=1"),
        ("aliyun_sms", "aliyun://钥:b@h"),  # it stands in a header: sending would raise
        ("tencent_sms", "tencent://a%0A:b@h?app=1"),
        ("aliyun_sms", "aliyun://a\u2100:b@h"),  # the library repeats what it cannot read
    ],
)
def test_a_wrong_account_is_an_error_without_its_secret(provider: str, url: str, clock: Clock) -> None:
    make: Any = {"aliyun_sms": AliyunSms, "tencent_sms": TencentSms}[provider]
    with pytest.raises(ValueError, match="the URL") as caught:
        make(url.replace(":b@", ":secret@"), token="t", clock=clock)
    assert "secret" not in str(caught.value).lower().replace("id:secret", "")
    with pytest.raises(ValueError, match="token"):
        make("aliyun://a:b@h", token="", clock=clock)


def test_the_journal_holds_no_number(stage: Stage, runner: asyncio.Runner, root: Path) -> None:
    runner.run(stage.channel.send(stage.batch("k1")))
    (row,) = rows(journal_path(root, "sms"))
    assert "1380000" not in json.dumps(row)
    assert row["key"] == f"{row['batch']}:{row['to']}"
    runner.run(stage.channel.close())
