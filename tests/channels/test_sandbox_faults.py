"""Faults that the sandbox is told of: at which command of a mail, with what last word, and its own sudden death."""

from __future__ import annotations

import asyncio
import signal
import smtplib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.base import Batch, ChannelError, Message
from channels.sandbox import Sandbox
from channels.sandbox.faults import parse_fault
from tests.channels.contract import journalled, mail, set_stage
from tests.channels.test_sandbox import channels_to, process
from tests.clock import Clock

AT = ("mail", "rcpt", "data")


@pytest.mark.parametrize("at", AT)
@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [
        ("421", "deferred", "421 4.3.2"),
        ("451", "deferred", "451 4.3.0"),
        ("452", "deferred", "452 4.3.1"),
        ("550", "rejected", "550 5.7.1"),
    ],
)
def test_a_code_is_said_at_the_command_that_was_named(
    sandbox: Sandbox,
    root: Path,
    key: bytes,
    clock: Clock,
    runner: asyncio.Runner,
    mode: str,
    status: str,
    code: str,
    at: str,
) -> None:
    stage = set_stage("smtp", sandbox, root, key=key, clock=clock, connections=1)
    sandbox.faults.tell({"channel": "email", "mode": mode, "at": at})
    first, second = runner.run(stage.channel.send(stage.batch("k1", "k2")))
    assert (first.status, first.code, second.status) == (status, code, "accepted")
    assert stage.arrived() == ["k2"]
    runner.run(stage.channel.close())


@pytest.mark.parametrize("at", AT)
def test_421_also_ends_the_connection(sandbox: Sandbox, at: str) -> None:
    sandbox.faults.tell({"channel": "email", "mode": "421", "at": at})
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=10) as client:
        client.ehlo()
        assert client.has_extn("pipelining")
        with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)):
            client.sendmail("a@b.example", ["c@d.example"], mail("k1"))
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.docmd("NOOP")


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize(("mode", "arrives"), [("die", []), ("die_after", ["k1"])])
def test_it_dies_before_or_after_it_wrote_the_message_down(
    tmp_path: Path, which: int, mode: str, arrives: list[str]
) -> None:
    root = tmp_path / "sandbox"
    with process(root) as (running, urls):
        channel = channels_to(urls)[which]
        told = f'{{"channel": "{channel.name}", "mode": "{mode}"}}'
        (root / "faults.json").write_text(told, encoding="utf-8")
        outcome = asyncio.run(send_one(channel))
        assert running.wait(10) == -signal.SIGKILL
    assert outcome != "accepted"
    assert journalled(root, channel.name) == arrives


async def send_one(channel: Any) -> str:
    message = Message("k1", "13800138000@b.example", "政策", raw=mail("k1"))
    (outcome,) = await channel.send(Batch("b", (message,), datetime.now(UTC) + timedelta(minutes=1)))
    await channel.close()
    return str(outcome.status)


@pytest.mark.parametrize(
    "told",
    [
        {"channel": "sms", "mode": "421"},
        {"channel": "email", "mode": "500"},
        {"channel": "email", "mode": "421", "at": "noon"},
        {"channel": "email", "mode": "421", "at": 1},
        {"channel": "fax", "mode": "refuse"},
        [],
    ],
)
def test_a_fault_that_cannot_be_is_refused(told: object) -> None:
    with pytest.raises(ChannelError) as caught:
        parse_fault(told)
    assert caught.value.code == "bad_fault"


def test_a_fault_at_the_sender_leaves_the_others_in_line(sandbox: Sandbox) -> None:
    for at in ("mail", "data"):
        sandbox.faults.tell({"channel": "email", "mode": "451", "at": at})
    found = [sandbox.faults.next("email", ["x"]), sandbox.faults.next("email", [""], begins=True)]
    assert [one.at for one in found if one] == ["data", "mail"]
