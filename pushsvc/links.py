"""Signed links: unsubscribe (never expires), sign-in (short-lived, used once), and the short code of a policy."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from itsdangerous import BadData, URLSafeSerializer

SIGN_IN_MINUTES = 15
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/i/l: a code is read out on the phone
_CODE_LENGTH = 8
_DENSE = json.JSONEncoder(separators=(",", ":"))


class LinkError(ValueError):
    """A link does not work; `code` is bad_link or expired."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Unsubscribe:
    """What an unsubscribe link proves: who was written to, about whom, of what, and through which door."""

    delivery_id: int | None
    recipient_id: int
    profile_id: int
    policy_id: int | None
    door: str


@dataclass(frozen=True)
class SignIn:
    """What a sign-in link proves, for one use: `jti` is recorded until `expires_at`."""

    profile_id: int
    jti: str
    expires_at: datetime


def hook_token(secret: bytes, route: str) -> str:
    """The last step of a vendor's hook, where the vendor cannot sign what it calls back: who knows it is the vendor."""
    return hmac.new(secret, b"hook:" + route.encode(), hashlib.sha256).hexdigest()[:40]


def unsubscribe_token(
    secret: bytes, *, delivery_id: int | None, recipient_id: int, profile_id: int, policy_id: int | None, door: str
) -> str:
    """A URL-safe token that lives as long as the secret key: people unsubscribe from mail of years ago.

    What itsdangerous would write, signed with the key that it derives; it would derive it for every mail anew.
    """
    values = _DENSE.encode([delivery_id, recipient_id, profile_id, policy_id, door])
    payload = base64.urlsafe_b64encode(values.encode()).rstrip(b"=")
    signature = _unsubscribe_mac(secret).copy()
    signature.update(payload)
    return (payload + b"." + base64.urlsafe_b64encode(signature.digest()).rstrip(b"=")).decode()


def read_unsubscribe(secret: bytes, token: str) -> Unsubscribe:
    """What the token says. Raises LinkError("bad_link") for anything we did not sign."""
    return Unsubscribe(*_open(secret, "unsubscribe", token, 5))


def sign_in_token(secret: bytes, profile_id: int, now: datetime) -> str:
    """A token that signs one person in, once, within SIGN_IN_MINUTES of `now` (aware)."""
    expires = int((now + timedelta(minutes=SIGN_IN_MINUTES)).timestamp())
    return _signer(secret, "sign-in").dumps([profile_id, secrets.token_urlsafe(12), expires])


def read_sign_in(secret: bytes, token: str, now: datetime) -> SignIn:
    """What the token says. Raises LinkError: bad_link or expired. That it is used once is the caller's to keep."""
    profile_id, jti, expires = _open(secret, "sign-in", token, 3)
    expires_at = datetime.fromtimestamp(expires, tz=UTC)
    if expires_at <= now:
        raise LinkError("expired")
    return SignIn(profile_id, jti, expires_at)


def short_code(secret: bytes, policy_id: int) -> str:
    """The 8 letters of a policy's short link `/s/<code>`: always the same, not guessable from the number."""
    number = int.from_bytes(hmac.digest(secret, f"short\0{policy_id}".encode(), hashlib.sha256))
    letters = []
    for _ in range(_CODE_LENGTH):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)


@lru_cache(maxsize=8)
def _signer(secret: bytes, purpose: str) -> URLSafeSerializer:
    options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(secret, salt=f"pushsvc.{purpose}", signer_kwargs=options)


@lru_cache(maxsize=8)
def _unsubscribe_mac(secret: bytes) -> hmac.HMAC:
    """Begun with the key, to be copied for each token."""
    return hmac.new(_signer(secret, "unsubscribe").make_signer().derive_key(), digestmod="sha256")


def _open(secret: bytes, purpose: str, token: str, length: int) -> list:  # type: ignore[type-arg]  # mixed JSON values
    try:
        values = _signer(secret, purpose).loads(token)
    except BadData as exc:
        raise LinkError("bad_link") from exc
    if not isinstance(values, list) or len(values) != length:
        raise LinkError("bad_link")
    return values
