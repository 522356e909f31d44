"""What a mail server says, without the person it says it of."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***"
# An address, also with its @ written otherwise; what stands between < > or " belongs to it.
ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]*(?:@|＠|%40|=40|&#64;)[^\s<>()\[\]\"',;:]*", re.IGNORECASE)
NUMBER = re.compile(r"\d[\d-]{5,}\d")  # telephone numbers are local parts too
DIRECTORY = re.compile(r"/?\b(?:o|ou|cn)=[^;,]*", re.IGNORECASE)  # Exchange names people so
TEXT_LIMIT = 300


def masked(text: str, addresses: Iterable[str] = ()) -> str:
    """The text in up to TEXT_LIMIT characters without addresses, long numbers, and what stands before the @ of the
    given `addresses`."""
    for name in sorted({one.rpartition("@")[0].strip("<\"'") for one in addresses} - {""}, key=len, reverse=True):
        text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", MASK, text, flags=re.IGNORECASE)
    for shape in (ADDRESS, DIRECTORY, NUMBER):
        text = shape.sub(MASK, text)
    return text[:TEXT_LIMIT]
