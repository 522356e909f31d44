"""JPush: what it is sent, what its answers mean, that a repeat pushes once, that dead devices are found alone."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Batch, ChannelError, Message, Outcome
from channels.push.jpush import SPLITS, JPushChannel
from channels.sandbox import Sandbox
from channels.sandbox.journal import journal_path, rows
from channels.sandbox.wire import Answer, Request
from tests.channels.contract import Stage, set_stage
from tests.channels.threads import http_server, in_thread
from tests.clock import Clock

URL = "jpush+http://sandbox:word@127.0.0.1:1"


@pytest.fixture
def stage(sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> Stage:
    """JPush in the sandbox."""
    return set_stage("jpush", sandbox, root, key=key, clock=clock)


def sent(stage: Stage, runner: asyncio.Runner, *keys: str) -> list[Outcome]:
    outcomes = runner.run(stage.channel.send(stage.batch(*keys)))
    runner.run(stage.channel.close())
    return outcomes


@contextmanager
def before(answer: Callable[[Request], Answer | None], clock: Clock) -> Iterator[tuple[JPushChannel, list[Any]]]:
    """A channel before a server of the test's own, and what that one was told."""
    told: list[Any] = []

    async def handle(request: Request) -> Answer | None:
        told.append(json.loads(request.body))
        return answer(request)

    with in_thread(http_server(handle)) as url:
        yield JPushChannel(url.replace("http://", "jpush+http://sandbox:word@"), clock=clock), told


def batch(clock: Clock, n: int, *, words: Callable[[int], str] = lambda n: "same") -> Batch:
    messages = tuple(Message(f"k{i}", f"1a00{i}", title="政策", text=words(i)) for i in range(n))
    return Batch("b", messages, clock().replace(year=2027))


def test_messages_that_say_the_same_share_a_request(clock: Clock, runner: asyncio.Runner) -> None:
    with before(lambda request: Answer({"sendno": "1", "msg_id": 18}), clock) as (channel, told):
        outcomes = runner.run(channel.send(batch(clock, 7, words=lambda n: f"text {n % 2}")))
        runner.run(channel.close())
    assert outcomes == [Outcome("accepted", "", "18")] * 7
    assert sorted(len(one["audience"]["registration_id"]) for one in told) == [3, 4]
    assert len({one["cid"] for one in told}) == 2


def test_a_repeat_of_what_is_unknown_pushes_once(sandbox: Sandbox, stage: Stage, runner: asyncio.Runner) -> None:
    sandbox.faults.tell({"channel": "app", "mode": "hang_up_after"})
    assert {one.status for one in sent(stage, runner, "a", "b")} == {"unknown"}
    again = sent(stage, runner, "b", "a")  # the engine's order may be another
    assert {one.status for one in again} == {"accepted"}
    assert sorted(stage.arrived()) == ["a", "b"]


def test_the_first_answer_is_returned_for_a_day(stage: Stage, clock: Clock, runner: asyncio.Runner) -> None:
    first = sent(stage, runner, "a")
    clock.forward(hours=23)
    assert sent(stage, runner, "a") == first
    clock.forward(hours=2)
    assert sent(stage, runner, "a") != first
    assert stage.arrived() == ["a", "a"]


def test_the_sandbox_knows_what_it_pushed_after_a_restart(
    root: Path, key: bytes, clock: Clock, runner: asyncio.Runner, restart: Callable[[], Any]
) -> None:
    for _ in range(2):
        with restart() as running:
            assert sent(set_stage("jpush", running, root, key=key, clock=clock), runner, "a")[0].status == "accepted"
    assert [row.get("repeat", False) for row in rows(journal_path(root, "app"))] == [False, True]


KEYS = st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), min_size=1, max_size=6, unique=True)


@given(KEYS, st.randoms(use_true_random=False), st.text(max_size=5))
def test_the_cid_is_that_of_the_members_alone(pairs: list[tuple[str, str]], random: Any, words: str) -> None:
    channel = JPushChannel(URL, clock=lambda: pytest.fail("no clock is asked"))
    group = [Message(key, to, text="a") for key, to in pairs]
    other = [message._replace(text=words) for message in group]
    random.shuffle(other)
    cid = channel.payload(group)["cid"]
    assert re.fullmatch(r"sandbox-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", cid)
    assert channel.payload(other)["cid"] == cid
    assert channel.payload([*group, Message("one more", "x")])["cid"] != cid
    assert channel.payload([group[0]._replace(to="rotated"), *group[1:]])["cid"] != cid or group[0].to == "rotated"


def test_one_invalid_device_does_not_stop_the_others(stage: Stage, runner: asyncio.Runner) -> None:
    """JPush refuses the whole request for it; halves are tried until it stands alone."""
    keys = [f"k{n}" for n in range(20)]
    keys[13] = "k-invalid"
    outcomes = sent(stage, runner, *keys)
    assert outcomes[13] == Outcome("rejected", "1003:registration_id")
    assert {one.status for one in outcomes[:13] + outcomes[14:]} == {"accepted"}
    assert sorted(stage.arrived()) == sorted(key for key in keys if key != "k-invalid")


def test_a_dead_device_alone_is_rejected_and_among_living_ones_overlooked(stage: Stage, runner: asyncio.Runner) -> None:
    assert sent(stage, runner, "k-dead") == [Outcome("rejected", "1011")]
    assert [one.status for one in sent(stage, runner, "a", "b-dead")] == ["accepted"] * 2
    assert stage.arrived() == ["a"]


