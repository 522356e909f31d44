"""One policy as a file holds it: nothing interpreted yet, where it stood and what it weighed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Markup = Literal["plain", "html"]


@dataclass(frozen=True)
class RawText:
    """A policy before it is read.

    line: 1-based line of the row; 1 where the whole file is one text.
    fields: header fields under our names. extra: fields that we have no name for: provenance, never trusted.
    checksum: SHA-256 (hex) of the raw bytes, or of all the fields of a row.
    """

    line: int
    fields: Mapping[str, Any]
    extra: Mapping[str, Any]
    body: str
    markup: Markup
    origin: str
    checksum: str
