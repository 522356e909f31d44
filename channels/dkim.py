"""DKIM signatures (RFC 6376; Ed25519: RFC 8463; key sizes: RFC 8301), relaxed in head and body.

Every header that says whose a mail is, what it says and how to stop it is covered, and named once more than it
stands there: one that is added on the way breaks the signature.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from channels.base import ChannelError
from channels.wire import LINE_END, Mail

SIGNED = (
    b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type", b"list-unsubscribe",
    b"list-unsubscribe-post",
)  # fmt: skip
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
SELECTOR = re.compile(rf"{LABEL}(?:\.{LABEL})*", re.ASCII)
SELECTOR_LIMIT = 63
BITS = range(1024, 4097)  # every verifier takes these (RFC 8301, section 3.2); 2048 is the usual
LINE = 72
BLANKS = re.compile(rb"[ \t]+")
BLANKS_AT_END = re.compile(rb"[ \t]+(?=\r\n|\Z)")
MANY_SPACES = 100  # parts' own headers have a few; more are a text that was not encoded
PADDING, HASH = padding.PKCS1v15(), hashes.SHA256()


@dataclass(frozen=True)
class Key:
    """A signing key: its public half stands in DNS at `selector._domainkey.domain`, where verifiers look."""

    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @property
    def algorithm(self) -> str:
        """The tag a=."""
        return "rsa-sha256" if isinstance(self.private, RSAPrivateKey) else "ed25519-sha256"

    def sign(self, data: bytes) -> bytes:
        """The bare signature."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(data, PADDING, HASH)
        return self.private.sign(sha256(data).digest())  # RFC 8463, section 3: of the hash


def read_key(selector: str, pem: bytes) -> Key:
    """The key in a PEM file. Raises ChannelError "bad_key"; its sentence holds nothing of the file."""
    if len(selector) > SELECTOR_LIMIT or SELECTOR.fullmatch(selector) is None:
        raise ChannelError("bad_key", "a selector has letters, digits, - and dots, as a name in DNS")
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:  # TypeError: it wants a password
        raise ChannelError("bad_key", "the file holds no private key in PEM without a password") from exc
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise ChannelError("bad_key", "the key is neither RSA nor Ed25519")
    if isinstance(private, RSAPrivateKey) and private.key_size not in BITS:
        raise ChannelError("bad_key", f"an RSA key has {BITS[0]} to {BITS[-1]} bits")
    return Key(selector, private)


def record(key: Key) -> str:
    """What is to stand in DNS, as TXT: verifiers find the public key there (RFC 6376, 3.6.1; RFC 8463, 4)."""
    public = key.private.public_key()
    if isinstance(key.private, RSAPrivateKey):
        kind, form = "rsa", (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    else:
        kind, form = "ed25519", (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return f"v=DKIM1; k={kind}; p={b64encode(public.public_bytes(*form)).decode()}"


def sign(raw: bytes, keys: Sequence[Key], *, domain: str, at: datetime) -> bytes:
    """The mail with a signature by each key before it, for `domain` (ASCII) and as of `at` (aware).

    Without keys it is what came in. A `Mail` stays one; of any other the line ends become CRLF first.
    """
    if not keys:
        return raw
    ready = raw if isinstance(raw, Mail) else LINE_END.sub(b"\r\n", raw)
    head, _, body = ready.partition(b"\r\n\r\n")
    names, canonical = _signed(head)
    digest = b64encode(sha256(relaxed_body(body)).digest())
    made = [_signature(key, _tags(key, domain, at, names, digest), canonical) for key in keys]
    signed = b"".join((*made, ready))
    return Mail(signed) if isinstance(raw, Mail) else signed


def relaxed_body(body: bytes) -> bytes:
    """The body as its hash is taken (RFC 6376, 3.4.4). Base64 has nothing to fold: it is looked at, not rewritten."""
    pieces = body.split(b" ", MANY_SPACES)
    if len(pieces) > MANY_SPACES or b"\t" in body or any(piece[:1] in (b"", b"\r") for piece in pieces[1:]):
        body = BLANKS.sub(b" ", BLANKS_AT_END.sub(b"", body))
    body = body.rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _signed(head: bytes) -> tuple[bytes, bytes]:
    """The tag h=, and the headers that it names in relaxed form: of several of one name the last first (5.4.2)."""
    found: dict[bytes, list[bytes]] = {name: [] for name in SIGNED}
    for line in head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t").split(b"\r\n"):
        name, colon, value = line.partition(b":")
        values = found.get(name.rstrip(b" \t").lower())
        if colon and values is not None:
            values.append(value)
    names = [name for name, values in found.items() for _ in range(len(values) + 1)]
    lines = [name + b":" + _relaxed(value) for name, values in found.items() for value in reversed(values)]
    return _named(tuple(names)), b"".join(lines)


@lru_cache(maxsize=64)  # mails of a kind have the same headers
def _named(names: tuple[bytes, ...]) -> bytes:
    """The tag h=, in lines that are not too long."""
    lines = [b" h=" + names[0]]
    for name in names[1:]:
        if len(lines[-1]) + len(name) > LINE:
            lines.append(b" ")
        lines[-1] += (b":" if len(lines[-1]) > 1 else b"") + name
    return b":\r\n".join(lines) + b";"


def _relaxed(value: bytes) -> bytes:
    if b"  " in value or b"\t" in value:
        value = BLANKS.sub(b" ", value)
    return value.strip(b" ") + b"\r\n"


def _tags(key: Key, domain: str, at: datetime, names: bytes, digest: bytes) -> bytes:
    """The header up to the value of b=, in lines."""
    who = f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/relaxed; t={int(at.timestamp())};"
    where = f" d={domain}; s={key.selector};"
    return b"\r\n".join((who.encode("ascii"), where.encode("ascii"), names, b" bh=%b;" % digest, b" b="))


def _signature(key: Key, tags: bytes, canonical: bytes) -> bytes:
    """The whole header. Its own relaxed form has an empty b= and no line end (3.7)."""
    own = b"dkim-signature:" + tags.partition(b": ")[2].replace(b"\r\n", b"")
    value = b64encode(key.sign(canonical + own))
    return tags + b"\r\n ".join(value[at : at + LINE] for at in range(0, len(value), LINE)) + b"\r\n"
