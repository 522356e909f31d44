"""What the SMS vendors may answer, and what it means for each message."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import Asked, Batch, Message, Outcome
from channels.http import Reply as HttpReply
from channels.sandbox.wire import Answer, Request
from channels.sms.aliyun import AliyunSms
from channels.sms.tencent import TencentSms
from tests.channels.threads import http_server
from tests.clock import Clock
from tests.draws import draws

# What the vendors' answers are made of.
NAMES = (
    *("Code", "BizId", "SmsSendDetailDTOs", "SmsSendDetailDTO", "OutId", "PhoneNum", "SendStatus", "ErrCode"),
    *("Response", "Error", "SendStatusSet", "PhoneNumber", "SerialNo", "PullSmsSendStatusSet", "ReportStatus"),
    *("SessionContext", "Description"),
)


async def answered(answer: Answer, clock: Clock, *, provider: str, n: int = 2) -> list[Outcome]:
    """The outcomes of `n` equal messages from a vendor that always says this."""

    async def say(request: Request) -> Answer:
        return answer

    async with http_server(say) as url:
        host = url.removeprefix("http://")
        scheme, make = {"aliyun_sms": ("aliyun", AliyunSms), "tencent_sms": ("tencent", TencentSms)}[provider]
        query = "?app=1" if scheme == "tencent" else ""
        channel: Any = make(f"{scheme}+http://a:b@{host}{query}", token="t", clock=clock)
        meta = {"sign": "s", "template": "t", "params": "{}"}
        messages = tuple(Message(f"k{i}", f"+861380013800{i}", meta=meta) for i in range(n))
        outcomes: list[Outcome] = await channel.send(Batch("b", messages, clock() + timedelta(minutes=1)))
        await channel.close()
        return outcomes


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        ({"Code": "OK", "BizId": "9^0"}, 200, Outcome("accepted", "", "9^0")),
        ({"Code": "OK", "BizId": "9^0"}, 500, Outcome("unknown", "OK")),
        ({"Code": "DELIVERED"}, 200, Outcome("unknown", "DELIVERED")),
        ({"Code": "isv.NEVER_HEARD_OF"}, 200, Outcome("deferred", "isv.NEVER_HEARD_OF")),
        ({"Code": "NeverHeardOf"}, 503, Outcome("unknown", "NeverHeardOf")),
        ({"Code": "SignatureDoesNotMatch"}, 400, Outcome("deferred", "SignatureDoesNotMatch")),
        ({"Code": "isp.RAM_PERMISSION_DENY"}, 200, Outcome("deferred", "isp.RAM_PERMISSION_DENY")),
        ({"Code": "isv.OUT_OF_SERVICE"}, 200, Outcome("deferred", "isv.OUT_OF_SERVICE")),
        ({"Code": "isv.SMS_TEMPLATE_ILLEGAL"}, 200, Outcome("rejected", "isv.SMS_TEMPLATE_ILLEGAL")),
        ({"Code": "isv.DOMESTIC_NUMBER_NOT_SUPPORTED"}, 200, Outcome("rejected", "isv.SMS_TEMPLATE_ILLEGAL")),
        ({"Code": "isv.CUSTOMER_REFUSED"}, 200, Outcome("rejected", "isv.CUSTOMER_REFUSED")),
        ({"Code": "isp.SYSTEM_ERROR"}, 200, Outcome("unknown", "isp.SYSTEM_ERROR")),
        ({"Code": ["OK"]}, 200, Outcome("unknown", "no_answer")),
        (["OK"], 200, Outcome("unknown", "no_answer")),
        ({}, 503, Outcome("unknown", "http_503")),
        ({}, 404, Outcome("deferred", "http_404")),
        ({}, 400, Outcome("unknown", "http_400")),
    ],
)
def test_what_aliyun_may_say(runner: asyncio.Runner, clock: Clock, content: object, status: int, said: Outcome) -> None:
    assert runner.run(answered(Answer(content, status), clock, provider="aliyun_sms")) == [said] * 2


def error(code: str) -> dict[str, Any]:
    return {"Response": {"Error": {"Code": code, "Message": "m"}, "RequestId": "r"}}


def statuses(*found: tuple[str, str]) -> dict[str, Any]:
    set_ = [{"PhoneNumber": number, "Code": code, "SerialNo": f"s{code}"} for number, code in found]
    return {"Response": {"SendStatusSet": set_, "RequestId": "r"}}


FIRST, SECOND = "+8613800138000", "+8613800138001"


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (statuses((SECOND, "Ok"), (FIRST, "Ok")), 200, [Outcome("accepted", "", "sOk")] * 2),
        (
            statuses(
                (FIRST, "LimitExceeded.AppDailyLimit"), ("8613800138001", "FailedOperation.PhoneNumberInBlacklist")
            ),
            200,
            [
                Outcome("deferred", "LimitExceeded.AppDailyLimit"),
                Outcome("rejected", "FailedOperation.PhoneNumberInBlacklist"),
            ],
        ),
        (
            statuses((SECOND, "InternalError.Timeout")),
            200,
            [
                Outcome("unknown", "no_answer"),
                Outcome("unknown", "InternalError.Timeout"),
            ],
        ),
        (statuses((FIRST, "Ok"), (SECOND, "")), 200, [Outcome("accepted", "", "sOk"), Outcome("unknown", "no_answer")]),
        (error("AuthFailure.SignatureExpire"), 200, [Outcome("deferred", "AuthFailure.SignatureExpire")] * 2),
        (error("FailedOperation.New"), 200, [Outcome("deferred", "FailedOperation.New")] * 2),
        (error("UnsupportedOperation.New"), 200, [Outcome("rejected", "UnsupportedOperation.New")] * 2),
        (error("InternalError"), 200, [Outcome("unknown", "InternalError")] * 2),
        ({"Response": {"SendStatusSet": {"a": 1}}}, 200, [Outcome("unknown", "no_answer")] * 2),
        ({"Response": []}, 200, [Outcome("unknown", "no_answer")] * 2),
        (statuses((FIRST, "Ok"), (SECOND, "Ok")), 502, [Outcome("unknown", "http_502")] * 2),
    ],
)
def test_what_tencent_may_say(
    runner: asyncio.Runner, clock: Clock, content: object, status: int, said: list[Outcome]
) -> None:
    assert runner.run(answered(Answer(content, status), clock, provider="tencent_sms")) == said


def test_a_code_about_one_number_is_never_said_of_many(runner: asyncio.Runner, clock: Clock) -> None:
    """Where the halves are refused as well, down to each number, it is each number's."""
    said = runner.run(answered(Answer({"Code": "isv.MOBILE_NUMBER_ILLEGAL"}), clock, provider="aliyun_sms", n=5))
    assert said == [Outcome("rejected", "isv.MOBILE_NUMBER_ILLEGAL")] * 5


