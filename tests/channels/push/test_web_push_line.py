"""A kept line: what TLS must prove, where it may lead, when it is opened anew."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from channels.push.answers import Answer
from channels.push.line import Line, LineError
from channels.push.subscription import Origin
from tests.clock import Clock

HEADERS = (b"ttl: 0",)
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: /m/1\r\n\r\n"


def certificate(folder: Path, clock: Clock, name: str) -> Path:
    """A key and a certificate that it signed itself, for a name, in one file."""
    key, who = generate_private_key(SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(clock() - timedelta(days=9000))
        .not_valid_after(clock() + timedelta(days=9000))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


class Service:
    """A push service of one's own, over TLS where it has a certificate; counts its lines."""

    def __init__(self, certificate: Path | None = None, *, answers: int = 1000) -> None:
        self.lines, self.heads, self.answers = 0, list[bytes](), answers
        self.tls: ssl.SSLContext | None = None
        if certificate is not None:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)

    async def __aenter__(self) -> int:
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=self.tls)
        return int(self.server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        self.server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        try:
            for _ in range(self.answers):
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                await reader.readexactly(2)
                writer.write(CREATED)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


async def here(host: str, port: int) -> Sequence[str]:
    """A resolver that finds this machine under every name."""
    return ["127.0.0.1"]


async def ask(line: Line) -> Answer:
    """One request."""
    return await line.post(b"/x", HEADERS, b"ok", until=asyncio.get_running_loop().time() + 30)


def test_tls_proves_the_name(tmp_path: Path, clock: Clock, runner: asyncio.Runner) -> None:
    mine, other = certificate(tmp_path, clock, "127.0.0.1.example"), certificate(tmp_path, clock, "other.example")
    trusted = ssl.create_default_context(cafile=str(mine))
    trusted.load_verify_locations(str(other))

    async def told(path: Path, context: ssl.SSLContext | None) -> str:
        service = Service(path)
        async with service as port:
            # The guard keeps names that lead here out, so the name on the line is the number, and TLS wants that.
            line = Line(Origin("https", "127.0.0.1", port), tls=context)
            try:
                return str((await ask(line)).status)
            except LineError as exc:
                return f"{exc.code} {exc.sent} {service.heads}"
            finally:
                line.close()

    assert runner.run(told(mine, trusted)) == "connect_error False []", "another name"
    assert runner.run(told(mine, None)) == "connect_error False []", "an authority that nobody knows"


def test_tls_carries_requests(tmp_path: Path, clock: Clock, runner: asyncio.Runner) -> None:
    path = certificate(tmp_path, clock, "push.example")
    trusted = ssl.create_default_context(cafile=str(path))
    trusted.check_hostname = False  # the certificate's name is no number; that names are checked the other test shows

    async def talk() -> tuple[list[int], int]:
        service = Service(path)
        async with service as port:
            line = Line(Origin("https", "127.0.0.1", port), tls=trusted)
            found = [(await ask(line)).status for _ in range(3)]
            line.close()
            return found, service.lines

    assert runner.run(talk()) == ([201, 201, 201], 1)


def test_a_name_that_leads_inside_is_not_followed(runner: asyncio.Runner) -> None:
    async def talk() -> tuple[str, bool, int]:
        service = Service()
        async with service as port:
            line = Line(Origin("https", "updates.push.services.mozilla.com", port), resolve=here)
            with pytest.raises(LineError) as caught:
                await ask(line)
            return caught.value.code, caught.value.sent, service.lines

    assert runner.run(talk()) == ("blocked_address", False, 0)


def test_a_line_that_the_other_side_closed_is_opened_anew(runner: asyncio.Runner) -> None:
    async def talk() -> tuple[list[int], int]:
        service = Service(answers=1)
        async with service as port:
            line = Line(Origin("http", "127.0.0.1", port))
            found = []
            for _ in range(3):
                found.append((await ask(line)).status)
                while line.is_open():
                    await asyncio.sleep(0)
            line.close()
            return found, service.lines

    assert runner.run(talk()) == ([201, 201, 201], 3)


def test_a_name_that_is_not_resolved_and_a_time_that_is_over_prove_that_nothing_left(runner: asyncio.Runner) -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError

    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.get_running_loop().create_future()
        return []

    async def told(resolve: object, seconds: float) -> tuple[str, bool]:
        line = Line(Origin("https", "web.push.apple.com", 443), resolve=resolve)  # type: ignore[arg-type]
        with pytest.raises(LineError) as caught:
            await line.post(b"/x", HEADERS, b"ok", until=asyncio.get_running_loop().time() + seconds)
        return caught.value.code, caught.value.sent

    assert runner.run(told(nowhere, 30)) == ("connect_error", False)
    assert runner.run(told(never, 0.05)) == ("connect_timeout", False)


def test_a_line_that_is_cancelled_is_closed(runner: asyncio.Runner) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def talk() -> bool:
        server = await asyncio.start_server(mute, "127.0.0.1", 0)
        line = Line(Origin("http", "127.0.0.1", server.sockets[0].getsockname()[1]))
        task = asyncio.ensure_future(ask(line))
        while not line.is_open():
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server.close()
        return line.is_open()

    assert runner.run(talk()) is False
