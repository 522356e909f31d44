"""A delivery status notification (RFC 3464) as the fate of one message, in codes that `reasons.smtp_reason` reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import Message
from typing import NamedTuple

from channels.base import ReceiptStatus
from channels.mail_parts import field, read_blocks
from channels.masking import masked
from channels.reasons import smtp_reason

KINDS = frozenset({"message/delivery-status", "message/global-delivery-status"})
# RFC 3463: class, subject, detail. Not within a version or the number of a network.
ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
REPLY = re.compile(r"\s*([245]\d\d)\b")
# Large mail services refuse unknown people without an enhanced code; a refusal for spam is a bare 550 too.
NO_SUCH = re.compile(
    r"no such (?:user|mailbox|recipient|account|address|person)|(?:unknown|invalid) (?:user|mailbox|recipient|account)"
    r"|(?:user|mailbox|recipient|account|address)\b[^.;]{0,60}"
    r"(?:unknown|not found|not exist|n't exist|no longer|not listed|n't have an? )"
    r"|(?:用户|邮箱|帐号|账号|地址|收件人)[^。;]{0,20}不存在|无此(?:用户|邮箱|收件人)",
    re.IGNORECASE,
)
# Words about us: the sender, our host, our domain; or about room. Then whatever is not found there is not the person.
NOT_HIM = re.compile(r"\b(?:sender|from|helo|ehlo|ip|dns|domain|host|quota)\b|发件|发信|来信|域名", re.IGNORECASE)


class Fate(NamedTuple):
    """What became of a message. `soft`: a bounce that says nothing lasting of the address. `raw`: without addresses."""

    status: ReceiptStatus
    code: str
    raw: dict[str, str]
    soft: bool = False


def read_fate(body: bytes) -> Fate | None:
    """The fate that a delivery status tells of; None where it is none yet (delayed) or none that can be read.

    Our mails have one recipient each, so several groups are what a server behind it made of that one: it arrived where
    any arrived, and the address is dead where all are.
    """
    blocks = [block for block in read_blocks(body) if block.get("Action") or block.get("Status")]
    fates = [found for block in blocks if (found := _fate(block)) is not None]
    good = next((fate for fate in fates if fate.status == "delivered"), None)
    soft = next((fate for fate in fates if fate.soft), None)
    return good or soft or next(iter(fates), None)


def bounce(code: str, raw: dict[str, str]) -> Fate:
    """A bounce with its code; soft where the code says that it may pass, or says nothing."""
    reply = int(code[:3]) if code[:3].isdigit() else 0
    passing = smtp_reason(reply, code).name in ("mailbox_full", "transient")
    return Fate("bounced", code, raw, soft=passing or not reply or code.endswith(".0.0"))


def code_of(status: str, diagnostic: str) -> str:
    """`5.1.1`, `smtp; 550 5.1.1 …` -> `550 5.1.1`. The reply that a server gave is believed before the class that
    another made of it; where neither has a detail, the words decide whether the person is unknown there (`550`) or the
    mail was refused for whatever reason (`550 5.0.0`). "" where nothing says anything."""
    said = diagnostic.partition(";")[2]
    found = REPLY.match(said)
    given = ENHANCED.search(status)
    kind = found[1][0] if found else given[1] if given else ""
    if not kind:
        return ""
    telling = [one[0] for one in (ENHANCED.search(said), given) if one and one[1] == kind and one[2] != "0"]
    reply = found[1] if found else _reply(kind, telling)
    if telling:
        return f"{reply} {telling[0]}"
    nobody = kind == "5" and NO_SUCH.search(said) and not NOT_HIM.search(said)
    return "550" if nobody else f"{reply} {kind}.0.0"


def _reply(kind: str, telling: Sequence[str]) -> str:
    """The reply that goes with an enhanced code (RFC 5321, 4.2.3)."""
    full = bool(telling) and telling[0].endswith(".2.2")
    return {"2": "250", "4": "452" if full else "450"}.get(kind, "552" if full else "550")


def _fate(block: Message) -> Fate | None:
    status, diagnostic = field(block, "Status"), field(block, "Diagnostic-Code")
    action = field(block, "Action").lower().partition(" ")[0]
    given = ENHANCED.search(status)
    if not action and given:
        action = {"2": "delivered", "5": "failed"}.get(given[1], "delayed")
    names = [field(block, name).partition(";")[2].strip() for name in ("Final-Recipient", "Original-Recipient")]
    raw = {"action": action[:20], "status": given[0] if given else "", "diagnostic": masked(diagnostic, names)}
    if action in ("delivered", "relayed"):
        return Fate("delivered", code_of(status, ""), raw)
    return bounce(code_of(status, diagnostic), raw) if action == "failed" else None