@pytest.mark.parametrize("provider", ["aliyun_sms", "tencent_sms"])
def test_no_log_bears_a_number(
    runner: asyncio.Runner, clock: Clock, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    runner.run(answered(Answer({"Code": "OK"}), clock, provider=provider))
    assert "1380013800" not in caplog.text


ANSWERS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["OK", "Ok", FIRST]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@given(ANSWERS, st.sampled_from([200, 200, 400, 403, 500, 503]))
@settings(max_examples=draws(2000), deadline=None)
def test_any_answer_has_its_outcomes_and_its_fates(found: object, status: int) -> None:
    now = datetime(2026, 6, 24, tzinfo=UTC)
    meta = {"sign": "s", "template": "t", "params": "{}"}
    batch = Batch("b", (Message("k", FIRST, meta=meta), Message("l", SECOND, meta=meta)), now + timedelta(minutes=1))
    for make, url in ((AliyunSms, "aliyun://a:b@h"), (TencentSms, "tencent://a:b@h?app=1")):
        channel: Any = make(url, token="t", clock=lambda: now)
        channel._caller = Says(HttpReply(found, status))
        outcomes = asyncio.run(channel.send(batch))
        assert [outcome.status in ("accepted", "deferred", "rejected", "unknown") for outcome in outcomes] == [True] * 2
        assert all("\0" not in outcome.code + outcome.provider_id for outcome in outcomes)
        told = asyncio.run(channel.ask([Asked("k", FIRST, "b", now), Asked("l", SECOND, "b", now, "OK")]))
        assert all(receipt.key in ("k", "l") for receipt in told)


class Says:
    """A vendor that answers everything with one reply."""

    def __init__(self, reply: HttpReply) -> None:
        self.reply = reply

    async def call(self, *_: Any, **__: Any) -> HttpReply:
        """The reply."""
        return self.reply
