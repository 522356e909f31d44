"""Callbacks of any shape: what is read can be stored, and nothing is read without the token."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import ChannelError, Receipt
from channels.sms.aliyun import AliyunSms
from channels.sms.tencent import TencentSms
from tests.channels.sms.test_callbacks import HEADERS, TOKEN, Sms, aliyun_report, tencent_report
from tests.draws import draws

NAMES = st.sampled_from([*aliyun_report(), *tencent_report(), "content", "text", "time", "sequence_id"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**4000)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["13800138000", "+8613800138000", "SUCCESS", "FAIL", "true", "86", "\0", "\ud800", "退订"])
)
ENTRIES = st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, max_size=2), max_size=12)
TRUE = st.sampled_from([aliyun_report(), tencent_report()])
MIXED = st.builds(lambda true, odd: true | odd, TRUE, ENTRIES)
BODIES = (
    st.binary(max_size=200)
    | st.lists(MIXED | ENTRIES | SCALARS, max_size=4).map(lambda rows: json.dumps(rows).encode())
    | MIXED.map(lambda row: json.dumps(row).encode())
    | st.tuples(TRUE, st.integers(0, 300)).map(lambda cut: json.dumps([cut[0]]).encode()[: cut[1]])
)
FORGED = st.dictionaries(
    st.sampled_from(["X-Pushsvc-Token", "x-pushsvc-token", "Authorization"]),
    st.text(max_size=40).filter(lambda text: text != TOKEN),
    max_size=3,
)


def storable(*words: str) -> bool:
    """Whether PostgreSQL would take them."""
    return all("\0" not in word and word == word.encode(errors="replace").decode() for word in words)


def checked(found: list[Receipt]) -> None:
    for one in found:
        assert one.status in ("delivered", "bounced")
        assert one.to.startswith("+86")
        assert one.batch or one.provider_id
        assert storable(one.code, one.batch, one.to, one.provider_id, *one.raw, *one.raw.values())
        assert max(len(one.code), len(one.provider_id)) <= 100
        assert "13800138000" not in json.dumps([one.raw.get("err_msg"), one.raw.get("description")])


@given(BODIES)
@settings(max_examples=draws(10_000), deadline=None)
def test_any_body_gives_receipts_and_replies_that_can_be_stored_or_an_error(content: bytes) -> None:
    refusals = []
    for vendor in VENDORS:
        try:
            checked(vendor.receipts(content, HEADERS))
            assert all(storable(*one) and len(one.text) <= 1000 for one in vendor.replies(content, HEADERS))
        except ChannelError as exc:
            refusals.append(exc.code)
    assert refusals in ([], ["bad_receipt"] * 2)


@given(BODIES, FORGED)
@settings(max_examples=draws(10_000), deadline=None)
def test_nothing_is_read_from_a_forged_callback(content: bytes, headers: dict[str, str]) -> None:
    for vendor in VENDORS:
        for read in (vendor.receipts, vendor.replies):
            with pytest.raises(ChannelError) as caught:
                read(content, headers)
            assert caught.value.code == "bad_signature"


def _no_clock() -> Any:
    raise AssertionError("a callback asks no clock")


VENDORS: tuple[Sms, ...] = (
    AliyunSms("aliyun://a:b@dysmsapi.aliyuncs.com", token=TOKEN, clock=_no_clock),
    TencentSms("tencent://a:b@sms.tencentcloudapi.com?app=1", token=TOKEN, clock=_no_clock),
)
