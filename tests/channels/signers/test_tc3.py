"""Tencent Cloud's signature: the same as its SDK's, and refused for any difference."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.common.sign import Sign

from channels.base import ChannelError
from channels.signers import tc3
from tests.clock import Clock

KEY = ("sandbox", "s3cret")
MOMENTS = st.integers(1_500_000_000, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def small(headers: dict[str, str]) -> dict[str, str]:
    """As they arrive."""
    return {name.lower(): value for name, value in headers.items()}


@given(st.binary(max_size=200), MOMENTS)
def test_the_sdk_signs_the_same_request_the_same_way(body: bytes, now: datetime) -> None:
    headers = tc3.signed_headers("SendSms", KEY, host="h:1", region="r", body=body, now=now)
    day = now.strftime("%Y-%m-%d")
    hashed = hashlib.sha256(tc3.canonical("h:1", body).encode()).hexdigest()
    text = f"TC3-HMAC-SHA256\n{headers['X-TC-Timestamp']}\n{day}/sms/tc3_request\n{hashed}"
    assert headers["Authorization"].endswith(f"Signature={Sign.sign_tc3(KEY[1], day, 'sms', text)}")


@pytest.fixture
def headers(clock: Clock) -> dict[str, str]:
    """Of a signed request."""
    return small(tc3.signed_headers("SendSms", KEY, host="h", region="ap-guangzhou", body=b"{}", now=clock()))


def test_a_signed_request_is_verified(headers: dict[str, str], clock: Clock) -> None:
    tc3.verify(KEY, headers, b"{}", clock())


@pytest.mark.parametrize(
    ("change", "body", "code"),
    [
        ({}, b"{ }", "AuthFailure.SignatureFailure"),
        ({"host": "other"}, b"{}", "AuthFailure.SignatureFailure"),
        ({"content-type": "text/plain"}, b"{}", "AuthFailure.SignatureFailure"),
        ({"authorization": ""}, b"{}", "AuthFailure.InvalidAuthorization"),
        ({"x-tc-timestamp": "²"}, b"{}", "AuthFailure.InvalidAuthorization"),
        ({"x-tc-timestamp": "9" * 40}, b"{}", "AuthFailure.SignatureExpire"),
    ],
)
def test_any_difference_is_refused(
    headers: dict[str, str], clock: Clock, change: dict[str, str], body: bytes, code: str
) -> None:
    with pytest.raises(ChannelError) as caught:
        tc3.verify(KEY, headers | change, body, clock())
    assert caught.value.code == code


def test_another_account_or_secret_is_refused(headers: dict[str, str], clock: Clock) -> None:
    for key, code in (
        (("other", "s3cret"), "AuthFailure.SecretIdNotFound"),
        (("sandbox", "x"), "AuthFailure.SignatureFailure"),
    ):
        with pytest.raises(ChannelError) as caught:
            tc3.verify(key, headers, b"{}", clock())
        assert caught.value.code == code


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_clock_may_be_five_minutes_off(headers: dict[str, str], clock: Clock, sign: int) -> None:
    tc3.verify(KEY, headers, b"{}", clock() + sign * timedelta(minutes=5))
    with pytest.raises(ChannelError, match="five minutes"):
        tc3.verify(KEY, headers, b"{}", clock() + sign * timedelta(minutes=5, seconds=1))
