"""What the vendors are asked when they called nobody back."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from channels.base import Asked, Asks, Batch, Outcome, Receipt
from channels.sandbox import Sandbox
from channels.sandbox.wire import Answer, Request
from channels.sms.aliyun import AliyunSms
from channels.sms.tencent import TencentSms
from tests.channels.contract import Stage, set_stage
from tests.channels.threads import http_server
from tests.clock import Clock

PROVIDERS = ["aliyun_sms", "tencent_sms"]


@pytest.fixture(params=PROVIDERS)
def stage(request: pytest.FixtureRequest, sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> Stage:
    """Each vendor."""
    return set_stage(request.param, sandbox, root, key=key, clock=clock, timeout=0.5)


def asked(batch: Batch, outcomes: list[Outcome], at: datetime) -> list[Asked]:
    """The questions about an attempt."""
    return [
        Asked(message.key, message.to, batch.key, at, outcome.provider_id)
        for message, outcome in zip(batch.messages, outcomes, strict=True)
    ]


def ask(stage: Stage, runner: asyncio.Runner, members: list[Asked]) -> list[tuple[str, str, str]]:
    assert isinstance(stage.channel, Asks)
    found = runner.run(stage.channel.ask(members))
    assert all(one.soft for one in found if one.status == "bounced")
    return [(one.key, one.batch, one.status) for one in found]


def test_the_fate_of_what_was_sent_is_told(stage: Stage, runner: asyncio.Runner) -> None:
    batch = stage.batch("k1", "k2", "k3")
    assert stage.sandbox is not None
    stage.sandbox.faults.tell({"channel": "sms", "mode": "bounce", "match": batch.messages[1].to[-4:]})
    outcomes = runner.run(stage.channel.send(batch))
    told = ask(stage, runner, asked(batch, outcomes, stage.clock()))
    assert told == [("k1", batch.key, "delivered"), ("k2", batch.key, "bounced"), ("k3", batch.key, "delivered")]
    runner.run(stage.channel.close())


@pytest.mark.parametrize("mode", ["hang_up", "hang_up_after"])
def test_an_attempt_that_is_unknown_is_found_by_its_key(stage: Stage, runner: asyncio.Runner, mode: str) -> None:
    """Nobody told its id, so that the attempt's key must do; one that never arrived is not spoken of."""
    batch = stage.batch("k1", "k2")
    assert stage.sandbox is not None
    stage.sandbox.faults.tell({"channel": "sms", "mode": mode})
    outcomes = runner.run(stage.channel.send(batch))
    assert {outcome.status for outcome in outcomes} == {"unknown"}
    arrived = [("k1", batch.key, "delivered"), ("k2", batch.key, "delivered")]
    assert ask(stage, runner, asked(batch, outcomes, stage.clock())) == (arrived if mode == "hang_up_after" else [])
    runner.run(stage.channel.close())


def test_another_attempt_to_the_same_number_is_told_apart(stage: Stage, runner: asyncio.Runner) -> None:
    first, second = (
        stage.batch("k1"),
        Batch("another", stage.batch("k1").messages, stage.clock() + timedelta(minutes=5)),
    )
    outcomes = runner.run(stage.channel.send(first))
    (never,) = asked(second, [Outcome("unknown")], stage.clock())
    assert ask(stage, runner, [never]) == []
    assert ask(stage, runner, asked(first, outcomes, stage.clock())) == [("k1", first.key, "delivered")]
    runner.run(stage.channel.close())


