"""A complaint in the abuse reporting format (RFC 5965), as mail services send it for "this is spam"."""

from __future__ import annotations

from channels.dsn import Fate
from channels.mail_parts import field, printable, read_blocks
from channels.masking import masked

KIND = "message/feedback-report"
# What a person said of us. `virus`, `other` and `not-spam` (RFC 5965, 7.3; RFC 6430) ask for no end of the mails.
COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})


def read_complaint(body: bytes) -> Fate | None:
    """The complaint in a feedback report; None for any other feedback."""
    for block in read_blocks(body)[:1]:
        kind = field(block, "Feedback-Type").lower()
        if kind in COMPLAINTS:
            agent = masked(field(block, "User-Agent"))
            return Fate("complained", kind, {"feedback": kind, "agent": agent[:100]})
    return None


def return_path(body: bytes) -> str:
    """The envelope's sender that the complaint is about, "" where it is not told."""
    blocks = read_blocks(body)[:1]
    return printable(field(blocks[0], "Original-Mail-From")).strip("<> ") if blocks else ""
