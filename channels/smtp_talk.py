"""One mail over one connection: the commands, and what a refusal or a loss at each point proves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import cache

import aiosmtplib

from channels.base import Message, Outcome
from channels.reasons import smtp_code, smtp_reason
from channels.smtp_envelope import Post
from channels.smtp_pool import Connection

log = logging.getLogger(__name__)
TROUBLE = (aiosmtplib.SMTPException, OSError, ValueError)
EXPIRED = Outcome("deferred", "expired")
LOST = "disconnected"
Limit = Callable[[], float]  # the seconds left for the next step


async def hand_over(connection: Connection, post: Post, message: Message, limit: Limit) -> tuple[Outcome, bool]:
    """The outcome, and whether the connection is broken.

    A loss before DATA proves that nothing went; after it, nothing is proven. Never raises for the server's trouble.
    """
    client = connection.client
    one = post.envelope(message, connection.offers)
    if isinstance(one, Outcome):
        return one, False
    try:
        async with asyncio.timeout(limit()):
            await client.mail(one.sender, options=one.options)
            await client.rcpt(one.to, encoding="utf-8")
    except TROUBLE as exc:
        return _unsent(exc), not await _reset(client, exc)
    raw = post.content(message)
    seconds = limit()
    if seconds <= 0:
        return EXPIRED, True
    connection.carried += 1
    try:
        async with asyncio.timeout(seconds):
            response = await client.data(raw)
    except aiosmtplib.SMTPDataError as exc:
        return unwanted(exc.code, exc.message), not await _reset(client, exc)
    except TROUBLE as exc:
        log.info("mail %s: unknown after %s", message.key, type(exc).__name__)
        return Outcome("unknown", "read_timeout" if isinstance(exc, TimeoutError) else "read_error"), True
    return accepted(response.code), False


def no_connection(exc: Exception) -> Outcome:
    """Why no connection could be had. Whatever the server says then, it is not about the mail: deferred."""
    if isinstance(exc, aiosmtplib.SMTPResponseException):
        return Outcome("deferred", smtp_code(exc.code, exc.message))
    return Outcome("deferred", "connect_timeout" if isinstance(exc, TimeoutError) else "connect")


def _unsent(exc: Exception) -> Outcome:
    """What happened before the mail was handed over: a refusal in its own numbers, anything else deferred."""
    if isinstance(exc, aiosmtplib.SMTPResponseException):
        meant = unwanted if isinstance(exc, aiosmtplib.SMTPSenderRefused) else refused
        return meant(exc.code, exc.message) if exc.code > 0 else Outcome("deferred", LOST)  # else: no reply at all
    if isinstance(exc, ValueError):  # an address that aiosmtplib will not write into a command
        return Outcome("rejected", "bad_address")
    return Outcome("deferred", f"{LOST}_timeout" if isinstance(exc, TimeoutError) else LOST)


async def _reset(client: aiosmtplib.SMTP, exc: Exception) -> bool:
    """Clears a refused envelope; whether the connection may be used again."""
    heard = isinstance(exc, aiosmtplib.SMTPResponseException) and exc.code > 0 and exc.code != 421  # 421: it closes
    if not (heard or isinstance(exc, ValueError)):
        return False
    try:
        await client.rset()
    except TROUBLE:
        return False
    return True


@cache
def accepted(code: int) -> Outcome:
    """What a reply of consent means for the mail."""
    return Outcome("accepted", str(code))


def refused(code: int, text: str) -> Outcome:
    """What a reply that is no consent means for the mail, in the server's own numbers."""
    return Outcome(smtp_reason(code, text).status, smtp_code(code, text))


def unwanted(code: int, text: str) -> Outcome:
    """What a refusal of the sender (MAIL) or the mail (DATA) means. A 550 or 553 that says no more than that is not
    about the recipient there, as NetEase's `553 Mail from must equal authorized user`: it must not end his address."""
    found, said = smtp_reason(code, text), smtp_code(code, text)
    vague = found.suppress and said in (str(code), f"{code} 5.1.0")
    return Outcome(found.status, f"{code} 5.0.0" if vague else said)
