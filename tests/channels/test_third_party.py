"""Somebody else's software at the other end: Postfix's smtp-sink takes our mail, its smtp-source and the standard
library's clients talk to our sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import smtplib
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import dkim as reference
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels.base import Batch, Message
from channels.dkim import Key, record
from channels.email import SmtpChannel
from channels.sandbox import Sandbox, count
from channels.signing import signed_headers
from channels.smtp_envelope import Origin
from tests.channels.contract import mail
from tests.clock import Clock

KEYS = [f"key-{n:03d}" for n in range(40)]


@contextmanager
def smtp_sink(folder: Path, *options: str) -> Iterator[int]:
    """Postfix's sink on a free port, every mail in a file of its own; returns the port once it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = ["smtp-sink", *as_nobody(folder), *options, f"127.0.0.1:{port}", "64"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as sink:
        while sink.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
        assert sink.poll() is None, "smtp-sink did not start"
        try:
            yield port
        finally:
            sink.kill()


def as_nobody(folder: Path) -> list[str]:
    """Where the mails are dumped: smtp-sink will not run as root, so it then moves into the folder as nobody."""
    if os.geteuid():
        return ["-d", f"{folder}/%M."]
    shutil.chown(folder, "nobody")
    return ["-u", "nobody", "-R", str(folder), "-d", "%M."]


def send(port: int, clock: Clock, runner: asyncio.Runner, keys: list[str]) -> list[tuple[str, str]]:
    """Send one mail a key; status and code of each."""
    channel = SmtpChannel(
        f"smtp://127.0.0.1:{port}", sender="a@jianglan.example", clock=clock, connections=3, timeout=5
    )
    messages = tuple(Message(key, f"{key}@mail.example", raw=mail(key)) for key in keys)
    outcomes = runner.run(channel.send(Batch("b", messages, clock() + timedelta(minutes=5))))
    runner.run(channel.close())
    return [(outcome.status, outcome.code) for outcome in outcomes]


@pytest.mark.postfix
def test_postfix_receives_every_mail_as_it_was_written(tmp_path: Path, clock: Clock, runner: asyncio.Runner) -> None:
    with smtp_sink(tmp_path) as port:
        assert send(port, clock, runner, KEYS) == [("accepted", "250")] * len(KEYS)
    texts = [path.read_bytes().replace(b"\r\n", b"\n") for path in tmp_path.iterdir()]
    for key in KEYS:
        (text,) = [text for text in texts if f"<{key}@jianglan.example>".encode() in text]
        assert b"\n.\n..two\nend\n" in text


@pytest.mark.postfix
@pytest.mark.parametrize(
    ("option", "outcome"),
    [
        (("-f", "rcpt"), ("rejected", "500 5.3.0")),
        (("-r", "rcpt"), ("deferred", "450 4.3.0")),
        (("-q", "rcpt"), ("deferred", "disconnected")),
        (("-q", "."), ("unknown", "read_error")),
    ],
)
def test_postfix_refusing_or_hanging_up_is_told_as_it_is(
    tmp_path: Path, clock: Clock, runner: asyncio.Runner, option: tuple[str, str], outcome: tuple[str, str]
) -> None:
    with smtp_sink(tmp_path, *option) as port:
        assert send(port, clock, runner, KEYS[:3]) == [outcome] * 3


@pytest.mark.postfix
def test_postfixs_own_client_can_talk_to_the_sandbox(sandbox: Sandbox, root: Path) -> None:
    where = f"127.0.0.1:{sandbox.smtp_port}"
    subprocess.run(["smtp-source", "-s", "3", "-m", "30", "-l", "4096", where], check=True, timeout=60)
    assert (count(root)["email"]["total"], count(root)["email"]["duplicates"]) == (30, 0)


@pytest.mark.postfix
def test_signatures_hold_and_each_mail_has_its_own_way_back_behind_postfix(
    tmp_path: Path, clock: Clock, runner: asyncio.Runner
) -> None:
    clock.now = clock.now.replace(year=2024)  # a verifier refuses what is signed in the future
    own = [Key("s2024", rsa.generate_private_key(65537, 2048)), Key("e2024", Ed25519PrivateKey.generate())]
    origin = Origin("a@jianglan.example", "bounces@jianglan.example", own)
    messages = tuple(Message(key, f"{key}@mail.example", raw=mail(key)) for key in KEYS[:8])
    with smtp_sink(tmp_path) as port:
        channel = SmtpChannel(f"smtp://127.0.0.1:{port}", sender=origin, clock=clock, connections=2, timeout=5)
        outcomes = runner.run(channel.send(Batch("b", messages, clock() + timedelta(minutes=5))))
        runner.run(channel.close())
    assert [outcome.code for outcome in outcomes] == ["250"] * 8
    zone = {b"s2024._domainkey.jianglan.example.": record(own[0]).encode()}
    paths = set()
    for path in tmp_path.iterdir():
        envelope, _, raw = path.read_bytes().replace(b"\r\n", b"\n").partition(b"DKIM-Signature:")
        paths.add(next(line.split(b"<")[1][:-1] for line in envelope.splitlines() if line.startswith(b"X-Mail-Args")))
        ours = b"DKIM-Signature:" + raw.replace(b"\n", b"\r\n").rstrip(b"\r\n") + b"\r\n"
        assert ours.count(b"DKIM-Signature:") == 2
        assert reference.DKIM(ours).verify(0, dnsfunc=lambda name, timeout=5: zone[name])
    assert paths == {f"bounces+{key}@jianglan.example".encode() for key in KEYS[:8]}


def test_the_standard_librarys_mail_client_can_talk_to_the_sandbox(sandbox: Sandbox, root: Path) -> None:
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port) as client:
        for key in KEYS[:3]:
            assert client.sendmail("a@jianglan.example", [f"{key}@mail.example"], mail(key)) == {}
    assert count(root)["email"]["distinct"] == 3


@pytest.mark.parametrize(("path", "channel"), [("sms", "sms"), ("push", "app")])
def test_the_standard_librarys_http_client_can_talk_to_the_sandbox(
    sandbox: Sandbox, root: Path, key: bytes, clock: Clock, path: str, channel: str
) -> None:
    messages = [{"key": name, "to": "13800138000", "text": "【江澜政策】您有一条新政策"} for name in KEYS[:5]]
    expires = (clock() + timedelta(minutes=1)).isoformat()
    body = json.dumps({"batch_key": "b", "expires_at": expires, "messages": messages}).encode()
    headers = {"Content-Type": "application/json", **signed_headers(key, body, clock())}
    request = urllib.request.Request(f"{sandbox.http_url}/{path}/send", body, headers)
    with urllib.request.urlopen(request, timeout=10) as reply:
        said = json.loads(reply.read())
    assert [row["status"] for row in said["results"]] == ["accepted"] * 5
    assert count(root)[channel]["distinct"] == 5
