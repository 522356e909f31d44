"""WeChat: what it is sent, what its codes mean, and its token when it is refused."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Batch, Message, Outcome
from channels.push.wechat import LIMITS, WeChatChannel
from channels.registry import open_channel
from channels.sandbox import Sandbox
from channels.sandbox.journal import journal_path, rows
from channels.sandbox.wire import Answer, Request
from channels.signers.token import MemoryStore, Token
from tests.channels.contract import Stage, set_stage
from tests.channels.threads import http_server, in_thread
from tests.clock import Clock

URL = "wechat+http://sandbox:word@127.0.0.1:1?template=T-1"
TOKENS = "/cgi-bin/stable_token"


@pytest.fixture
def stage(sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> Stage:
    """WeChat in the sandbox."""
    return set_stage("wechat_mp", sandbox, root, key=key, clock=clock)


def sent(stage: Stage, runner: asyncio.Runner, *keys: str) -> list[Outcome]:
    outcomes = runner.run(stage.channel.send(stage.batch(*keys)))
    runner.run(stage.channel.close())
    return outcomes


@contextmanager
def before(
    answer: Callable[[Request], Answer | None], clock: Clock, query: str = ""
) -> Iterator[tuple[WeChatChannel, list[Request]]]:
    """A channel before a server of the test's own, which gives a token and then `answer`; the requests it had."""
    told: list[Request] = []

    async def handle(request: Request) -> Answer | None:
        told.append(request)
        if request.path == TOKENS:
            return Answer({"access_token": f"t{sum(one.path == TOKENS for one in told)}", "expires_in": 7200})
        return answer(request)

    with in_thread(http_server(handle)) as url:
        channel = WeChatChannel(f"{url.replace('http://', 'wechat+http://app:word@')}?template=T-1{query}", clock=clock)
        yield channel, told


def batch(clock: Clock, *keys: str) -> Batch:
    messages = tuple(Message(key, f"openid-{key}", "正文", "标题", meta={"policy_id": "7"}) for key in keys)
    return Batch("b", messages, clock.now + timedelta(minutes=5))


def test_it_sends_what_the_document_asks_for(clock: Clock, runner: asyncio.Runner) -> None:
    query = "&thing1=title&thing5=text&character_string2=policy_id&page=https%3A%2F%2Fp.example%2Fp%2F{policy_id}"
    with before(lambda request: Answer({"errcode": 0, "errmsg": "ok", "msgid": 1700827132819554304}), clock, query) as (
        channel,
        told,
    ):
        found = runner.run(channel.send(batch(clock, "a")))
        runner.run(channel.close())
    assert found == [Outcome("accepted", "", "1700827132819554304")]
    assert [one.path for one in told] == [TOKENS, "/cgi-bin/message/subscribe/bizsend?access_token=t1"]
    assert json.loads(told[0].body) == {
        "grant_type": "client_credential", "appid": "app", "secret": "word", "force_refresh": False,
    }  # fmt: skip
    assert json.loads(told[1].body) == {
        "touser": "openid-a",
        "template_id": "T-1",
        "page": "https://p.example/p/7",
        "data": {"thing1": {"value": "标题"}, "thing5": {"value": "正文"}, "character_string2": {"value": "7"}},
    }


def test_a_page_of_a_mini_program_goes_to_it(clock: Clock) -> None:
    channel = WeChatChannel(f"{URL}&miniprogram=wx1&page=pages/p?id={{policy_id}}", clock=clock)
    content = channel.content(batch(clock, "a").messages[0])
    assert content is not None
    assert content["miniprogram"] == {"appid": "wx1", "pagepath": "pages/p?id=7"}
    assert "page" not in content


@given(st.sampled_from(sorted(LIMITS)), st.text(max_size=60))
def test_a_value_fits_its_type(kind: str, text: str) -> None:
    channel = WeChatChannel(f"{URL}&{kind}1=title", clock=lambda: pytest.fail("no clock is asked"))
    content = channel.content(Message("k", "o", title=text))
    if content is not None:
        value = content["data"][f"{kind}1"]["value"]
        assert 0 < len(value) <= LIMITS[kind]
        assert value.isprintable()
        assert value.encode()


