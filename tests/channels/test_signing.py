"""Signatures: forged, old and misplaced ones are refused; receipts are read only behind a good one."""

from __future__ import annotations

import ast
import inspect
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import signing
from channels.base import ChannelError
from channels.receipts import BODY_LIMIT, read_receipts
from channels.signing import SIGNATURE, TIMESTAMP, sign, signed_headers, verify

NOW = datetime(2026, 6, 24, 1, 30, tzinfo=UTC)
KEY = b"secret"


def refused(body: bytes, headers: dict[str, str], now: datetime = NOW) -> bool:
    try:
        verify(KEY, body, headers, now)
    except ChannelError as exc:
        return exc.code == "bad_signature"
    return False


@given(st.binary(max_size=200), st.integers(-300, 300))
def test_what_was_signed_within_five_minutes_is_taken(body: bytes, seconds: int) -> None:
    assert not refused(body, signed_headers(KEY, body, NOW), NOW + timedelta(seconds=seconds))


@given(st.binary(max_size=200), st.integers(301, 10**8), st.sampled_from([-1, 1]))
def test_what_is_older_or_from_the_future_is_refused(body: bytes, seconds: int, side: int) -> None:
    assert refused(body, signed_headers(KEY, body, NOW), NOW + timedelta(seconds=seconds * side))


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_another_body_or_key_is_refused(body: bytes, other: bytes) -> None:
    assert refused(other, signed_headers(KEY, body, NOW)) == (other != body)
    assert refused(body, signed_headers(b"x" + KEY, body, NOW))


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "١٧٨٢٢٦٤٦٠٠", " 1782264600", "9" * 400, "1782264600.0", "NaN"])
def test_an_odd_timestamp_is_refused_even_when_signed(stamp: str) -> None:
    assert refused(b"x", {TIMESTAMP: stamp, SIGNATURE: sign(KEY, b"x", stamp)})


@pytest.mark.parametrize("signature", ["", "0" * 64, "é" * 64, "\udcff", None])
def test_a_missing_or_odd_signature_is_refused(signature: str | None) -> None:
    headers = signed_headers(KEY, b"x", NOW)
    assert refused(b"x", {TIMESTAMP: headers[TIMESTAMP], **({SIGNATURE: signature} if signature is not None else {})})


def test_the_timestamp_is_part_of_what_is_signed() -> None:
    headers = signed_headers(KEY, b"x", NOW - timedelta(days=1))
    assert refused(b"x", {**headers, TIMESTAMP: str(int(NOW.timestamp()))})


def test_header_names_are_found_in_any_case() -> None:
    headers = {name.upper(): value for name, value in signed_headers(KEY, b"x", NOW).items()}
    assert not refused(b"x", headers)


def test_an_empty_key_signs_nothing() -> None:
    with pytest.raises(ChannelError) as caught:
        sign(b"", b"x", "1")
    assert caught.value.code == "no_key"


def test_signatures_are_compared_in_constant_time() -> None:
    tree = ast.parse(inspect.getsource(signing.verify))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert "hmac.compare_digest" in calls
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]


def read(content: object, body: bytes | None = None) -> list[str]:
    body = json.dumps(content).encode() if body is None else body
    return [receipt.key for receipt in read_receipts(KEY, body, signed_headers(KEY, body, NOW), lambda: NOW)]


def test_unusable_receipts_are_left_out_and_the_rest_is_read() -> None:
    good = {"key": "a", "status": "delivered", "code": None}
    odd = [{"key": "b", "status": "lost"}, {"status": "delivered"}, "x", {"key": "", "status": "delivered"}]
    odd += [{"key": 7, "status": "delivered"}, {"key": "k" * 201, "status": "bounced"}, {"key": "c", "status": ["x"]}]
    assert read({"receipts": [*odd, good]}) == ["a"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"receipts": 1}', b"[" * 100_000, b"\xff", b'{"receipts": "x"}'])
def test_a_callback_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(ChannelError) as caught:
        read(None, body)
    assert caught.value.code == "bad_receipt"


def test_an_endless_callback_is_refused_before_it_is_hashed() -> None:
    with pytest.raises(ChannelError) as caught:
        read_receipts(KEY, b" " * (BODY_LIMIT + 1), {}, lambda: NOW)
    assert caught.value.code == "bad_receipt"
