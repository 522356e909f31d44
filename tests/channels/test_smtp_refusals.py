"""Whom a refusal is about: a sender or a mail that a server does not want says nothing of the recipient's address."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.base import Batch, Message, Outcome
from channels.email import SmtpChannel
from channels.reasons import reason
from tests.channels.mail_servers import Mails, mail_server
from tests.channels.threads import HOST
from tests.clock import Clock

CASES = [
    ("MAIL", "553 Mail from must equal authorized user", "553 5.0.0"),  # NetEase, and QQ in other words
    ("MAIL", "550 5.1.0 sender rejected", "550 5.0.0"),
    ("MAIL", "550 5.7.1 not yours", "550 5.7.1"),
    ("DATA", "550 Mail content denied", "550 5.0.0"),  # QQ
    ("DATA", "554 DT:SPM", "554"),
    ("DATA", "550 5.1.1 no such person", "550 5.1.1"),  # some look for the person only now
    ("RCPT", "550 no such person", "550"),
    ("RCPT", "550 5.1.1 no such person", "550 5.1.1"),
]


class Choosy(Mails):
    """Refuses at one step, in these words."""

    step = reply = ""

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The sender."""
        envelope.mail_from = address
        return self.reply if self.step == "MAIL" else "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The recipient."""
        if self.step == "RCPT":
            return self.reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The mail."""
        return self.reply if self.step == "DATA" else "250 OK"


@pytest.mark.parametrize("pipelining", [False, True], ids=["one by one", "together"])
@pytest.mark.parametrize(("step", "reply", "code"), CASES)
def test_only_a_refused_recipient_can_end_an_address(
    clock: Clock, runner: asyncio.Runner, pipelining: bool, step: str, reply: str, code: str
) -> None:
    choosy = Choosy(pipelining=pipelining)
    choosy.step, choosy.reply = step, reply

    async def send() -> list[Outcome]:
        async with mail_server(choosy) as port:
            channel = SmtpChannel(f"smtp://{HOST}:{port}?starttls=no", sender="s@j.example", clock=clock)
            messages = tuple(Message(f"k{n}", f"a{n}@b.example", raw=b"Subject: x\r\n\r\nx\r\n") for n in range(2))
            found = await channel.send(Batch("b", messages, clock() + timedelta(minutes=5)))
            await channel.close()
            return found

    found = runner.run(send())
    assert [(one.status, one.code) for one in found] == [("rejected", code)] * 2
    known = reason("smtp", code)
    assert known is not None
    assert known.suppress == (step == "RCPT" or code == "550 5.1.1")
