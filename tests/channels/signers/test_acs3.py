"""Aliyun's signature: the same as its SDK's, and refused for any difference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from alibabacloud_tea_openapi.utils import Utils
from hypothesis import given
from hypothesis import strategies as st

from channels.base import ChannelError
from channels.signers import acs3
from tests.clock import Clock

NOW = datetime(2026, 6, 24, 1, 30, tzinfo=UTC)
KEY = ("sandbox", "s3cret")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.dictionaries(st.text("abcXYZ019", min_size=1, max_size=8), TEXT, max_size=5)


def small(headers: dict[str, str]) -> dict[str, str]:
    """As they arrive."""
    return {name.lower(): value for name, value in headers.items()}


@given(VALUES, VALUES)
def test_the_sdk_signs_the_same_request_the_same_way(query: dict[str, str], form: dict[str, str]) -> None:
    text, body = acs3.encoded(query), acs3.form(form)
    ours = acs3.signed_headers("SendSms", KEY, host="h:1", query=text, body=body, stamp=(NOW, "n1"))
    signed = {name: value for name, value in ours.items() if name != "Authorization"}
    request = SimpleNamespace(method="POST", pathname="/", query=query, headers=signed)
    theirs = Utils.get_authorization(request, acs3.ALGORITHM, signed["x-acs-content-sha256"], *KEY)
    assert ours["Authorization"] == theirs


@pytest.fixture
def headers(clock: Clock) -> dict[str, str]:
    """Of a signed request with a query and a body."""
    return small(acs3.signed_headers("SendSms", KEY, host="h", query="a=b", body=b"c=d", stamp=(clock(), "n")))


def test_a_signed_request_is_verified(headers: dict[str, str], clock: Clock) -> None:
    acs3.verify(KEY, "a=b", headers, b"c=d", clock())


@pytest.mark.parametrize(
    ("change", "query", "body", "code"),
    [
        ({}, "a=c", b"c=d", "SignatureDoesNotMatch"),
        ({}, "a=b", b"c=e", "SignatureDoesNotMatch"),
        ({"host": "other"}, "a=b", b"c=d", "SignatureDoesNotMatch"),
        ({"x-acs-action": "QuerySendDetails"}, "a=b", b"c=d", "SignatureDoesNotMatch"),
        ({"x-acs-signature-nonce": "m"}, "a=b", b"c=d", "SignatureDoesNotMatch"),
        ({"authorization": ""}, "a=b", b"c=d", "IncompleteSignature"),
        ({"authorization": "Bearer x"}, "a=b", b"c=d", "IncompleteSignature"),
    ],
)
def test_any_difference_is_refused(
    headers: dict[str, str], clock: Clock, change: dict[str, str], query: str, body: bytes, code: str
) -> None:
    with pytest.raises(ChannelError) as caught:
        acs3.verify(KEY, query, headers | change, body, clock())
    assert caught.value.code == code


def test_another_account_or_secret_is_refused(headers: dict[str, str], clock: Clock) -> None:
    for key, code in (
        (("other", "s3cret"), "InvalidAccessKeyId.NotFound"),
        (("sandbox", "x"), "SignatureDoesNotMatch"),
    ):
        with pytest.raises(ChannelError) as caught:
            acs3.verify(key, "a=b", headers, b"c=d", clock())
        assert caught.value.code == code


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_clock_may_be_fifteen_minutes_off(headers: dict[str, str], clock: Clock, sign: int) -> None:
    acs3.verify(KEY, "a=b", headers, b"c=d", clock() + sign * timedelta(minutes=15))
    with pytest.raises(ChannelError, match="expired"):
        acs3.verify(KEY, "a=b", headers, b"c=d", clock() + sign * timedelta(minutes=15, seconds=1))
