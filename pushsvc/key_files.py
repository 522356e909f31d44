"""Keys that the service makes for itself: files under `var/keys`, readable by their owner only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from channels.signers.base64url import encode
from channels.signers.vapid import P256_ORDER, checked

# The order of P-256's base point: private keys lie below it (FIPS 186-4, D.1.2.3).


class KeyFileError(ValueError):
    """A key is missing or malformed, or its file cannot be used; the sentence names the setting."""


def secret(value: str | None, path: Path, name: str, may_make: bool) -> bytes:
    """The key given, else the one kept under `var`, made on first use when the servers are embedded.

    Raises KeyFileError.
    """
    if value:
        return value.encode()
    try:
        if path.exists():
            return path.read_bytes()
        if may_make:
            return _make(path)
    except OSError as exc:
        raise KeyFileError(f"{path} cannot be used: {exc.strerror}; set PUSHSVC_VAR to a folder of yours.") from exc
    raise KeyFileError(f"{name} is missing: set it (or {name}_FILE) when PUSHSVC_DATABASE_URL is set.")


def data_keys(value: str | None, var: Path, may_make: bool) -> tuple[bytes, ...]:
    """The keys that encrypt at rest, newest first: those given, else the one kept under `var`. Raises KeyFileError."""
    if value:
        try:
            keys = tuple(base64.urlsafe_b64decode(part) for part in value.split(","))
        except ValueError as exc:
            raise KeyFileError("PUSHSVC_DATA_KEYS must be comma-separated url-safe base64.") from exc
    else:
        keys = (base64.urlsafe_b64decode(secret(None, var / "keys" / "data.key", "PUSHSVC_DATA_KEYS", may_make)),)
    if any(len(key) != 32 for key in keys):
        raise KeyFileError("PUSHSVC_DATA_KEYS must hold keys of 32 bytes (44 characters of base64).")
    return keys


def vapid_key(value: str | None, own: bytes) -> str:
    """The key that signs Web Push: the one given, else one derived from the service's own secret, so that all machines
    have the same without sharing a disk. Browsers subscribe for it: another key means new subscriptions.

    Raises KeyFileError.
    """
    if value:
        try:
            checked(value)
        except ValueError as exc:
            raise KeyFileError("PUSHSVC_VAPID_KEY must be url-safe base64 of a P-256 private key's 32 bytes.") from exc
        return value
    drawn = int.from_bytes(hmac.digest(own, b"vapid", hashlib.sha512), "big")
    return encode((drawn % (P256_ORDER - 1) + 1).to_bytes(32, "big"))


def _make(path: Path) -> bytes:
    """A new random key, readable by its owner only; two processes starting at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = base64.urlsafe_b64encode(secrets.token_bytes(32))
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()
