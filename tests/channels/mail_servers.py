"""aiosmtpd as the mail server: with TLS and passwords, with names in any script, with commands in groups or without."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.channels.threads import HOST

USER, PASSWORD = "policy", "right: p@ss/word"


@dataclass
class Mails:
    """What a server took: each mail's envelope, whether it came encrypted, and who had signed in."""

    pipelining: bool = False
    taken: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)  # the mechanisms by which somebody tried to sign in
    connections: int = 0

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Offers what it is told to."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self.pipelining else responses

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keeps the mail."""
        self.taken.append(envelope)
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        self.users.append(str(session.auth_data or ""))
        return "250 OK"

    def sign_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """aiosmtpd's question whether this is the right password."""
        self.tried.append(mechanism)
        right = LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=data == right, auth_data=USER, handled=False)


@asynccontextmanager
async def mail_server(mails: Mails, *, smtps: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[int]:
    """The server on a free port; `smtps` encrypts from the first byte, `options` are aiosmtpd's own."""

    def connected() -> SMTP:
        mails.connections += 1
        return SMTP(mails, hostname="mail.test", **options)

    server = await asyncio.get_running_loop().create_server(connected, HOST, 0, ssl=smtps)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
