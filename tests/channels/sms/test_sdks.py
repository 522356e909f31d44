"""The vendors' own SDKs as oracles: the sandbox takes what they send, and what we send is what they would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from alibabacloud_dysmsapi20170525 import models as aliyun
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models as tencent
from tencentcloud.sms.v20210111.sms_client import SmsClient

from channels.base import Batch, Message
from channels.sandbox import Sandbox
from channels.sandbox.server import real_clock
from channels.sandbox.wire import Answer, Request
from channels.signers import acs3
from channels.sms.aliyun import AliyunSms
from channels.sms.tencent import TencentSms
from tests.channels.contract import journalled
from tests.channels.threads import http_server, in_thread, sandbox_server
from tests.clock import Clock

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")  # the SDKs' own
SECRET = "key of the channel tests"
NUMBERS = ["13800138000", "13800138001"]
SAME = {"sign": "江澜政策", "template": "SMS_1", "params": '{"title":"人才补贴 & 创业","check":"K7Q~2M"}'}
OTHER = SAME | {"params": '{"title":"人才补贴 & 创业","check":"A*B+C D"}'}


@pytest.fixture
def today(root: Path, key: bytes) -> Iterator[Sandbox]:
    """A sandbox on the machine's clock, which the SDKs go by."""
    with in_thread(sandbox_server(root, key=key, clock=real_clock)) as running:
        yield running


@pytest.fixture
def recorder() -> Iterator[tuple[str, list[Request]]]:
    """A server that takes everything: its host and port, and the requests that it was sent."""
    seen: list[Request] = []

    async def note(request: Request) -> Answer:
        seen.append(request)
        said: dict[str, Any] = {"Code": "OK", "BizId": "1", "RequestId": "r"}
        return Answer(said | {"Response": {"SendStatusSet": [], "RequestId": "r"}})

    with in_thread(http_server(note)) as url:
        yield url.removeprefix("http://"), seen


def aliyun_client(host: str, secret: str = SECRET) -> Client:
    return Client(Config(access_key_id="sandbox", access_key_secret=secret, endpoint=host, protocol="HTTP"))


def tencent_client(host: str, secret: str = SECRET) -> SmsClient:
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=host, reqTimeout=10))
    return SmsClient(Credential("sandbox", secret), "ap-guangzhou", profile)


def batch(now: datetime, *metas: dict[str, str]) -> Batch:
    """Messages to NUMBERS with these words."""
    found = tuple(Message(f"k{n}", f"+86{NUMBERS[n]}", meta=meta) for n, meta in enumerate(metas))
    return Batch("attempt-1", found, now + timedelta(minutes=1))


def test_the_sandbox_takes_what_aliyuns_sdk_sends(today: Sandbox, root: Path) -> None:
    client = aliyun_client(today.http_url.removeprefix("http://"))
    one = client.send_sms(
        aliyun.SendSmsRequest(
            phone_numbers=",".join(NUMBERS),
            sign_name="江澜政策",
            template_code="SMS_1",
            template_param=SAME["params"],
            out_id="b1",
        )
    )
    each = client.send_batch_sms(
        aliyun.SendBatchSmsRequest(
            phone_number_json=json.dumps(NUMBERS),
            sign_name_json=json.dumps(["江澜政策"] * 2),
            template_code="SMS_1",
            template_param_json=json.dumps([json.loads(SAME["params"])] * 2),
            out_id="b2",
        )
    )
    assert [one.body.code, each.body.code] == ["OK", "OK"]
    assert one.body.biz_id != each.body.biz_id
    assert len(journalled(root, "sms")) == 4
    day = (datetime.now(UTC) + timedelta(hours=8)).strftime("%Y%m%d")
    asked = aliyun.QuerySendDetailsRequest(phone_number=NUMBERS[0], send_date=day, page_size=10, current_page=1)
    told = client.query_send_details(asked).body
    assert (told.code, told.total_count) == ("OK", "2")
    details = told.sms_send_detail_dtos.sms_send_detail_dto
    assert [(row.out_id, row.send_status, row.err_code) for row in details] == [
        ("b1", 3, "DELIVERED"),
        ("b2", 3, "DELIVERED"),
    ]


def test_the_sandbox_refuses_aliyuns_sdk_with_another_secret(today: Sandbox, root: Path) -> None:
    client = aliyun_client(today.http_url.removeprefix("http://"), "another")
    request = aliyun.SendSmsRequest(phone_numbers=NUMBERS[0], sign_name="x", template_code="SMS_1")
    with pytest.raises(Exception, match="does not match"):
        client.send_sms(request)
    assert journalled(root, "sms") == []


