"""Pipelined conversations on aiosmtplib's connections: under TLS too, and it has its connection back afterwards."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from pathlib import Path

import aiosmtplib
import pytest

from channels.base import Outcome
from channels.smtp_envelope import Offers, Post
from channels.smtp_line import converse
from channels.smtp_pipe import Errand, Talk
from channels.smtp_pool import Connection
from tests.channels.certificates import make_certificate, serving
from tests.channels.smtp_server import Server, Told, letter
from tests.channels.threads import HOST

EHLO = b"250-hi\r\n250-STARTTLS\r\n250 PIPELINING\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of its own for the loopback address, in one file."""
    return make_certificate(tmp_path_factory.mktemp("tls") / "both.pem", HOST)


async def held(told: list[Told], certificate: Path, *, how: str) -> tuple[list[Outcome], int, bool]:
    """Outcomes of two conversations on one connection, the code of a NOOP behind them, and whether it was encrypted."""
    outcomes: list[Outcome] = []
    theirs = serving(certificate)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        await reader.readline()
        writer.write(EHLO)
        if how == "starttls":
            await reader.readline()
            writer.write(b"220 go\r\n")
            await writer.start_tls(theirs)
            await reader.readline()
            writer.write(EHLO)
        server = Server(dict(enumerate(told)))
        while data := await reader.read(1000):
            writer.write(b"250 still here\r\n" if data == b"NOOP\r\n" else server.feed(data))
        writer.close()

    listening = await asyncio.start_server(talk, HOST, 0, ssl=theirs if how == "tls" else None)
    client = aiosmtplib.SMTP(
        hostname=HOST,
        port=listening.sockets[0].getsockname()[1],
        use_tls=how == "tls",
        start_tls=how == "starttls",
        tls_context=ssl.create_default_context(cafile=certificate),
        local_hostname="localhost",
    )
    await client.connect()
    await client.ehlo()
    connection = Connection(client, Offers(pipelining=True))
    for _ in range(2):
        jobs = deque((n, letter(n)) for n in range(len(told)))
        more = {"left": lambda: 60.0, "used": connection.carried > 0, "room": 100}
        errand = Errand(Post("s@j.example"), jobs, lambda index, outcome: outcomes.append(outcome), **more)  # type: ignore[arg-type]
        await converse(connection, Talk(errand), left=lambda: 60.0, timeout=10)
    noop = await client.noop()
    encrypted = client.get_transport_info("sslcontext") is not None
    client.close()
    listening.close()
    return outcomes, noop.code, encrypted


@pytest.mark.parametrize("how", ["plain", "tls", "starttls"])
def test_two_conversations_and_a_command_of_aiosmtplibs_share_a_connection(
    runner: asyncio.Runner, certificate: Path, how: str
) -> None:
    told = [Told(), Told(rcpt=550), Told(content=452), Told(), Told(rcpt=550, dot=True)]
    outcomes, code, encrypted = runner.run(held(told, certificate, how=how))
    assert [outcome.code for outcome in outcomes] == ["250", "550", "452", "250", "550"] * 2
    assert (code, encrypted) == (250, how != "plain")


def test_a_connection_that_is_gone_already_gives_its_mail_back(runner: asyncio.Runner) -> None:
    async def gone() -> Talk:
        connection = Connection(aiosmtplib.SMTP(hostname=HOST, port=1), offers=Offers(pipelining=True), carried=3)
        jobs = deque([(0, letter(0))])
        talk = Talk(Errand(Post("s@j.example"), jobs, lambda index, outcome: None, lambda: 60.0, used=True, room=9))
        await converse(connection, talk, left=lambda: 60.0, timeout=10)
        return talk

    talk = runner.run(gone())
    assert talk.broken
    assert talk.back is not None
