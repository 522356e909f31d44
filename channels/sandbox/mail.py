"""The sandbox's mail server: takes a mail into the journal under the local part of its Message-ID, then says 250."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.base import Clock
from channels.sandbox.faults import Fault, Faults
from channels.sandbox.journal import Journal

MESSAGE_ID = re.compile(rb"^Message-ID:[ \t\r\n]*<([^<>@\s]{1,200})@([^<>@\s]{1,253})>", re.IGNORECASE | re.MULTILINE)
UNSUBSCRIBE = re.compile(rb"^List-Unsubscribe:", re.IGNORECASE | re.MULTILINE)
REFUSALS = {"refuse": "550 5.1.1 No such mailbox", "defer": "451 4.3.0 Try again", "429": "450 4.7.1 Too many mails"}
CODES = {
    "421": "421 4.3.2 Closing",
    "451": "451 4.3.0 Try again",
    "452": "452 4.3.1 No room now",
    "550": "550 5.7.1 Not wanted here",
}


class MailHandler:
    """One connection's commands, as aiosmtpd calls them; a mail's fault is drawn when its recipient is known."""

    def __init__(self, journal: Journal, faults: Faults, *, key: bytes, clock: Clock, die: Callable[[], None]) -> None:
        self._journal = journal
        self._faults = faults
        self._key = key
        self._clock = clock
        self._die = die
        self._fault: Fault | None = None

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Offers pipelining: lines are read one by one, whenever they came."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes the sender, or says the code that a fault wants said here."""
        if fault := self._faults.next("email", [""], begins=True):
            return await self._instead(server, fault) or "250 OK"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes the recipient, refuses it, or hangs up before DATA."""
        fault = self._fault = self._faults.next("email", [address])
        if fault and fault.at == "rcpt" and (instead := await self._instead(server, fault)):
            return instead
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Journals the mail, then answers, late or never as it was told."""
        fault = self._fault
        mode = fault.mode if fault else ""
        if fault and fault.at == "data" and (instead := await self._instead(server, fault)):
            return instead
        if fault and mode == "delay":
            await asyncio.sleep(fault.seconds)
        refusal = self._take(envelope, bounced=mode == "bounce")
        if refusal:
            return refusal
        if mode == "die_after":
            self._die()
        if fault and mode == "answer_late":
            await asyncio.sleep(fault.seconds)
        if mode in ("hang_up_after", "garbled"):
            return _cut(server, half=b"25" if mode == "garbled" else b"")
        return "250 2.0.0 Taken"

    async def _instead(self, server: SMTP, fault: Fault) -> str:
        """What is said instead of taking anything; "" for a fault that comes later."""
        if fault.mode == "die":
            self._die()
        if fault.mode == "hang":
            await asyncio.sleep(fault.seconds)
        if fault.mode in ("hang", "hang_up"):
            return _cut(server)
        if fault.mode == "421":
            return _cut(server, half=f"{CODES['421']}\r\n".encode())
        return REFUSALS.get(fault.mode, CODES.get(fault.mode, ""))

    def _take(self, envelope: Envelope, *, bounced: bool) -> str:
        """Writes the mail down; why not, if it cannot."""
        row = self._row(envelope)
        if row is None:
            return "554 5.6.0 The mail has no Message-ID"
        try:
            self._journal.append([row | {"bounced": True} if bounced else row])
        except OSError:
            return "451 4.3.1 The journal cannot be written"
        return ""

    def _row(self, envelope: Envelope) -> dict[str, Any] | None:
        content = envelope.original_content or b""
        head = content.partition(b"\r\n\r\n")[0]
        found = MESSAGE_ID.search(head)
        if found is None:
            return None
        to = ",".join(envelope.rcpt_tos).encode(errors="replace")
        return {
            "key": found[1].decode(errors="replace"),
            "message_id": (found[1] + b"@" + found[2]).decode(errors="replace"),
            "to": hashlib.blake2b(to, key=self._key[:64], digest_size=8).hexdigest(),
            "at": self._clock().isoformat(),
            "batch": "",
            "bytes": len(content),
            "unsubscribe": UNSUBSCRIBE.search(head) is not None,
        }


def mail_server(handler: MailHandler, loop: asyncio.AbstractEventLoop) -> SMTP:
    """The protocol of one connection."""
    return SMTP(handler, hostname="sandbox.localhost", ident="sandbox", loop=loop, timeout=600)


def _cut(server: SMTP, *, half: bytes = b"") -> str:
    """Ends the connection, after half an answer or a last one; what is returned never leaves."""
    transport = cast(asyncio.Transport, server.transport)
    transport.write(half)
    transport.close()
    return "421 4.3.2 Closing"
