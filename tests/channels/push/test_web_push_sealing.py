"""The encryption as RFC 8291 writes it out and as others undo it; subscriptions that may be used."""

from __future__ import annotations

import json
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from channels.base import ChannelError, Message
from channels.push.sealing import payload, seal
from channels.push.subscription import KNOWN, LIMIT, read_subscription
from channels.signers.base64url import decode, encode
from channels.signers.vapid import public_text, read_key

# RFC 8291, appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
RECEIVERS_POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SALT, AUTH = "DGv6ra1nlYgDCS1FRnbzlw", "BTBZMqHH6r4Tts7J_aSIgg"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
HERE = "http://127.0.0.1:8026"


def told(**changes: Any) -> str:
    """A subscription as a browser gives it."""
    found = {"endpoint": "https://fcm.googleapis.com/fcm/send/x:y?z=1", "p256dh": RECEIVERS_POINT, "auth": AUTH}
    return json.dumps({name: value for name, value in (found | changes).items() if value is not None})


def test_the_example_of_rfc_8291() -> None:
    body = seal(PLAIN, read_subscription(told()), private=read_key(SENDER), salt=decode(SALT))
    assert encode(body) == BODY


def test_the_receiver_reads_it_and_no_two_are_alike() -> None:
    bodies = [seal(PLAIN, read_subscription(told())) for _ in range(3)]
    for body in bodies:
        assert http_ece.decrypt(body, private_key=read_key(RECEIVER), auth_secret=decode(AUTH)) == PLAIN
    assert len({body[:16] for body in bodies}) == len({body[21:86] for body in bodies}) == 3


def test_nobody_else_reads_it() -> None:
    body = seal(PLAIN, read_subscription(told()))
    for key, auth in ((generate_private_key(SECP256R1()), decode(AUTH)), (read_key(RECEIVER), bytes(16))):
        with pytest.raises(http_ece.ECEException):
            http_ece.decrypt(body, private_key=key, auth_secret=auth)


@given(st.text(max_size=3000), st.text(max_size=3000))
def test_whatever_is_said_fits_what_every_service_takes(title: str, text: str) -> None:
    content = payload(Message("k" * 32, "", text=text, title=title), "/m/inbox")
    assert len(seal(content, read_subscription(told()))) <= 4096
    assert json.loads(content) | {"title": "", "text": ""} == {
        "title": "",
        "text": "",
        "url": "/m/inbox",
        "key": "k" * 32,
    }


def test_a_subscription_is_read() -> None:
    found = read_subscription(told(endpoint="https://FCM.googleapis.com/fcm/send/x:y?z=1"))
    assert (str(found.origin), found.target) == ("https://fcm.googleapis.com", "/fcm/send/x:y?z=1")
    assert (public_text(found.public), encode(found.auth)) == (RECEIVERS_POINT, AUTH)


BAD = [
    {"endpoint": None},
    {"endpoint": 7},
    {"endpoint": "https://fcm.googleapis.com"},
    {"endpoint": "ftp://fcm.googleapis.com/x"},
    {"endpoint": "https://a@fcm.googleapis.com/x"},
    {"endpoint": "https://fcm.googleapis.com/x\r\nX: y"},
    {"endpoint": "https://fcm.googleapis.com/x#y"},
    {"endpoint": "https://fcm.googleapis.com/é"},
    {"endpoint": "https://fcm.googleapis.com/" + "x" * 2001},
    {"p256dh": None},
    {"p256dh": ["x"]},
    {"p256dh": RECEIVERS_POINT[:-2]},
    {"p256dh": encode(b"\4" + bytes(64))},
    {"p256dh": encode(b"\2" + bytes(64))},
    {"auth": "AAAA"},
    {"auth": "?" * 22},
    {"auth": None},
]


@pytest.mark.parametrize("changes", BAD, ids=str)
def test_what_is_no_subscription_is_refused_and_not_repeated(changes: dict[str, Any]) -> None:
    with pytest.raises(ChannelError) as caught:
        read_subscription(told(**changes))
    assert (caught.value.code, caught.value.__cause__) == ("bad_subscription", None)


@given(st.text(max_size=200) | st.sampled_from(["[" * LIMIT, "[]", "null", "1e999", " " * (LIMIT + 1), '"\ud800"']))
def test_any_text_is_refused_by_its_code(text: str) -> None:
    with pytest.raises(ChannelError, match="no push subscription"):
        read_subscription(text)


@pytest.mark.parametrize(
    ("endpoint", "allowed", "may"),
    [
        ("https://fcm.googleapis.com/x", KNOWN, True),
        ("https://updates.push.services.mozilla.com/wpush/v2/x", KNOWN, True),
        ("https://wns2-par02p.notify.windows.com/w/?token=x", KNOWN, True),
        ("https://web.push.apple.com/x", KNOWN, True),
        ("https://push.example.cn/x", KNOWN, False),
        ("https://push.example.cn/x", (*KNOWN, "push.example.cn"), True),
        ("https://fcm.googleapis.com.evil.example/x", KNOWN, False),
        ("https://evilnotify.windows.com/x", KNOWN, False),
        ("https://notify.windows.com/x", KNOWN, False),
        ("https://fcm.googleapis.com:444/x", KNOWN, False),
        ("http://fcm.googleapis.com/x", KNOWN, False),
        ("http://fcm.googleapis.com/x", ("http://fcm.googleapis.com",), False),
        (f"{HERE}/x", KNOWN, False),
        (f"{HERE}/x", (HERE,), True),
        ("http://127.0.0.1:8027/x", (HERE,), False),
        ("https://127.0.0.1/x", ("*", "*."), False),
        ("https://169.254.169.254/x", KNOWN, False),
        ("https://localhost/x", KNOWN, False),
    ],
)
def test_where_a_subscription_may_lead(endpoint: str, allowed: tuple[str, ...], may: bool) -> None:
    if may:
        assert read_subscription(told(endpoint=endpoint), allowed).target.startswith("/")
        return
    with pytest.raises(ChannelError) as caught:
        read_subscription(told(endpoint=endpoint), allowed)
    assert caught.value.code == "host_not_allowed"
