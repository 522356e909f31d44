"""The bounce address's mailbox, read over IMAP (RFC 9051): what was understood is moved away once it is stored."""

from __future__ import annotations

import imaplib
import ipaddress
import re
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from channels.base import ChannelError, Receipt
from channels.bounces import LEFT, Told
from channels.mail_parts import MAIL_LIMIT

PROCESSED = "Processed"
LOOKED_AT = "PushsvcLeft"  # a keyword: a person still finds the mail unread
TROUBLE = (imaplib.IMAP4.error, OSError, ValueError)
Connect = Callable[[], imaplib.IMAP4]
Read = Callable[[bytes], Told]
Store = Callable[[Sequence[Told]], Sequence[Told]]


@dataclass(frozen=True)
class Place:
    """Where a mailbox is. `tls`: from the first byte; else STARTTLS, which only this machine itself may lack."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    tls: bool


def parse_mailbox(url: str) -> Place:
    """`imap[s]://user:password@host[:port]/folder`, user and password quoted as in any URL; no folder is INBOX.

    Raises ChannelError "bad_mailbox_url"; its sentence repeats nothing of the URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"imaps": 993, "imap": 143}[parts.scheme]
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        folder = unquote(parts.path.strip("/")) or "INBOX"
        plain = all(
            one.isprintable() and one.isascii() and one for one in (user, password, folder, parts.hostname or "")
        )
    except (ValueError, KeyError):
        plain = False
    if not plain:
        sentence = "The mailbox's URL must be imap[s]://user:password@host/folder, in ASCII and quoted as in any URL."
        raise ChannelError("bad_mailbox_url", sentence)
    return Place(parts.hostname or "", port, user, password, folder, parts.scheme == "imaps")


def open_mailbox(place: Place, *, timeout: float, context: ssl.SSLContext | None = None) -> imaplib.IMAP4:
    """A connection that is signed in and stands in the folder. `context`: the certificates to believe, by default the
    machine's. Raises ChannelError "mailbox"; the sentence holds neither user nor password."""
    try:
        box = _connect(place, timeout, context or ssl.create_default_context())
    except TROUBLE as exc:
        raise ChannelError("mailbox", f"The mailbox's server cannot be reached ({type(exc).__name__}).") from exc
    try:
        box.login(place.user, place.password)
        if _can(box, b"ID"):  # RFC 2971; NetEase (163, 126) opens no folder for who does not say it
            box.xatom("ID", '("name" "pushsvc")')
        if box.select(_quoted(place.folder))[0] != "OK":
            raise ChannelError("mailbox", "The mailbox has no such folder, or it may not be opened.")
    except (*TROUBLE, ChannelError) as exc:
        close(box)
        if isinstance(exc, ChannelError):
            raise
        raise ChannelError("mailbox", f"The mailbox cannot be opened ({type(exc).__name__}).") from None
    return box


def read_round(box: imaplib.IMAP4, read: Read, store: Store, *, limit: int) -> tuple[Told, ...]:
    """Reads up to `limit` mails that nobody has seen, the oldest first; what each of them says.

    `store` is given all of it, keeps it for good and gives it back, changed where it knows better. Only then are the
    mails marked: those that were understood as seen, and moved to PROCESSED where the server can; those for people are
    left unseen under a keyword, or marked as seen where the server keeps none. A crash before that reads them again.
    Raises ChannelError "mailbox" where the connection breaks.
    """
    try:
        keeps = rb"\*" in b" ".join(found or b"" for found in box.response("PERMANENTFLAGS")[1])
        fresh = box.uid("SEARCH", "UNSEEN", *(["UNKEYWORD", LOOKED_AT] if keeps else []))[1]
        uids = b" ".join(found or b"" for found in fresh).decode("ascii", "replace").split()[:limit]
        mails = [(uid, read(raw)) for uid in uids if (raw := _fetch(box, uid)) is not None]  # one in memory at a time
        told = store([one for _, one in mails])
        _mark(box, [uid for (uid, _), one in zip(mails, told, strict=True) if one.what in LEFT], left=keeps)
        done = [uid for (uid, _), one in zip(mails, told, strict=True) if one.what not in LEFT]
        _mark(box, done, left=False)
        _move(box, done)
    except TROUBLE as exc:
        raise ChannelError("mailbox", f"The mailbox was lost while it was read ({type(exc).__name__}).") from exc
    return tuple(told)


def close(box: imaplib.IMAP4) -> None:
    """Signs off; a server that is gone is gone."""
    try:
        box.logout()
    except TROUBLE:
        try:
            box.shutdown()  # `logout` leaves the socket open where nobody answers
        except TROUBLE:
            pass


def receipts_of(told: Sequence[Told]) -> list[Receipt]:
    """The receipts among what mails said."""
    return [one.receipt for one in told if one.receipt is not None]


def _connect(place: Place, timeout: float, context: ssl.SSLContext) -> imaplib.IMAP4:
    if place.tls:
        return imaplib.IMAP4_SSL(place.host, place.port, ssl_context=context, timeout=timeout)
    box = imaplib.IMAP4(place.host, place.port, timeout=timeout)
    if "STARTTLS" in box.capabilities:
        box.starttls(context)
    elif not _is_here(place.host):
        close(box)
        raise OSError("no TLS")
    return box


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _quoted(text: str) -> str:
    """A quoted string (RFC 9051, 4.3)."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _fetch(box: imaplib.IMAP4, uid: str) -> bytes | None:
    """The mail's first MAIL_LIMIT bytes, not marked by that; None where it is gone meanwhile."""
    found = box.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MAIL_LIMIT}>)")[1]
    return next((bytes(one[1]) for one in found or () if isinstance(one, tuple) and len(one) > 1), None)


def _mark(box: imaplib.IMAP4, uids: Sequence[str], *, left: bool) -> None:
    if uids:
        box.uid("STORE", ",".join(uids), "+FLAGS.SILENT", f"({LOOKED_AT})" if left else r"(\Seen)")


def _move(box: imaplib.IMAP4, uids: Sequence[str]) -> None:
    """RFC 6851. Without it they stay where they are, seen: to delete what was copied is no step to get half done."""
    if uids and _can(box, b"MOVE"):
        box.create(PROCESSED)
        box.uid("MOVE", ",".join(uids), PROCESSED)


def _can(box: imaplib.IMAP4, word: bytes) -> bool:
    """Whether the server offers it now: more is offered to who has signed in."""
    return word in b" ".join(found or b"" for found in box.capability()[1]).upper().split()
