"""Base64 as JWTs and subscriptions write it: the url-safe alphabet without padding (RFC 4648, 5; RFC 7515, 2)."""

from __future__ import annotations

import base64
import re

_TEXT = re.compile(r"[A-Za-z0-9_-]*={0,2}", re.ASCII)


def encode(data: bytes) -> str:
    """The text, unpadded."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """What the text holds, padded or not. Raises ValueError for any other letter, where the library would skip it."""
    if _TEXT.fullmatch(text) is None:
        raise ValueError("this is not url-safe base64")
    bare = text.rstrip("=")
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