@pytest.mark.parametrize(("metas", "action"), [((SAME, SAME), "SendSms"), ((SAME, OTHER), "SendBatchSms")])
def test_we_send_what_aliyuns_sdk_would(
    recorder: tuple[str, list[Request]], runner: asyncio.Runner, metas: tuple[dict[str, str], ...], action: str
) -> None:
    host, seen = recorder
    client = aliyun_client(host)
    if action == "SendSms":
        client.send_sms(
            aliyun.SendSmsRequest(
                phone_numbers=",".join(NUMBERS),
                sign_name="江澜政策",
                template_code="SMS_1",
                template_param=SAME["params"],
                out_id="attempt-1",
            )
        )
    else:
        client.send_batch_sms(
            aliyun.SendBatchSmsRequest(
                phone_number_json=dense(NUMBERS),
                sign_name_json=dense(["江澜政策"] * 2),
                template_code="SMS_1",
                template_param_json=dense([json.loads(meta["params"]) for meta in metas]),
                out_id="attempt-1",
            )
        )
    theirs = seen[0].headers
    clock = Clock(datetime.strptime(theirs["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC))
    channel = AliyunSms(f"aliyun+http://sandbox:{quote(SECRET)}@{host}", token="t", clock=clock)
    assert [outcome.status for outcome in runner.run(channel.send(batch(clock(), *metas)))] == ["accepted"] * 2
    runner.run(channel.close())
    ours = seen[1]
    assert query_of(ours) == query_of(seen[0])
    assert ours.body == seen[0].body
    for name in ("x-acs-action", "x-acs-version", "x-acs-date", "x-acs-content-sha256", "host", "content-type"):
        assert ours.headers.get(name) == theirs.get(name)
    # With their nonce and their client's name, what we signed has their signature.
    query = acs3.encoded(query_of(ours))
    named = theirs["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    mixed = {name: ours.headers[name] if name in ours.headers else theirs[name] for name in named}
    mixed |= {name: theirs[name] for name in ("x-acs-signature-nonce", "user-agent", "accept")}
    assert acs3.authorization(("sandbox", SECRET), query, mixed) == theirs["authorization"]


def dense(value: object) -> str:
    """JSON as we write it: how a value is written is the caller's, not the SDK's."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def query_of(request: Request) -> dict[str, str]:
    """Its query's values."""
    return dict(parse_qsl(request.path.partition("?")[2]))


def tencent_request() -> tencent.SendSmsRequest:
    request = tencent.SendSmsRequest()
    request.PhoneNumberSet = [f"+86{number}" for number in NUMBERS]
    request.SmsSdkAppId, request.TemplateId, request.SignName = "1400006666", "1110", "江澜政策"
    request.TemplateParamSet, request.SessionContext = ["人才补贴", "K7QD2M"], "attempt-1"
    return request


def test_the_sandbox_takes_what_tencents_sdk_sends(today: Sandbox, root: Path) -> None:
    client = tencent_client(today.http_url.removeprefix("http://"))
    said = client.SendSms(tencent_request()).SendStatusSet
    assert [(row.Code, row.SessionContext, row.Fee) for row in said] == [("Ok", "attempt-1", 1)] * 2
    assert len({row.SerialNo for row in said}) == len(journalled(root, "sms")) == 2
    asked = tencent.PullSmsSendStatusByPhoneNumberRequest()
    asked.BeginTime, asked.Offset, asked.Limit = int(datetime.now(UTC).timestamp()) - 60, 0, 10
    asked.PhoneNumber, asked.SmsSdkAppId = f"+86{NUMBERS[0]}", "1400006666"
    (row,) = client.PullSmsSendStatusByPhoneNumber(asked).PullSmsSendStatusSet
    assert (row.SerialNo, row.ReportStatus, row.SessionContext) == (said[0].SerialNo, "SUCCESS", "attempt-1")


def test_the_sandbox_refuses_tencents_sdk_with_another_secret(today: Sandbox, root: Path) -> None:
    client = tencent_client(today.http_url.removeprefix("http://"), "another")
    with pytest.raises(TencentCloudSDKException) as caught:
        client.SendSms(tencent_request())
    assert caught.value.get_code() == "AuthFailure.SignatureFailure"
    assert journalled(root, "sms") == []


def test_we_send_what_tencents_sdk_would_to_the_byte(
    recorder: tuple[str, list[Request]], runner: asyncio.Runner
) -> None:
    host, seen = recorder
    tencent_client(host).SendSms(tencent_request())
    theirs = seen[0].headers
    clock = Clock(datetime.fromtimestamp(int(theirs["x-tc-timestamp"]), UTC))
    channel = TencentSms(f"tencent+http://sandbox:{quote(SECRET)}@{host}?app=1400006666", token="t", clock=clock)
    meta = {"sign": "江澜政策", "template": "1110", "params": '{"check":"K7QD2M","title":"人才补贴"}'}
    meta["order"] = '["title","check"]'
    runner.run(channel.send(batch(clock(), meta, meta)))
    runner.run(channel.close())
    assert seen[1].body == seen[0].body
    for name in ("authorization", "x-tc-action", "x-tc-version", "x-tc-region", "content-type", "host"):
        assert seen[1].headers[name] == theirs[name]