def test_the_search_for_dead_devices_is_bounded(clock: Clock, runner: asyncio.Runner) -> None:
    """Where all are called dead, it is rather the account than the people."""
    nobody = Answer({"error": {"code": 1011, "message": "cannot find user by this audience"}}, 400)
    with before(lambda request: nobody, clock) as (channel, told):
        outcomes = runner.run(channel.send(batch(clock, 500)))
        runner.run(channel.close())
    assert len(told) == 2 * SPLITS + 1
    assert {one.code for one in outcomes} == {"1011"}
    assert sum(one.status == "rejected" for one in outcomes) <= SPLITS
    assert sum(one.status == "deferred" for one in outcomes) >= 500 - SPLITS


ERRORS = [
    (400, 1002, "rejected", "1002"),
    (400, 1003, "rejected", "1003"),
    (400, 1005, "rejected", "1005"),
    (400, 1008, "deferred", "1008"),
    (400, 1009, "rejected", "1009"),
    (400, 1012, "deferred", "1012"),
    (401, 1004, "deferred", "1004"),
    (403, 2003, "deferred", "2003"),
    (403, 2004, "deferred", "2004"),
    (404, 1020, "deferred", "1020"),
    (405, 1001, "deferred", "1001"),
    (429, 2002, "deferred", "2002"),
    (500, 1000, "unknown", "1000"),
    (503, 1030, "unknown", "1030"),
    (400, 7777, "deferred", "7777"),
    (500, 7777, "unknown", "7777"),
]


@pytest.mark.parametrize(("status", "code", "outcome", "said"), ERRORS)
def test_each_documented_error_has_its_outcome(
    clock: Clock, runner: asyncio.Runner, status: int, code: int, outcome: str, said: str
) -> None:
    with before(lambda request: Answer({"error": {"code": code, "message": "x"}}, status), clock) as (channel, _):
        found = runner.run(channel.send(batch(clock, 2)))
        runner.run(channel.close())
    assert [(one.status, one.code) for one in found] == [(outcome, said)] * 2


@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [
        (Answer({"sendno": "1"}), "unknown", "no_answer"),
        (Answer([]), "unknown", "no_answer"),
        (Answer({"msg_id": [1]}), "unknown", "no_answer"),
        (Answer({"msg_id": 10**400}), "unknown", "no_answer"),
        (Answer({"msg_id": "1" * 50}, half=True), "unknown", "remote_protocol_error"),
        (Answer("x", 502), "unknown", "http_502"),
        (Answer("x", 503), "deferred", "http_503"),
        (Answer("x", 404), "deferred", "http_404"),
        (Answer({"error": {"code": {}}}, 400), "unknown", "http_400"),
        (None, "unknown", "remote_protocol_error"),
    ],
)
def test_what_is_no_answer_of_jpush_is_read_with_care(
    clock: Clock, runner: asyncio.Runner, answer: Answer | None, outcome: str, code: str
) -> None:
    with before(lambda request: answer, clock) as (channel, _):
        found = runner.run(channel.send(batch(clock, 1)))
        runner.run(channel.close())
    assert [(one.status, one.code) for one in found] == [(outcome, code)]


def test_a_full_minute_says_when_it_ends(sandbox: Sandbox, stage: Stage, runner: asyncio.Runner) -> None:
    sandbox.faults.tell({"channel": "app", "mode": "429"})
    assert sent(stage, runner, "a") == [Outcome("deferred", "2002", retry_after=37.0)]


def test_a_wrong_secret_defers(sandbox: Sandbox, root: Path, clock: Clock, runner: asyncio.Runner) -> None:
    stage = set_stage("jpush", sandbox, root, key=b"another", clock=clock)
    assert sent(stage, runner, "a") == [Outcome("deferred", "1004")]
    assert stage.arrived() == []


def test_nothing_leaves_once_the_batch_has_expired_between_two_requests(clock: Clock, runner: asyncio.Runner) -> None:
    invalid = Answer({"error": {"code": 1003, "message": "The registration_id x is invalid!"}}, 400)

    def late(request: Request) -> Answer:
        clock.forward(minutes=6)
        return invalid

    with before(late, clock) as (channel, told):
        several = batch(clock, 4)
        soon = Batch("b", several.messages, clock.now.replace(minute=clock.now.minute + 5))
        outcomes = runner.run(channel.send(soon))
        runner.run(channel.close())
    assert len(told) == 1
    assert outcomes == [Outcome("deferred", "expired")] * 4


def test_phones_get_their_environment_and_their_time(clock: Clock) -> None:
    told = JPushChannel(URL, clock=clock).payload([Message("a", "x")])["options"]
    assert told["apns_production"] is True
    assert told["time_to_live"] == 86_400
    told = JPushChannel(f"{URL}?apns_production=false&ttl=60", clock=clock).payload([Message("a", "x")])["options"]
    assert told["apns_production"] is False
    assert told["time_to_live"] == 60


@pytest.mark.parametrize(
    "url",
    [
        "jpush://api.jpush.cn", "jpush://key@api.jpush.cn", "jpush+http://a:b@api.jpush.cn", "https://a:b@api.jpush.cn",
        f"{URL}?ttl=864001", f"{URL}?ttl=x", f"{URL}?apns=1",
    ],
)  # fmt: skip
def test_a_url_that_is_none_is_refused_without_its_secret(url: str, clock: Clock) -> None:
    with pytest.raises(ValueError, match=r"URL|TLS|ttl|option") as caught:
        JPushChannel(url, clock=clock)
    assert "word" not in str(caught.value)


def test_it_has_no_receipts(stage: Stage) -> None:
    with pytest.raises(ChannelError) as caught:
        stage.channel.receipts(b"{}", {})
    assert caught.value.code == "no_receipts"