def test_a_value_that_is_missing_is_not_made_up(clock: Clock, runner: asyncio.Runner) -> None:
    with before(lambda request: Answer({"errcode": 0}), clock, "&thing1=title&time2=until") as (channel, told):
        assert runner.run(channel.send(batch(clock, "a"))) == [Outcome("rejected", "47003")]
        runner.run(channel.close())
    assert told == []


CODES = [
    (0, "accepted", ""), (-1, "deferred", "-1"), (40003, "rejected", "40003"), (43004, "rejected", "43004"),
    (43101, "rejected", "43101"), (47003, "rejected", "47003"), (40249, "rejected", "40249"),
    (41030, "rejected", "41030"), (45009, "deferred", "45009"), (45011, "deferred", "45011"),
    (48001, "deferred", "48001"), (48004, "deferred", "48004"), (50002, "deferred", "50002"),
    (99999, "deferred", "99999"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "status", "said"), CODES)
def test_each_code_has_its_outcome(clock: Clock, runner: asyncio.Runner, code: int, status: str, said: str) -> None:
    with before(lambda request: Answer({"errcode": code, "errmsg": "x"}), clock) as (channel, told):
        (found,) = runner.run(channel.send(batch(clock, "a")))
        runner.run(channel.close())
    assert (found.status, found.code) == (status, said)
    assert len(told) == 2


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (Answer({}), "unknown", "no_answer"),
        (Answer([1]), "unknown", "no_answer"),
        (Answer({"errcode": [0]}), "unknown", "no_answer"),
        (Answer({"errcode": 0, "msgid": "x" * 99}, half=True), "unknown", "remote_protocol_error"),
        (Answer("x", 500), "unknown", "http_500"),
        (Answer("x", 503), "deferred", "http_503"),
        (None, "unknown", "remote_protocol_error"),
    ],
)
def test_what_is_no_answer_is_read_with_care(
    clock: Clock, runner: asyncio.Runner, answer: Answer | None, status: str, code: str
) -> None:
    with before(lambda request: answer, clock) as (channel, _):
        (found,) = runner.run(channel.send(batch(clock, "a")))
        runner.run(channel.close())
    assert (found.status, found.code) == (status, code)


def test_a_quota_says_when_it_begins_anew(clock: Clock, runner: asyncio.Runner) -> None:
    """The day's at midnight in Beijing, 14 hours and a half after 09:30; the minute's in a minute."""
    for code, seconds in ((45009, 14.5 * 3600), (45011, 60.0)):
        with before(lambda request, code=code: Answer({"errcode": code}), clock) as (channel, _):  # type: ignore[misc]
            (found,) = runner.run(channel.send(batch(clock, "a")))
            runner.run(channel.close())
        assert found.retry_after == seconds


def test_people_who_are_gone_are_rejected_alone(stage: Stage, runner: asyncio.Runner) -> None:
    found = sent(stage, runner, "a", "b-dead", "c-gone", "d-stop", "e")
    assert [(one.status, one.code) for one in found] == [
        ("accepted", ""), ("rejected", "40003"), ("rejected", "43004"), ("rejected", "43101"), ("accepted", ""),
    ]  # fmt: skip
    assert sorted(stage.arrived()) == ["a", "e"]


def test_each_message_has_the_number_that_its_event_will_name(stage: Stage, root: Path, runner: asyncio.Runner) -> None:
    found = sent(stage, runner, "a", "b")
    assert {one.provider_id for one in found} == {row["msg"] for row in rows(journal_path(root, "app"))}


def test_a_template_is_not_called_wrong_at_once(clock: Clock, runner: asyncio.Runner) -> None:
    """Four community threads saw 40037 come and go."""
    codes = [40037, 40037, 40037, 0, 40037, 40037, 40037, 40037, 40037]
    with before(lambda request: Answer({"errcode": codes.pop(0)}), clock) as (channel, _):
        found = [runner.run(channel.send(batch(clock, "a")))[0] for _ in range(9)]
        runner.run(channel.close())
    again, wrong = Outcome("deferred", "40037:again"), Outcome("rejected", "40037")
    assert found == [again, again, again, Outcome("accepted"), again, again, again, wrong, wrong]


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_refused_token_is_replaced_and_the_message_sent_once_more(
    clock: Clock, runner: asyncio.Runner, code: int
) -> None:
    def answer(request: Request) -> Answer:
        return Answer({"errcode": code if request.path.endswith("=t1") else 0})

    with before(answer, clock) as (channel, told):
        found = runner.run(channel.send(batch(clock, *"abcdefghij")))
        runner.run(channel.close())
    assert {one.status for one in found} == {"accepted"}
    assert sum(one.path == TOKENS for one in told) == 2


