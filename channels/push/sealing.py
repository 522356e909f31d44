"""A push message for one browser: its payload, and the encryption that only that browser undoes (RFC 8291)."""

from __future__ import annotations

import hmac
import json
import os
from typing import TYPE_CHECKING

from channels.base import Message
from channels.push.subscription import Subscription
from channels.text import PUSH_TEXT_LIMIT, PUSH_TITLE_LIMIT, shorten

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_RECORD = (4096).to_bytes(4, "big") + b"\x41"  # the size of a record, and that of the key that follows
_LAST = b"\2"  # ends what is said in the last record


def payload(message: Message, path: str) -> bytes:
    """What our service worker reads: `{"title", "text", "url", "key"}`, the texts cut to what a notification shows.

    `url` is a path of the site. So cut it stays below the 3993 bytes that are left of 4096 (RFC 8291, 4).
    """
    told = {
        "title": shorten(message.title, PUSH_TITLE_LIMIT),
        "text": shorten(message.text, PUSH_TEXT_LIMIT),
        "url": path,
        "key": message.key,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def seal(
    content: bytes,
    subscription: Subscription,
    *,
    private: EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of the request: a header and one record (RFC 8188, 2; RFC 8291, 3.4). `private` and `salt` (16 bytes)
    are drawn anew for each message (RFC 8291, 3.1)."""
    from cryptography.hazmat.primitives.asymmetric.ec import ECDH, SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    private, salt = private or generate_private_key(SECP256R1()), salt or os.urandom(16)
    own = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = private.exchange(ECDH(), subscription.public)
    secret = _derived(subscription.auth, shared, b"WebPush: info\0" + subscription.point + own)
    key = _derived(salt, secret, b"Content-Encoding: aes128gcm\0")[:16]
    nonce = _derived(salt, secret, b"Content-Encoding: nonce\0")[:12]
    return salt + _RECORD + own + AESGCM(key).encrypt(nonce, content + _LAST, None)


def _derived(salt: bytes, secret: bytes, info: bytes) -> bytes:
    """HKDF by SHA-256, its first 32 bytes (RFC 5869)."""
    return hmac.digest(hmac.digest(salt, secret, "sha256"), info + b"\1", "sha256")
