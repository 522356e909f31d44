"""The token that tells a push service who is sending: as others read it, kept for its origin, renewed in time."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from py_vapid import Vapid02

from channels.signers.base64url import decode, encode
from channels.signers.vapid import LIFE, REST, Vapid, public_text, read_key
from tests.channels.stages.web_push import SUBJECT, VAPID_KEY
from tests.clock import Clock

ORIGIN = "https://fcm.googleapis.com"


def claims(header: bytes) -> dict[str, object]:
    """What the token says."""
    found: dict[str, object] = json.loads(decode(header.decode().split(".")[1]))
    return found


def test_py_vapid_verifies_the_token(clock: Clock) -> None:
    vapid = Vapid(VAPID_KEY, SUBJECT)
    assert Vapid02.verify(vapid.header(ORIGIN, clock()).decode())
    forged = vapid.header(ORIGIN, clock()).decode().replace(".ey", ".eyJ", 1)
    assert not Vapid02.verify(forged)


def test_the_key_beside_it_is_the_one_that_py_vapid_derives() -> None:
    theirs = Vapid02.from_raw(VAPID_KEY.encode()).public_key
    raw = theirs.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    assert Vapid(VAPID_KEY, SUBJECT).public == encode(raw)


def test_it_says_for_whom_until_when_and_whom_to_write_to(clock: Clock) -> None:
    told = claims(Vapid(VAPID_KEY, SUBJECT).header(ORIGIN, clock()))
    assert told == {"aud": ORIGIN, "exp": int(clock().timestamp()) + LIFE, "sub": SUBJECT}
    assert LIFE <= 24 * 3600


def test_one_is_kept_for_each_origin_until_shortly_before_it_ends(clock: Clock) -> None:
    vapid = Vapid(VAPID_KEY, SUBJECT)
    first = vapid.header(ORIGIN, clock())
    assert vapid.header("https://web.push.apple.com", clock()) != first
    clock.forward(seconds=LIFE - REST - 1)
    assert vapid.header(ORIGIN, clock()) is first
    clock.forward(seconds=1)
    assert claims(vapid.header(ORIGIN, clock()))["exp"] == int(clock().timestamp()) + LIFE


def test_a_clock_that_was_set_back_makes_a_new_one(clock: Clock) -> None:
    vapid = Vapid(VAPID_KEY, SUBJECT)
    vapid.header(ORIGIN, clock())
    clock.forward(days=-2)
    assert claims(vapid.header(ORIGIN, clock()))["exp"] == int(clock().timestamp()) + LIFE


def test_many_origins_do_not_fill_the_memory(clock: Clock) -> None:
    vapid = Vapid(VAPID_KEY, SUBJECT)
    for n in range(1100):
        vapid.header(f"https://n{n}.notify.windows.com", clock())
    assert len(vapid._known) == 1000


@pytest.mark.parametrize("key", ["", "x", encode(bytes(32)), encode(b"\xff" * 32), encode(bytes(31)), "?" * 43])
def test_a_key_that_is_none_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ValueError, match="32 bytes") as caught:
        Vapid(key, SUBJECT)
    assert not key or key not in str(caught.value)


def test_a_subject_is_an_address() -> None:
    with pytest.raises(ValueError, match="subject"):
        Vapid(VAPID_KEY, "江澜市")


@given(st.binary(max_size=200))
def test_base64url_is_taken_back_padded_or_not(data: bytes) -> None:
    text = encode(data)
    assert "=" not in text
    assert decode(text) == decode(text + "=" * (-len(text) % 4)) == data


@pytest.mark.parametrize("text", ["a b", "a+b/", "a\n", "é", "=a", "abcde"])
def test_base64url_holds_no_other_letters(text: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        decode(text)


def test_a_public_key_is_65_bytes() -> None:
    assert len(decode(public_text(read_key(VAPID_KEY).public_key()))) == 65