def test_nothing_leaves_when_the_time_is_over_before_the_token_is_there(clock: Clock, runner: asyncio.Runner) -> None:
    told: list[str] = []

    async def handle(request: Request) -> Answer:
        told.append(request.path)
        clock.forward(minutes=5)
        return Answer({"access_token": "t", "expires_in": 7200, "errcode": 0})

    with in_thread(http_server(handle)) as url:
        channel = WeChatChannel(f"{url.replace('http://', 'wechat+http://app:word@')}?template=T", clock=clock)
        assert runner.run(channel.send(batch(clock, "a"))) == [Outcome("deferred", "expired")]
        runner.run(channel.close())
    assert told == [TOKENS]


def test_a_token_that_is_refused_again_defers(clock: Clock, runner: asyncio.Runner) -> None:
    with before(lambda request: Answer({"errcode": 40001}), clock) as (channel, told):
        assert runner.run(channel.send(batch(clock, "a"))) == [Outcome("deferred", "40001")]
        runner.run(channel.close())
    assert len(told) == 4  # a token, a try, another token, another try


def test_a_forced_token_in_the_sandbox_is_found_out(stage: Stage, root: Path, runner: asyncio.Runner) -> None:
    assert sent(stage, runner, "a")[0].status == "accepted"
    (root / "wechat.tokens").write_text("1")  # another system forced a new one
    assert sent(stage, runner, "b")[0].status == "accepted"
    assert stage.arrived() == ["a", "b"]


def test_a_token_outlives_the_account_that_fetched_it(
    sandbox: Sandbox, root: Path, key: bytes, clock: Clock, runner: asyncio.Runner
) -> None:
    """A process with a wrong secret, and the right one's token in the store."""
    store = MemoryStore()
    right = set_stage("wechat_mp", sandbox, root, key=key, clock=clock, store=store)
    assert sent(right, runner, "a")[0].status == "accepted"
    other = set_stage("wechat_mp", sandbox, root, key=b"wrong", clock=clock, store=store)
    assert sent(other, runner, "b")[0].status == "accepted"
    clock.forward(hours=3)
    assert sent(other, runner, "c") == [Outcome("deferred", "40125")]
    assert len(store.tokens) == 1
    assert isinstance(store.tokens["wechat:sandbox"], Token)


@pytest.mark.parametrize(
    "answer",
    [
        {}, [], {"access_token": "x"}, {"access_token": 7}, {"access_token": "é", "expires_in": 7200},
        {"access_token": "a\r\nb", "expires_in": 9}, {"access_token": "x", "expires_in": True},
        {"access_token": "x", "expires_in": -1}, {"access_token": "x" * 2000, "expires_in": 7200},
        {"access_token": "x", "expires_in": 10**400},
    ],
)  # fmt: skip
def test_an_odd_token_is_none(clock: Clock, runner: asyncio.Runner, answer: Any) -> None:
    async def handle(request: Request) -> Answer:
        return Answer(answer)

    with in_thread(http_server(handle)) as url:
        channel = WeChatChannel(f"{url.replace('http://', 'wechat+http://app:word@')}?template=T", clock=clock)
        assert runner.run(channel.send(batch(clock, "a"))) == [Outcome("deferred", "no_token")]
        runner.run(channel.close())


def test_the_token_does_not_get_into_the_log(
    stage: Stage, runner: asyncio.Runner, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        sent(stage, runner, "a")
    assert "access_token" not in caplog.text
    assert "openid" not in caplog.text


@pytest.mark.parametrize(
    "url",
    ["wechat://app:word@api.weixin.qq.com", "wechat://app@api.weixin.qq.com?template=T", f"{URL}&thing=title",
     f"{URL}&thing1=", f"{URL}&Thing1=title", "wechat+http://app:word@api.weixin.qq.com?template=T"],
)  # fmt: skip
def test_a_url_that_is_none_is_refused_without_its_secret(url: str, clock: Clock) -> None:
    with pytest.raises(Exception, match="cannot be opened") as caught:
        open_channel("wechat_mp", {"url": url, "clock": clock})
    assert "word" not in str(caught.value)
