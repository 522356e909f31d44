"""Signed requests, both ways: HMAC-SHA256 over the timestamp and the body, refused when forged or old."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from channels.base import ChannelError

TIMESTAMP = "X-Pushsvc-Timestamp"
SIGNATURE = "X-Pushsvc-Signature"
SKEW_SECONDS = 300


def sign(key: bytes, body: bytes, timestamp: str) -> str:
    """The signature in hex of `timestamp`, a line feed and `body`. The key must not be empty."""
    if not key:
        raise ChannelError("no_key", "The key that signs requests is empty.")
    return hmac.new(key, timestamp.encode(errors="replace") + b"\n" + body, hashlib.sha256).hexdigest()


def signed_headers(key: bytes, body: bytes, now: datetime) -> dict[str, str]:
    """The two headers that prove who sent `body`, and when."""
    timestamp = str(int(now.timestamp()))
    return {TIMESTAMP: timestamp, SIGNATURE: sign(key, body, timestamp)}


def verify(key: bytes, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
    """Raises ChannelError "bad_signature" unless `body` was signed with `key` within five minutes of `now`."""
    lower = {name.lower(): value for name, value in headers.items()}
    timestamp = lower.get(TIMESTAMP.lower(), "")
    given = lower.get(SIGNATURE.lower(), "")
    # The comparison runs in constant time and before the timestamp is looked at: nothing is learnt by probing.
    genuine = hmac.compare_digest(sign(key, body, timestamp).encode(), given.encode(errors="replace"))
    if not genuine or not _fresh(timestamp, now):
        raise ChannelError("bad_signature", "The signature is missing, forged or older than five minutes.")


def _fresh(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now.timestamp() - int(timestamp)) <= SKEW_SECONDS
