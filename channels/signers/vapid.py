"""VAPID (RFC 8292): who is sending, signed, for one push service at a time, kept until shortly before it ends."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from channels.signers.base64url import decode, encode

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

LIFE = 12 * 3600  # seconds; RFC 8292, 2 allows a day from the request, and clocks differ
REST = 600  # seconds before the end from which on a new one is made
KEPT = 1000  # origins; a process forgets the oldest
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # FIPS 186-4, D.1.2.3
_HEAD = encode(b'{"typ":"JWT","alg":"ES256"}')


class _Signed(NamedTuple):
    header: bytes
    until: float


class Vapid:
    """The sender's key. `key`: base64url of a P-256 private key's 32 bytes; `subject`: `mailto:` or `https:`, where
    the push service's people reach ours. Raises ValueError for what is neither.
    """

    def __init__(self, key: str, subject: str) -> None:
        if not subject.startswith(("mailto:", "https:")):
            raise ValueError("the VAPID subject must begin with mailto: or https:")
        self._secret = checked(key)
        self._subject = subject
        self._known: dict[str, _Signed] = {}

    @cached_property
    def _key(self) -> EllipticCurvePrivateKey:
        """Made when first needed: most processes push to no browser, and curves take memory."""
        return read_key(self._secret)

    @cached_property
    def public(self) -> str:
        """The public key as browsers take it."""
        return public_text(self._key.public_key())

    def header(self, origin: str, now: datetime) -> bytes:
        """The value of `Authorization` for a push service, `origin` as `https://host`."""
        at, kept = now.timestamp(), self._known.get(origin)
        if kept is not None and at < kept.until <= at + LIFE:  # a clock that was set back would make it too long
            return kept.header
        if len(self._known) >= KEPT:
            self._known.pop(next(iter(self._known)))
        token = sign(self._key, {"aud": origin, "exp": int(at) + LIFE, "sub": self._subject})
        made = _Signed(f"vapid t={token},k={self.public}".encode(), int(at) + LIFE - REST)
        self._known[origin] = made
        return made.header


def sign(key: EllipticCurvePrivateKey, claims: dict[str, object]) -> str:
    """The claims as a JWT, signed by ES256: both halves of the signature are 32 bytes (RFC 7518, 3.4)."""
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    content = f"{_HEAD}.{encode(json.dumps(claims, separators=(',', ':')).encode())}"
    r, s = decode_dss_signature(key.sign(content.encode(), ECDSA(SHA256())))
    return f"{content}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def checked(text: str) -> str:
    """The private key as it came, once it is seen to be one. Raises ValueError; the sentence does not repeat it."""
    try:
        raw = decode(text)
        if len(raw) == 32 and 0 < int.from_bytes(raw, "big") < P256_ORDER:
            return text
    except ValueError:
        pass
    raise ValueError("the VAPID key must be base64url of a P-256 private key's 32 bytes") from None


def read_key(text: str) -> EllipticCurvePrivateKey:
    """The private key. Raises ValueError as `checked` does."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

    return derive_private_key(int.from_bytes(decode(checked(text)), "big"), SECP256R1())


def public_text(key: EllipticCurvePublicKey) -> str:
    """A public key as browsers take it: base64url of the uncompressed point (RFC 8292, 3.2)."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return encode(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
