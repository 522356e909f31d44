"""Two campaigns through a real Postfix: whom it does not know is written to once."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes

import pytest

from channels.email import SmtpChannel
from channels.smtp_envelope import Origin
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender
from pushsvc.pipeline.receipt import match_receipts
from pushsvc.pipeline.returned import Taken, read_mailbox, take_mail
from pushsvc.store.session import transaction
from tests.features.private_mail import BOUNCES, MailServer, dovecot, postfix, until
from tests.law.sending import fates, run
from tests.making import choose, make_campaign, make_person, make_policy
from tests.registering import ask

pytestmark = pytest.mark.relay
KNOWN = [f"person{n}" for n in range(1, 181)]
ALL = 200


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A Postfix that knows 180 of 200 people."""
    with postfix(KNOWN) as running:
        yield running


@pytest.fixture
def runner() -> Iterator[Callable[..., object]]:
    """One loop for the test."""
    with asyncio.Runner() as loop:
        yield loop.run


@pytest.fixture
def home(ctx: Context, server: MailServer) -> Context:
    """A service that sends by this server, and has what comes back sent to it."""
    return replace(ctx, settings=replace(ctx.settings, bounce_address=BOUNCES))


@pytest.fixture
def sender(home: Context, server: MailServer, runner: Callable[..., object]) -> Iterator[Sender]:
    """A worker that has one mail server."""
    origin = Origin(home.settings.sender, bounces=home.settings.bounce_address)
    channel = SmtpChannel(f"smtp://127.0.0.1:{server.port}?starttls=no", sender=origin, clock=home.clock)
    yield Sender({"email": channel}, runner, "test")
    runner(channel.close())


def campaign(ctx: Context, people: list[int], ref: str) -> None:
    """A campaign that chose these people."""
    with transaction(ctx.engine) as conn:
        choose(conn, ctx, make_campaign(conn, ctx, make_policy(conn, ctx, ref)), people)


def send(ctx: Context, sender: Sender, server: MailServer, people: list[int], ref: str) -> list[str]:
    """Send the campaign, and wait until the server has nothing left to deliver; the new mails in people's Maildirs."""
    before = set(server.mails())
    campaign(ctx, people, ref)
    run(ctx, sender)
    until(lambda: not server.queued())
    return [path.parent.parent.name for path in server.mails() if path not in before]


def people_of(ctx: Context) -> list[int]:
    """200 people who agreed to be told, each with a mail address."""
    with transaction(ctx.engine) as conn:
        return [make_person(conn, ctx, n, channels=("email",), consent=("notify",)) for n in range(1, ALL + 1)]


def test_twenty_of_two_hundred_are_unknown_there_and_not_written_to_again(
    home: Context, sender: Sender, server: MailServer
) -> None:
    people = people_of(home)
    assert sorted(send(home, sender, server, people, "first")) == sorted(KNOWN)
    assert fates(home) == [("accepted", "250")] * ALL
    came_back = [path.read_bytes() for path in server.mails("bounces")]
    assert len(came_back) == 20
    taken = [take_mail(home, raw) for raw in came_back]
    assert taken == [Taken({"receipt": 1}, 1)] * 20
    assert match_receipts(home) == 20
    assert ask(home, "select status, code, soft, count(*) from receipt group by 1, 2, 3") == [
        ("bounced", "550 5.1.1", False, 20)
    ]
    assert ask(home, "select channel, reason, count(*) from suppression group by 1, 2") == [("email", "bounce", 20)]
    states = ask(
        home, "select state, array_agg(recipient_id order by recipient_id) from delivery group by 1 order by 1"
    )
    assert states == [("accepted", people[:180]), ("bounced", people[180:])]
    assert sorted(send(home, sender, server, people, "second")) == sorted(KNOWN)
    assert ask(home, "select code, count(*) from refusal group by 1") == [("suppressed", 20)]
    assert len(server.mails("bounces")) == 20


def test_what_postfix_sends_back_names_its_message_twice_and_nobody_in_what_is_kept(
    home: Context, sender: Sender, server: MailServer
) -> None:
    people = people_of(home)[-5:]
    assert send(home, sender, server, people, "first") == []
    for path in server.mails("bounces"):
        mail = message_from_bytes(path.read_bytes())
        key = re.fullmatch(r"bounces\+([0-9a-f]{32})@bounce\.example", mail["To"])
        assert key is not None
        assert f"<{key[1]}@".encode() in path.read_bytes()  # the Message-ID of what is returned
        assert take_mail(home, path.read_bytes()).new == 1
    kept = str(ask(home, "select raw, code from receipt"))
    assert "person" not in kept
    assert "city.example" not in kept
    everything = replace(home, settings=replace(home.settings, bounce_address=""))
    assert [take_mail(everything, path.read_bytes()).mails for path in server.mails("bounces")] == [{"receipt": 1}] * 5


def test_dovecot_hands_them_out_and_keeps_what_people_wrote(home: Context, sender: Sender, server: MailServer) -> None:
    people = people_of(home)[-3:]
    send(home, sender, server, people, "first")
    letter = server.root / "mail" / "bounces" / "new" / "1.letter.example"
    letter.write_bytes(b"From: wang@city.example\nSubject: Re: policy\n\nThank you.\n")
    shutil.chown(letter, "nobody")
    with dovecot(server) as url:
        at_home = replace(home, settings=replace(home.settings, mailbox_url=url))
        assert read_mailbox(at_home) == Taken({"receipt": 3, "letter": 1}, 3)
        assert read_mailbox(at_home) == Taken({}, 0)
    match_receipts(home)
    assert fates(home) == [("bounced", "550 5.1.1")] * 3
    moved = server.root / "mail" / "bounces" / ".Processed"
    assert len([path for path in moved.rglob("*") if path.parent.name in ("cur", "new")]) == 3
    (left,) = (path for name in ("cur", "new") for path in (server.root / "mail" / "bounces" / name).iterdir())
    assert "S" not in left.name.partition(":2,")[2]  # a person still finds it unread
