"""What comes back to the bounce address: a mail as a receipt, or as one of the reasons why it is none.

**What a forged one can do.** Mail proves nothing of its sender, so a receipt needs the message's wire key: a keyed hash
of 128 bits that stands in the mail itself and nowhere else. The return path (`verp`) is believed before the Message-ID
of the returned headers: a server writes there by itself, while the body of a report is whatever its sender likes. Who
has the mail in hand - its recipient, whoever it was forwarded to, a server on its way - can say that this one message
bounced or was complained of, and so end mails to that recipient's address. They cannot name another message, nor
anybody whose mail they have not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from channels import arf, dsn, verp
from channels.base import Receipt
from channels.dsn import Fate
from channels.mail_parts import Mail, Part, field, fields, printable, read_head, read_parts, text_of, words
from channels.masking import masked

What = Literal["receipt", "delayed", "automatic", "no_complaint", "no_key", "letter"]
LEFT = frozenset({"no_key", "letter"})  # for people to look at
RETURNED = frozenset({"message/rfc822", "message/global", "message/global-headers", "text/rfc822-headers"})
DELIVERED_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
ADDRESS = re.compile(r"[^\s<>,;:\"]{1,100}@[^\s<>,;:\"]{1,255}")
TEXT_LIMIT = 16 * 1024  # of each text part
DAEMON = re.compile(r"\b(mailer-daemon|postmaster|mail-daemon|mdaemon|microsoftexchange[0-9a-f]*)@", re.IGNORECASE)
FAILED = re.compile(
    r"undeliver|not delivered|non-?delivery|failure notice|returned (e?mail|to sender)|bounce|delivery[^.]{0,20}fail"
    r"|fail[^.]{0,20}deliver|退信|无法投递|投递失败|发送失败|无法送达|未送达|未传递",
    re.IGNORECASE,
)
DELAYED = re.compile(r"delay|延迟|推迟|warning", re.IGNORECASE)
AUTOMATIC = re.compile(
    r"^\W*(auto(matic)?[ -]?(reply|response)|out of (the )?office|自动回复|自动答复|自动应答)", re.IGNORECASE
)
# Below it stands what we wrote, in which `5.1.1` is the number of a clause.
QUOTED = re.compile(
    r"^(-{2,40}.{0,80}(copy of the message|original message|returned message|message headers).*"
    r"|-{2,40} ?(原始|原邮件|邮件原文).*|(Return-Path|Received|Message-ID|DKIM-Signature):.*)$",
    re.IGNORECASE | re.MULTILINE,
)
REFUSED = re.compile(r"(?:\b(5\d\d)[ -]{1,2}#?|#(?:(5\d\d) )?)(?=5\.\d{1,3}\.\d{1,3}(?!\.?\d))")


@dataclass(frozen=True)
class Home:
    """Where our mails come from: the bounce address (`verp`; "" for none) and the domain of their Message-IDs."""

    bounce_address: str
    domain: str


class Told(NamedTuple):
    """What a mail says. letter: a person wrote, or nobody knows what it is. no_key: a report about no mail of ours."""

    what: What
    receipt: Receipt | None = None


def read_mail(raw: bytes, home: Home, to: str = "") -> Told:
    """What a mail to the bounce address says; `to` is the envelope's recipient where it is known. Never raises."""
    mail = read_parts(raw)
    own = mail.kind.startswith("multipart/")
    status = next((part for part in mail.parts if own and part.kind in dsn.KINDS), None)
    if status is not None:
        return _told(mail, home, to, dsn.read_fate(status.body), "delayed")
    feedback = next((part for part in mail.parts if own and part.kind == arf.KIND), None)
    if feedback is not None:
        return _told(mail, home, to, arf.read_complaint(feedback.body), "no_complaint", arf.return_path(feedback.body))
    return _read_text(mail, home, to)


def _read_text(mail: Mail, home: Home, to: str) -> Told:
    """A mail that is no report: a bounce in somebody's own words, an automatic answer, or a letter."""
    subject = words(mail.head, "Subject")
    daemon = DAEMON.search(field(mail.head, "From")) is not None
    nobody = field(mail.head, "Return-Path").replace(" ", "") == "<>"
    if daemon or (nobody and FAILED.search(subject) and not AUTOMATIC.search(subject)):
        if DELAYED.search(subject) and not FAILED.search(subject):
            return Told("delayed")
        if FAILED.search(subject):
            return _told(mail, home, to, _read_words(mail), "delayed")
    return Told("automatic" if _is_automatic(mail, subject) else "letter")


def _is_automatic(mail: Mail, subject: str) -> bool:
    """RFC 3834; what came before it; and reports that a mail was read (RFC 8098)."""
    said = field(mail.head, "Auto-Submitted").lower()
    old = [one for one in ("X-Autoreply", "X-Autorespond") if field(mail.head, one)]
    old += ["Precedence"] if "auto_reply" in field(mail.head, "Precedence").lower() else []
    seen = any(part.kind == "message/disposition-notification" for part in mail.parts)
    return bool((said and said != "no") or old or seen or AUTOMATIC.search(subject))


def _read_words(mail: Mail) -> Fate:
    """Soft, unless a reply with an enhanced code stands above what was returned: words are not a protocol."""
    text = _text(mail)
    quoted = QUOTED.search(text)
    said = text[: quoted.start()] if quoted else text
    found = REFUSED.search(said)
    enhanced = dsn.ENHANCED.search(said, found.end()) if found else None
    line = said[max(0, found.start() - 100) : found.end() + 200] if found else ""
    raw = {"action": "words", "diagnostic": masked(printable(line), ADDRESS.findall(said[:4000])[:20])}
    if found is None or enhanced is None:
        return Fate("bounced", "", raw, soft=True)
    return dsn.bounce(f"{found[1] or found[2] or 550} {enhanced[0]}", raw | {"status": enhanced[0]})


def _text(mail: Mail) -> str:
    plain = [part for part in mail.parts if part.kind in ("text/plain", "text/html")]
    return "\n".join(text_of(part)[:TEXT_LIMIT] for part in plain[:3])


def _told(mail: Mail, home: Home, to: str, fate: Fate | None, otherwise: What, *paths: str) -> Told:
    if fate is None:
        return Told(otherwise)
    key, by = next(_keys(mail, home, [to, *paths]), ("", ""))
    if not key:
        return Told("no_key")
    return Told("receipt", Receipt(key, fate.status, fate.code, fate.raw | {"by": by}, soft=fate.soft))


def _keys(mail: Mail, home: Home, paths: list[str]) -> Iterator[tuple[str, str]]:
    """Wire keys that the mail names and how it does, the most trusted first."""
    if home.bounce_address:
        written = (value for name in DELIVERED_TO for value in fields(mail.head, name))
        found = (one for value in [*paths, *written] for one in ADDRESS.findall(value)[:20])
        yield from ((key, "return_path") for one in found if (key := verp.read(home.bounce_address, one)))
    shape = re.compile(rf"<({verp.KEY.pattern})@{re.escape(home.domain)}>", re.IGNORECASE | re.ASCII)
    for part in mail.parts:
        if part.kind in RETURNED and (found_id := shape.search(_message_id(part))):
            yield found_id[1], "message_id"
    if found_id := re.search(rf"^Message-ID:\s{{0,3}}{shape.pattern}", _text(mail), shape.flags | re.MULTILINE):
        yield found_id[1], "message_id"


def _message_id(part: Part) -> str:
    return field(read_head(part.body), "Message-ID")
