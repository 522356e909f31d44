"""Signed callbacks: one odd entry costs itself alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import ChannelError, Receipt
from channels.receipts import BODY_LIMIT, KEY_LIMIT, STATUSES, read_receipts
from channels.said import sound
from channels.signing import signed_headers
from tests.channels.test_said import JSON
from tests.clock import Clock
from tests.draws import draws

KEY = b"gateway"
NOON = datetime(2026, 6, 24, 12, tzinfo=UTC)
GOOD = {"key": "wire-1", "status": "delivered", "code": "ok"}


def read(body: bytes, clock: Clock) -> list[Receipt]:
    return read_receipts(KEY, body, signed_headers(KEY, body, clock()), clock)


@pytest.mark.parametrize(
    "entry",
    [
        '{"key": "a\\u0000", "status": "delivered"}',
        '{"key": "\\ud800", "status": "delivered"}',
        '{"key": "", "status": "delivered"}',
        '{"key": 7, "status": "delivered"}',
        '{"key": "a", "status": "read"}',
        '{"key": "a", "status": ["delivered"]}',
        '{"key": "' + "a" * (KEY_LIMIT + 1) + '", "status": "delivered"}',
        "[" * 50_000 + "]" * 50_000,
        "9" * 5_000,
        "NaN",
        "null",
    ],
)
def test_an_entry_that_says_nothing_usable_is_left_out(clock: Clock, entry: str) -> None:
    body = f'{{"receipts": [{entry}, {json.dumps(GOOD)}]}}'.encode()
    assert [receipt.key for receipt in read(body, clock)] == ["wire-1"]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ('"code": "a\\u0000b"', "a\ufffdb"),
        ('"code": "\\udc00"', "?"),
        ('"code": NaN', ""),
        ('"code": 4' + "0" * 5_000, ""),
        ('"code": 17', "17"),
        ('"code": ' + "[" * 900 + "]" * 900, ""),
        ('"code": {"a": 1}', ""),
        ('"code": "' + "x" * 500 + '"', "x" * 100),
        ('"more": "\\ud83d", "deep": ' + "[" * 50_000 + "]" * 50_000, ""),
    ],
)
def test_what_cannot_be_stored_is_replaced(clock: Clock, entry: str, code: str) -> None:
    body = f'{{"receipts": [{{"key": "k", "status": "bounced", {entry}}}]}}'.encode()
    (receipt,) = read(body, clock)
    assert (receipt.key, receipt.code) == ("k", code)
    assert sound(json.dumps(receipt.raw, allow_nan=False, ensure_ascii=False))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"7", b'{"receipts": {}}', b'{"other": []}', b"x" * (BODY_LIMIT + 1)]
)
def test_a_body_that_is_no_list_of_receipts_is_refused(clock: Clock, body: bytes) -> None:
    with pytest.raises(ChannelError) as caught:
        read(body, clock)
    assert caught.value.code == "bad_receipt"


def test_a_channel_without_a_clock_cannot_tell_a_fresh_signature() -> None:
    with pytest.raises(ChannelError) as caught:
        read_receipts(KEY, b"{}", {}, None)
    assert caught.value.code == "no_receipts"


@settings(max_examples=draws(10_000))
@given(st.binary(max_size=200) | JSON.map(lambda one: json.dumps({"receipts": one}).encode()))
def test_whatever_is_signed_gives_receipts_that_can_be_kept_or_a_refusal(body: bytes) -> None:
    clock = Clock(NOON)
    codes: list[str] = []
    found: list[Receipt] = []
    try:
        found = read(body, clock)
    except ChannelError as error:
        codes.append(error.code)
    assert codes in ([], ["bad_receipt"])
    assert all(sound(one.key) and sound(one.code) and one.status in STATUSES for one in found)