def test_a_message_of_midnight_is_found_on_either_day(sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> None:
    clock.now = datetime(2026, 6, 24, 15, 59, 50, tzinfo=UTC)  # ten seconds before midnight in Beijing
    stage = set_stage("aliyun_sms", sandbox, root, key=key, clock=clock)
    batch, begun = stage.batch("k1"), clock()
    clock.forward(seconds=20)  # it was a moment on its way
    with asyncio.Runner() as runner:
        outcomes = runner.run(stage.channel.send(batch))
        assert ask(stage, runner, asked(batch, outcomes, begun)) == [("k1", batch.key, "delivered")]
        runner.run(stage.channel.close())


def test_a_vendor_that_is_down_is_asked_once(stage: Stage, runner: asyncio.Runner) -> None:
    assert stage.sandbox is not None
    asyncio.run_coroutine_threadsafe(_close(stage.sandbox), stage.sandbox.loop).result(10)
    batch = stage.batch(*(f"k{n}" for n in range(50)))
    assert ask(stage, runner, asked(batch, [Outcome("unknown")] * 50, stage.clock())) == []


async def _close(sandbox: Sandbox) -> None:
    sandbox.stop_listening()


async def questions(answer: object, members: list[Asked], clock: Clock, provider: str) -> tuple[list[Receipt], int]:
    """What is found where the vendor always says this, and how often it is asked."""
    seen: list[Request] = []

    async def say(request: Request) -> Answer:
        seen.append(request)
        return answer(request) if callable(answer) else Answer(answer)

    async with http_server(say) as url:
        host = url.removeprefix("http://")
        channel: Any = (
            AliyunSms(f"aliyun+http://a:b@{host}", token="t", clock=clock)
            if provider == "aliyun_sms"
            else TencentSms(f"tencent+http://a:b@{host}?app=1", token="t", clock=clock)
        )
        found = await channel.ask(members)
        await channel.close()
        return found, len(seen)


MEMBER_TO = "+8613800138000"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "answer",
    [
        [],
        {"Code": "OK"},
        {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [1, {}, {"OutId": "b"}]}},
        {
            "Code": "OK",
            "SmsSendDetailDTOs": {
                "SmsSendDetailDTO": [
                    {"OutId": "b", "PhoneNum": "13800138000", "SendStatus": value} for value in (1, "3", True)
                ]
            },
        },
        {"Response": {"PullSmsSendStatusSet": [1, {}, {"PhoneNumber": MEMBER_TO, "SessionContext": "b"}]}},
        {"Response": {"PullSmsSendStatusSet": [{"PhoneNumber": MEMBER_TO, "ReportStatus": "SUCCESS"}]}},
        {"Response": {"PullSmsSendStatusSet": 7}},
    ],
)
def test_what_is_not_final_or_not_ours_is_left_out(
    runner: asyncio.Runner, clock: Clock, provider: str, answer: object
) -> None:
    members = [Asked("k", MEMBER_TO, "b", clock()), Asked("k2", "no number", "b", clock())]
    found, n = runner.run(questions(answer, members, clock, provider))
    assert (found, n) == ([], 1)


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        ("aliyun_sms", {"Code": "Throttling.User"}),
        ("aliyun_sms", {"Code": "SignatureDoesNotMatch"}),
        ("tencent_sms", {"Response": {"Error": {"Code": "RequestLimitExceeded", "Message": "m"}}}),
    ],
)
def test_a_question_that_is_refused_for_all_is_put_to_none(
    runner: asyncio.Runner, clock: Clock, provider: str, answer: object
) -> None:
    members = [Asked(f"k{n}", f"+861380013{n:04d}", "b", clock()) for n in range(100)]
    found, n = runner.run(questions(answer, members, clock, provider))
    assert found == []
    assert n <= 8


def test_all_pages_of_a_day_are_read(runner: asyncio.Runner, clock: Clock) -> None:
    def page(request: Request) -> Answer:
        query = dict(parse_qsl(request.path.partition("?")[2]))
        number = int(query["CurrentPage"])
        others = [{"OutId": "x", "PhoneNum": query["PhoneNumber"], "SendStatus": 3}] * (50 if number < 3 else 3)
        mine = {"OutId": "b", "PhoneNum": query["PhoneNumber"], "SendStatus": 2, "ErrCode": "MK:0001"}
        return Answer(
            {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [*others, mine][: 50 if number < 3 else 4]}}
        )

    members = [Asked("k", MEMBER_TO, "b", clock(), "9^0")]
    (found,), n = runner.run(questions(page, members, clock, "aliyun_sms"))
    assert (found.key, found.status, found.code, found.soft, found.provider_id) == (
        "k",
        "bounced",
        "MK:0001",
        False,
        "9^0",
    )
    assert n == 3


def test_no_more_than_a_week_is_pulled(runner: asyncio.Runner, clock: Clock) -> None:
    asked_for: list[dict[str, Any]] = []

    def note(request: Request) -> Answer:
        asked_for.append(json.loads(request.body))
        return Answer({"Response": {"PullSmsSendStatusSet": []}})

    members = [Asked("k", MEMBER_TO, "b", clock() - timedelta(days=30))]
    runner.run(questions(note, members, clock, "tencent_sms"))
    assert asked_for[0]["BeginTime"] == int((clock() - timedelta(days=7)).timestamp())
