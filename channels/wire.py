"""A mail's content as it stands behind DATA (RFC 5321, section 4.5.2)."""

from __future__ import annotations

import re

LINE_END = re.compile(rb"\r\n|\r|\n")


class Mail(bytes):
    """A mail of which its maker knows that every line ends with CRLF and none begins with a dot: nobody looks again."""


def wire_form(raw: bytes) -> bytes:
    """The content with what it takes to send it: lines end with CRLF, those that begin with a dot have another one, and
    a lone dot ends it."""
    if isinstance(raw, Mail):
        return raw + b".\r\n"
    if not raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r"):
        raw = LINE_END.sub(b"\r\n", raw)
    if raw.startswith(b"."):
        raw = b"." + raw
    return raw.replace(b"\r\n.", b"\r\n..") + (b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n")
