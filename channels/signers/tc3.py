"""Tencent Cloud's signature, TC3-HMAC-SHA256: over the content type, the host and a hash of the body.

Source: Tencent Cloud, "Signature v3"; proven equal to its own SDK, which signs these two headers as well.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from channels.base import ChannelError

ALGORITHM = "TC3-HMAC-SHA256"
SKEW_SECONDS = 300
SERVICE = "sms"
VERSION = "2021-01-11"
CONTENT_TYPE = "application/json"
SIGNED = "content-type;host"


def signed_headers(
    action: str, account: tuple[str, str], *, host: str, region: str, body: bytes, now: datetime
) -> dict[str, str]:
    """The headers of a POST of `body` (JSON) to `/`; `account` is (id, secret), `now` aware."""
    timestamp = str(int(now.timestamp()))
    return {
        "Host": host,
        "Content-Type": CONTENT_TYPE,
        "X-TC-Action": action,
        "X-TC-Version": VERSION,
        "X-TC-Region": region,
        "X-TC-Timestamp": timestamp,
        "Authorization": authorization(account, host, body, timestamp=timestamp),
    }


def authorization(
    account: tuple[str, str], host: str, body: bytes, *, timestamp: str, content_type: str = CONTENT_TYPE
) -> str:
    """The Authorization header. `timestamp`: seconds since 1970 in digits."""
    scope = f"{_day(timestamp)}/{SERVICE}/tc3_request"
    hashed = hashlib.sha256(canonical(host, body, content_type=content_type).encode()).hexdigest()
    text = f"{ALGORITHM}\n{timestamp}\n{scope}\n{hashed}"
    key = f"TC3{account[1]}".encode()
    for word in scope.split("/"):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={account[0]}/{scope}, SignedHeaders={SIGNED}, Signature={signature}"


def canonical(host: str, body: bytes, *, content_type: str = CONTENT_TYPE) -> str:
    """The canonical request: what is signed, in lines."""
    return f"POST\n/\n\ncontent-type:{content_type}\nhost:{host}\n\n{SIGNED}\n{hashlib.sha256(body).hexdigest()}"


def verify(account: tuple[str, str], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """What the vendor does with a request; header names in small letters.

    Raises ChannelError with the vendor's code for an unknown account, a wrong signature or a clock 5 minutes off.
    """
    given, timestamp = headers.get("authorization", ""), headers.get("x-tc-timestamp", "")
    if not given.startswith(f"{ALGORITHM} Credential=") or not (timestamp.isascii() and timestamp.isdigit()):
        raise ChannelError("AuthFailure.InvalidAuthorization", "The Authorization header is not one of Tencent's.")
    if len(timestamp) > 10 or abs(now.timestamp() - int(timestamp)) > SKEW_SECONDS:
        raise ChannelError("AuthFailure.SignatureExpire", "The signature is older than five minutes.")
    if not given.startswith(f"{ALGORITHM} Credential={account[0]}/"):
        raise ChannelError("AuthFailure.SecretIdNotFound", "The SecretId is not found.")
    host, content_type = headers.get("host", ""), headers.get("content-type", "")
    right = authorization(account, host, body, timestamp=timestamp, content_type=content_type)
    if not hmac.compare_digest(right.encode(), given.encode(errors="replace")):
        raise ChannelError("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")


def _day(timestamp: str) -> str:
    return datetime.fromtimestamp(int(timestamp), UTC).strftime("%Y-%m-%d")
