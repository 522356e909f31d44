"""Mail under TLS and behind a password, against aiosmtpd: it leaves as it should, or it does not leave at all."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from channels import smtp_pool
from channels.base import Batch, Message, Outcome
from channels.email import SmtpChannel
from channels.reasons import kind, troubled
from channels.smtp_pool import parse_server
from tests.channels.certificates import make_certificate, serving
from tests.channels.contract import mail
from tests.channels.mail_servers import PASSWORD, USER, Mails, mail_server
from tests.channels.threads import HOST
from tests.clock import Clock

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
SIGNED_IN = f"{USER}:{quote(PASSWORD, safe='')}@"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path / "both.pem", HOST)


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """The server's side of a certificate that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    smtp_pool._tls.cache_clear()
    yield serving(certificate)
    smtp_pool._tls.cache_clear()


async def send(mails: Mails, url: str, clock: Clock, **server: Any) -> list[Outcome]:
    """Outcomes of three mails; `url` has `{}` for the server's host and port."""
    messages = tuple(Message(f"k{n}", "c@d.example", raw=mail(f"k{n}")) for n in range(3))
    async with mail_server(mails, **server) as port:
        channel = SmtpChannel(url.format(f"{HOST}:{port}"), sender="a@b.example", clock=clock, connections=1, timeout=5)
        outcomes = await channel.send(Batch("b", messages, clock() + timedelta(minutes=1)))
        await channel.close()
    return outcomes


@pytest.mark.parametrize("pipelining", [False, True])
@pytest.mark.parametrize("mechanism", ["LOGIN", "PLAIN"])
@pytest.mark.parametrize("tls", ["smtps", "starttls", "starttls=yes"])
def test_mail_goes_encrypted_and_signed_in(
    runner: asyncio.Runner, clock: Clock, trusted: ssl.SSLContext, tls: str, mechanism: str, pipelining: bool
) -> None:
    other = {"LOGIN": "PLAIN", "PLAIN": "LOGIN"}[mechanism]
    mails = Mails(pipelining)
    options = {"auth_required": True, "authenticator": mails.sign_in, "auth_exclude_mechanism": [other]}
    whole = {"smtps": trusted, "auth_require_tls": False}  # aiosmtpd counts no TLS but its own STARTTLS
    options |= whole if tls == "smtps" else {"tls_context": trusted, "require_starttls": True}
    url = f"smtps://{SIGNED_IN}{{}}" if tls == "smtps" else f"smtp://{SIGNED_IN}{{}}"
    outcomes = runner.run(send(mails, url + ("?starttls=yes" if tls.endswith("yes") else ""), clock, **options))
    assert [outcome.code for outcome in outcomes] == ["250"] * 3
    assert (mails.encrypted, mails.users, mails.tried) == ([True] * 3, [USER] * 3, [mechanism])


def test_a_wrong_password_waits_for_a_person(runner: asyncio.Runner, clock: Clock, trusted: ssl.SSLContext) -> None:
    mails = Mails()
    options = {"auth_required": True, "authenticator": mails.sign_in, "tls_context": trusted}
    outcomes = runner.run(send(mails, "smtp://policy:wrong@{}", clock, **options))
    assert {outcome.status for outcome in outcomes} == {"deferred"}
    assert {kind("smtp", outcome) for outcome in outcomes} == {"account"}
    assert all(troubled("smtp", outcome) for outcome in outcomes)
    assert (mails.taken, mails.connections) == ([], 1)


def test_a_server_that_wants_a_password_gets_nothing_without_one(
    runner: asyncio.Runner, clock: Clock, trusted: ssl.SSLContext
) -> None:
    mails = Mails()
    options = {"auth_required": True, "authenticator": mails.sign_in, "tls_context": trusted}
    outcomes = runner.run(send(mails, "smtp://{}", clock, **options))
    assert [(outcome.status, kind("smtp", outcome)) for outcome in outcomes] == [("deferred", "account")] * 3
    assert mails.taken == []


@pytest.mark.parametrize("url", ["smtp://{}?starttls=yes", f"smtp://{SIGNED_IN}{{}}"])
def test_nothing_leaves_in_plain_text_where_encryption_was_stripped(
    runner: asyncio.Runner, clock: Clock, url: str
) -> None:
    mails = Mails()
    outcomes = runner.run(send(mails, url, clock, authenticator=mails.sign_in, auth_require_tls=False))
    assert [(outcome.status, outcome.code) for outcome in outcomes] == [("deferred", "connect")] * 3
    assert (mails.taken, mails.tried) == ([], [])


def test_a_password_goes_in_plain_text_only_where_the_url_says_so(runner: asyncio.Runner, clock: Clock) -> None:
    mails = Mails()
    options = {"authenticator": mails.sign_in, "auth_require_tls": False, "auth_required": True}
    outcomes = runner.run(send(mails, f"smtp://{SIGNED_IN}{{}}?starttls=no", clock, **options))
    assert [outcome.code for outcome in outcomes] == ["250"] * 3
    assert mails.encrypted == [False] * 3
    assert parse_server("smtp://relay.example").start_tls is None
    assert parse_server("smtp://a:b@relay.example").start_tls is True


@pytest.mark.parametrize("tls", ["smtps", "starttls"])
def test_nothing_leaves_to_a_certificate_that_nobody_trusts(
    runner: asyncio.Runner, clock: Clock, certificate: Path, tls: str
) -> None:
    mails = Mails()
    options = {"smtps" if tls == "smtps" else "tls_context": serving(certificate)}
    outcomes = runner.run(send(mails, "smtps://{}" if tls == "smtps" else "smtp://{}", clock, **options))
    assert [(outcome.status, outcome.code) for outcome in outcomes] == [("deferred", "connect")] * 3
    assert mails.taken == []


def test_nothing_leaves_to_a_certificate_of_another_name(
    runner: asyncio.Runner, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_certificate(tmp_path / "other.pem", "127.0.0.2")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    smtp_pool._tls.cache_clear()
    mails = Mails()
    outcomes = runner.run(send(mails, "smtps://{}", clock, smtps=serving(other)))
    smtp_pool._tls.cache_clear()
    assert [outcome.status for outcome in outcomes] == ["deferred"] * 3
    assert mails.taken == []
