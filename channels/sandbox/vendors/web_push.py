"""A push service: who sends is verified (RFC 8292), the body has the right shape (RFC 8291), a Topic replaces."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from typing import Any

from channels.sandbox.desk import Desk
from channels.sandbox.faults import Fault
from channels.sandbox.wire import Answer, Request
from channels.signers.base64url import decode

PATH = "/wp/"
DAY = 86_400
BODY_LIMIT = 4096
LEAST = 86 + 17  # the header with a key of 65 bytes, an empty record with its delimiter and tag
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
_VAPID = re.compile(r"vapid t=([\w-]+\.[\w-]+)\.([\w-]+), ?k=([\w-]+)", re.ASCII)
_ID = re.compile(r"/wp/([A-Za-z0-9_-]{1,200})", re.ASCII)


def takes(request: Request) -> bool:
    """Whether the request is one to a subscription: `POST /wp/<id>`."""
    return request.method == "POST" and request.path.startswith(PATH)


async def answer(desk: Desk, request: Request) -> Answer | None:
    """201 with the message's place, or why not; the fault of the channel `app` is drawn by the subscription's id."""
    found = _ID.fullmatch(request.path)
    if found is None:
        return Answer({"code": "gone"}, 410)
    refused = _refused(desk, request)
    if refused is not None:
        return refused
    fault = desk.faults.next("app", [found[1]])
    before = await _before(desk, fault)
    if before is not None:
        return before
    if fault and fault.mode in ("hang", "hang_up"):
        return None
    place = _take(desk, found[1], request)
    return await _after(desk, fault, Answer({}, 201, {"Location": f"/wp-message/{place}", "TTL": "0"}))


def _refused(desk: Desk, request: Request) -> Answer | None:
    """What is wrong with a request, if anything."""
    try:
        _check_sender(desk, request.headers)
    except (ValueError, TypeError, KeyError, RecursionError):
        return Answer({"code": "unauthorized"}, 401)
    headers, body = request.headers, request.body
    told = headers.get("ttl", "")
    if not (told.isascii() and told.isdigit()) or headers.get("content-encoding") != "aes128gcm":
        return Answer({"code": "bad_headers"}, 400)
    if "topic" in headers and _TOPIC.fullmatch(headers["topic"]) is None:
        return Answer({"code": "bad_topic"}, 400)
    if len(body) > BODY_LIMIT:
        return Answer({"code": "too_large"}, 413)
    if len(body) < LEAST or int.from_bytes(body[16:20], "big") < 18 or body[20:22] != b"\x41\x04":
        return Answer({"code": "bad_body"}, 400)
    return None


def _check_sender(desk: Desk, headers: dict[str, str]) -> None:
    """The token is signed by the key beside it, is meant for this host, and ends within a day. Raises ValueError."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    found = _VAPID.fullmatch(headers["authorization"])
    if found is None:
        raise ValueError
    content, signature, key = found[1], decode(found[2]), decode(found[3])
    public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key)
    halves = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        public.verify(encode_dss_signature(*halves), content.encode(), ECDSA(SHA256()))
    except InvalidSignature as exc:
        raise ValueError from exc
    head, claims = (json.loads(decode(part)) for part in content.split("."))
    now = desk.clock().timestamp()
    if head["alg"] != "ES256" or claims["aud"] != f"http://{headers['host']}" or len(signature) != 64:
        raise ValueError
    if not now < claims["exp"] <= now + DAY or not claims["sub"].startswith(("mailto:", "https:")):
        raise ValueError


async def _before(desk: Desk, fault: Fault | None) -> Answer | None:
    mode = fault.mode if fault else ""
    if fault and mode in ("429", "defer"):
        return Answer({"code": "slow_down"}, 429, {"Retry-After": str(int(fault.seconds))})
    if mode == "500":
        return Answer({"code": "failed"}, 500)
    if mode == "refuse":
        return Answer({"code": "gone"}, 410)
    if fault and mode in ("delay", "hang"):
        await asyncio.sleep(fault.seconds)
    if mode == "die":
        desk.die()
    return None


async def _after(desk: Desk, fault: Fault | None, taken: Answer) -> Answer | None:
    """What is said of a message that was taken, late, half or never as the fault wants it."""
    mode = fault.mode if fault else ""
    if mode == "die_after":
        desk.die()
    if fault and mode == "answer_late":
        await asyncio.sleep(fault.seconds)
    if mode == "500_after":
        return Answer({"code": "failed"}, 500)
    if mode == "hang_up_after":
        return None
    return Answer(taken.content, taken.status, taken.headers, half=mode == "garbled")


def _take(desk: Desk, subscription: str, request: Request) -> str:
    """Journals the message under its subscription and Topic: one that is still held is replaced, which is a repeat."""
    journal = desk.journals["app"]
    topic = request.headers.get("topic") or base64.urlsafe_b64encode(request.body[:16]).decode().rstrip("=")
    key = f"{subscription}:{topic}"
    row: dict[str, Any] = {
        "key": key,
        "to": desk.hash(subscription),
        "at": desk.clock().isoformat(),
        "subscription": subscription,
        "ttl": int(request.headers["ttl"][:9]),
        "urgency": request.headers.get("urgency", ""),
        "body": base64.b64encode(request.body).decode(),
    }
    if journal.known(key):
        row["repeat"] = True
    journal.append([row])
    return topic
