"""What the SMS vendors call back: receipts and replies, under the token of the hook only."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels.base import ChannelError, Listens, Reply
from channels.reasons import reason
from channels.sms.aliyun import AliyunSms
from channels.sms.tencent import TencentSms
from channels.sms.vendor import BODY_LIMIT
from tests.clock import Clock

TOKEN = "a-token-that-nobody-guesses"
HEADERS = {"X-Pushsvc-Token": TOKEN}
Sms = AliyunSms | TencentSms


@pytest.fixture
def aliyun(clock: Clock) -> AliyunSms:
    return AliyunSms("aliyun://a:b@dysmsapi.aliyuncs.com", token=TOKEN, clock=clock)


@pytest.fixture
def tencent(clock: Clock) -> TencentSms:
    return TencentSms("tencent://a:b@sms.tencentcloudapi.com?app=1", token=TOKEN, clock=clock)


@pytest.fixture(params=["aliyun", "tencent"])
def vendor(request: pytest.FixtureRequest) -> Sms:
    """Each in turn."""
    found: Sms = request.getfixturevalue(request.param)
    return found


def aliyun_report(**more: Any) -> dict[str, Any]:
    """An entry of SmsReport as Aliyun documents it."""
    return {
        "phone_number": "13800138000",
        "send_time": "2026-06-24 09:30:00",
        "report_time": "2026-06-24 09:30:05",
        "success": False,
        "err_code": "MOBILE_NOT_ON_SERVICE",
        "err_msg": "13800138000 停机",
        "sms_size": "1",
        "biz_id": "900619746936498440^0",
        "out_id": "attempt-1",
    } | more


def tencent_report(**more: Any) -> dict[str, Any]:
    """An entry of a status callback as Tencent documents it."""
    return {
        "user_receive_time": "2026-06-24 09:30:05",
        "nationcode": "86",
        "mobile": "13800138000",
        "report_status": "FAIL",
        "errmsg": "MK:0001",
        "description": "空号 13800138000",
        "sid": "2019:538352200000",
    } | more


def body(*rows: object) -> bytes:
    return json.dumps(rows).encode()


@pytest.mark.parametrize(
    ("more", "status", "code", "soft"),
    [
        ({"success": True, "err_code": "DELIVERED"}, "delivered", "DELIVERED", False),
        ({"success": True, "err_code": ""}, "delivered", "DELIVERED", False),
        ({}, "bounced", "MOBILE_NOT_ON_SERVICE", True),
        ({"err_code": "MK:0001"}, "bounced", "MK:0001", False),
        ({"err_code": "USER_REJECT"}, "bounced", "USER_REJECT", False),
        ({"err_code": "MOBILE_SEND_LIMIT"}, "bounced", "MOBILE_SEND_LIMIT", True),
        ({"err_code": "ZZ:9999"}, "bounced", "ZZ:9999", True),
        ({"err_code": None}, "bounced", "success=false", True),
    ],
)
def test_aliyuns_reports_name_attempt_and_number(
    aliyun: AliyunSms, *, more: dict[str, Any], status: str, code: str, soft: bool
) -> None:
    (found,) = aliyun.receipts(body(aliyun_report(**more)), HEADERS)
    assert (found.key, found.batch, found.to) == ("", "attempt-1", "+8613800138000")
    assert (found.status, found.code, found.soft) == (status, code, soft)
    assert found.provider_id == found.raw["biz_id"] == "900619746936498440^0"
    assert "13800138000" not in json.dumps(found.raw)


@pytest.mark.parametrize(
    ("more", "status", "code", "soft"),
    [
        ({"report_status": "SUCCESS", "errmsg": "DELIVRD"}, "delivered", "DELIVRD", False),
        ({}, "bounced", "MK:0001", False),
        ({"errmsg": "UNDELIVRD"}, "bounced", "UNDELIVRD", True),
        ({"errmsg": "WX-FAIL"}, "bounced", "WX-FAIL", False),
        ({"errmsg": ""}, "bounced", "FAIL", True),
    ],
)
def test_tencents_reports_name_their_serial_number(
    tencent: TencentSms, *, more: dict[str, Any], status: str, code: str, soft: bool
) -> None:
    (found,) = tencent.receipts(body(tencent_report(**more)), HEADERS)
    assert (found.key, found.batch, found.to) == ("", "", "+8613800138000")
    assert (found.status, found.code, found.soft) == (status, code, soft)
    assert found.provider_id == found.raw["provider_id"] == "2019:538352200000"
    assert "13800138000" not in json.dumps(found.raw)


def test_a_hard_bounce_is_one_that_ends_an_address(aliyun: AliyunSms, tencent: TencentSms) -> None:
    for vendor, found in (
        (aliyun, aliyun.receipts(body(aliyun_report(err_code="MK:0001")), HEADERS)),
        (tencent, tencent.receipts(body(tencent_report()), HEADERS)),
    ):
        known = reason(vendor.provider, found[0].code)
        assert known is not None
        assert known.suppress is not found[0].soft


@pytest.mark.parametrize(
    "more",
    [
        {"phone_number": "12345"},
        {"phone_number": ["13800138000"]},
        {"phone_number": "+85251234567"},
        {"out_id": ""},
        {"out_id": None},
        {"success": "yes"},
        {"success": None},
    ],
)
def test_an_entry_of_aliyuns_that_says_nothing_is_left_out(aliyun: AliyunSms, more: dict[str, Any]) -> None:
    assert len(aliyun.receipts(body(aliyun_report(**more), 7, None, [], aliyun_report()), HEADERS)) == 1


@pytest.mark.parametrize(
    "more",
    [{"mobile": 1}, {"nationcode": "852"}, {"sid": ""}, {"sid": {}}, {"report_status": "?"}, {"report_status": []}],
)
def test_an_entry_of_tencents_that_says_nothing_is_left_out(tencent: TencentSms, more: dict[str, Any]) -> None:
    assert len(tencent.receipts(body(tencent_report(**more), 7, None, [], tencent_report()), HEADERS)) == 1


def test_aliyuns_replies(aliyun: AliyunSms) -> None:
    row = {"phone_number": "13800138000", "content": "TD", "send_time": "2026-06-24 09:31:00", "dest_code": "1234"}
    found = aliyun.replies(body(row | {"sequence_id": 1234567890}, row, row | {"content": None}), HEADERS)
    assert found[0] == Reply("+8613800138000", "TD", "1234567890")
    assert found[1].id
    assert len(found) == 2


def test_tencents_reply_is_one_object_and_gets_an_id_of_what_it_says(tencent: TencentSms) -> None:
    row = {"extend": "", "mobile": "13800138000", "nationcode": "86", "sign": "s", "text": "退订", "time": 1457336869}
    (first,) = tencent.replies(json.dumps(row).encode(), HEADERS)
    (again,) = tencent.replies(json.dumps(row).encode(), HEADERS)
    (later,) = tencent.replies(json.dumps(row | {"time": 1457336870}).encode(), HEADERS)
    assert (first.to, first.text, first) == ("+8613800138000", "退订", again)
    assert later.id != first.id
    assert "1380013" not in first.id


def test_a_reports_body_holds_no_reply_and_the_other_way_round(aliyun: AliyunSms, tencent: TencentSms) -> None:
    reply = {"phone_number": "13800138000", "mobile": "13800138000", "content": "T", "text": "T", "sequence_id": 1}
    for vendor, report in ((aliyun, aliyun_report()), (tencent, tencent_report())):
        assert vendor.replies(body(report), HEADERS) == []
        assert vendor.receipts(body(reply), HEADERS) == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Pushsvc-Token": ""},
        {"X-Pushsvc-Token": TOKEN[:-1]},
        {"X-Pushsvc-Token": TOKEN + "\udc80"},
        {"Token": TOKEN},
    ],
)
def test_a_callback_without_the_token_is_refused(vendor: Sms, headers: dict[str, str]) -> None:
    for read in (vendor.receipts, vendor.replies):
        with pytest.raises(ChannelError) as caught:
            read(body(aliyun_report(), tencent_report()), headers)
        assert caught.value.code == "bad_signature"


@pytest.mark.parametrize("broken", [b"", b"{", b"[" * 100_000, b"\xff", b"1" * 5000, b" " * (BODY_LIMIT + 1)])
def test_a_callback_that_is_no_json_is_refused(vendor: Sms, broken: bytes) -> None:
    for read, code in ((vendor.receipts, "bad_receipt"), (vendor.replies, "bad_reply")):
        with pytest.raises(ChannelError) as caught:
            read(broken, {"x-pushsvc-token": TOKEN})
        assert caught.value.code == code


def test_they_say_how_they_are_thanked_and_that_they_listen(aliyun: AliyunSms, tencent: TencentSms) -> None:
    assert (aliyun.thanks, tencent.thanks) == ({"code": 0, "msg": "接收成功"}, {"result": 0, "errmsg": "OK"})
    assert isinstance(aliyun, Listens)
    assert isinstance(tencent, Listens)
