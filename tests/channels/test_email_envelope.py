"""Envelopes: each mail has a way back of its own, names in any script go where they are taken, and signatures are
made as mails leave."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import dkim as reference
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import example, given
from hypothesis import strategies as st

from channels.any_address import any_mail_address
from channels.base import Batch, Message, Outcome
from channels.dkim import Key, record
from channels.email import SmtpChannel
from channels.mime import Letter, build_skeleton, fill
from channels.reasons import kind, reason, troubled
from channels.smtp_envelope import Offers, Origin, make_post
from channels.templates import compile_template
from channels.text import TextError
from channels.verp import read, write
from tests.channels.mail_servers import Mails, mail_server
from tests.channels.threads import HOST
from tests.clock import Clock

BOUNCES = "bounces@jianglan.example"
SENDER = "江澜市 <policy@jianglan.example>"
KEYS = ["0f" * 16, "a1" * 16, "b2" * 16]
STYLES = pytest.mark.parametrize("pipelining", [False, True])


def written(to: str, key: str, clock: Clock) -> Message:
    """A mail as the service makes it."""
    title, body = compile_template("通知"), compile_template("您好")
    made = build_skeleton(title, body, body, sender=SENDER, values={})
    return Message(key, to, raw=fill(made, Letter(to, key, clock(), "https://j.example/u/1")))


async def send(
    mails: Mails, messages: list[Message], clock: Clock, origin: Origin | str = SENDER, **server: Any
) -> list[Outcome]:
    """Outcomes of these messages over one connection."""
    async with mail_server(mails, **server) as port:
        channel = SmtpChannel(f"smtp://{HOST}:{port}", sender=origin, clock=clock, connections=1, timeout=5)
        outcomes = await channel.send(Batch("b", tuple(messages), clock() + timedelta(minutes=1)))
        await channel.close()
    return outcomes


@STYLES
def test_each_mail_comes_back_by_its_own_key(runner: asyncio.Runner, clock: Clock, pipelining: bool) -> None:
    mails = Mails(pipelining)
    messages = [written("c@d.example", key, clock) for key in KEYS]
    outcomes = runner.run(send(mails, messages, clock, Origin(SENDER, BOUNCES)))
    assert [outcome.code for outcome in outcomes] == ["250"] * 3
    paths = [str(one.mail_from) for one in mails.taken]
    assert paths == [write(BOUNCES, key) for key in KEYS]
    assert [read(BOUNCES, path) for path in paths] == KEYS
    heads = [message_from_bytes(bytes(one.content or b""), policy=default) for one in mails.taken]
    assert {str(head["From"]) for head in heads} == {SENDER}  # what people see is as it was


@STYLES
def test_without_a_bounce_address_mail_comes_back_to_the_sender(
    runner: asyncio.Runner, clock: Clock, pipelining: bool
) -> None:
    mails = Mails(pipelining)
    runner.run(send(mails, [written("c@d.example", KEYS[0], clock)], clock))
    assert [one.mail_from for one in mails.taken] == ["policy@jianglan.example"]


@STYLES
def test_a_key_that_fits_no_way_back_holds_up_nobody_else(
    runner: asyncio.Runner, clock: Clock, pipelining: bool
) -> None:
    mails = Mails(pipelining)
    messages = [written("c@d.example", key, clock) for key in ("a.b", "k1")]
    outcomes = runner.run(send(mails, messages, clock, Origin(SENDER, BOUNCES)))
    assert [(outcome.status, outcome.code) for outcome in outcomes] == [("rejected", "bad_key"), ("accepted", "250")]


def test_an_origin_that_cannot_be_used_is_refused_at_once(clock: Clock) -> None:
    for origin in (Origin("nobody"), Origin(SENDER, "nobody"), Origin(SENDER, "b" * 32 + "@d.example")):
        with pytest.raises(ValueError, match="address"):
            make_post(origin, clock)


@STYLES
def test_names_in_any_script_go_where_the_server_takes_them(
    runner: asyncio.Runner, clock: Clock, pipelining: bool
) -> None:
    mails, to = Mails(pipelining), "用户@江澜.example"
    messages = [written("c@d.example", "k1", clock), written(to, "k2", clock), written("c@江澜.example", "k3", clock)]
    outcomes = runner.run(send(mails, messages, clock, enable_SMTPUTF8=True))
    assert [outcome.code for outcome in outcomes] == ["250"] * 3
    plain, other, idn = mails.taken
    assert (plain.rcpt_tos, plain.mail_options, plain.smtp_utf8) == (["c@d.example"], [], False)
    assert (other.rcpt_tos, other.smtp_utf8) == (["用户@xn--9sw02e.example"], True)
    assert sorted(map(str.upper, other.mail_options)) == ["BODY=8BITMIME", "SMTPUTF8"]
    assert "\r\nTo: 用户@xn--9sw02e.example\r\n".encode() in b"\r\n" + bytes(other.content or b"")
    assert (idn.rcpt_tos, idn.mail_options) == (["c@xn--9sw02e.example"], [])


@STYLES
def test_where_it_does_not_the_mail_is_rejected_and_nothing_is_held_against_the_address(
    runner: asyncio.Runner, clock: Clock, pipelining: bool
) -> None:
    mails = Mails(pipelining)
    messages = [written("用户@d.example", "k1", clock), written("c@d.example", "k2", clock)]
    first, second = runner.run(send(mails, messages, clock))
    assert (first.status, first.code, second.code) == ("rejected", "smtputf8", "250")
    found = reason("smtp", first.code)
    assert found is None or not found.suppress
    assert (kind("smtp", first), troubled("smtp", first)) == ("permanent", False)
    assert [one.rcpt_tos for one in mails.taken] == [["c@d.example"]]


@STYLES
@pytest.mark.parametrize(("raw", "options"), [("é", ["BODY=8BITMIME"]), ("e", [])])
def test_a_body_of_eight_bits_is_announced(
    runner: asyncio.Runner, clock: Clock, pipelining: bool, raw: str, options: list[str]
) -> None:
    mails = Mails(pipelining)
    message = Message("k1", "c@d.example", raw=f"Message-ID: <k1@j.example>\r\n\r\n{raw}\r\n".encode())
    assert runner.run(send(mails, [message], clock))[0].code == "250"
    assert [one.mail_options for one in mails.taken] == [options]


@pytest.mark.parametrize("offers", [Offers(utf8=True), Offers(utf8=True, eight_bit=True)])
def test_eight_bits_are_announced_only_to_who_knows_them(clock: Clock, offers: Offers) -> None:
    one = make_post(Origin(SENDER), clock).envelope(written("用户@d.example", "k1", clock), offers)
    assert not isinstance(one, Outcome)
    assert one.options == (("SMTPUTF8", "BODY=8BITMIME") if offers.eight_bit else ("SMTPUTF8",))
    assert one.commands().decode().startswith(f"MAIL FROM:<policy@jianglan.example> {' '.join(one.options)}\r\nRCPT")


ANY = st.builds(
    "{}@{}".format, st.text(max_size=40), st.sampled_from(["d.example", "江澜.example", "", "d e", "x\r\n"])
)


@given(ANY)
@example("用\u3000户@d.example")
@example("用\u200b户@d.example")
@example("用户 @d.example")
@example("用>户@d.example")
@example("用户@d.example>\r\nRCPT TO:<x@y.example")
@example("长" * 22 + "@d.example")
@example("用\ud800@d.example")
def test_an_address_is_one_word_of_a_command_or_none(text: str) -> None:
    try:
        made = any_mail_address(text)
    except TextError:
        return
    local, _, domain = made.rpartition("@")
    assert made.isprintable()
    assert not set(made) & set(' <>",;:()[]\\\r\n')
    assert domain.isascii()
    assert len(local.encode()) <= 64
    assert any_mail_address(made) == made


@dataclass(frozen=True)
class Counted(Key):
    """A key that notes how far the loop had come at each signature."""

    beats: list[int] = field(default_factory=list)
    turns: list[int] = field(default_factory=lambda: [0])

    def sign(self, data: bytes) -> bytes:
        self.beats.append(self.turns[0])
        return super().sign(data)


async def beating(key: Counted, work: Any) -> Any:
    """The work's result, while the loop's turns are counted."""

    async def beat() -> None:
        while True:
            key.turns[0] += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(beat())
    try:
        return await work
    finally:
        task.cancel()


@STYLES
def test_a_mail_is_signed_as_it_leaves_and_the_loop_runs_between(
    runner: asyncio.Runner, pipelining: bool, clock: Clock
) -> None:
    clock.now = clock.now.replace(year=2024)  # verifiers refuse what is signed in the future
    key, mails = Counted("s2024", rsa.generate_private_key(65537, 2048)), Mails(pipelining)
    messages = [written(f"c{n}@d.example" if n != 1 else "not an address", f"k{n}", clock) for n in (0, 2, 3)]
    messages.insert(1, messages[0]._replace(key="k1", to="a b"))
    outcomes = runner.run(beating(key, send(mails, messages, clock, Origin(SENDER, BOUNCES, [key]))))
    assert [outcome.code for outcome in outcomes] == ["250", "bad_address", "250", "250"]
    for one in mails.taken:
        raw, found = bytes(one.content or b""), {b"s2024._domainkey.jianglan.example.": record(key).encode()}
        assert reference.DKIM(raw).verify(dnsfunc=lambda name, timeout=5, found=found: found[name])
        assert f"t={int(clock().timestamp())};".encode() in raw
    assert len(key.beats) == 3
    assert all(later > earlier for earlier, later in zip(key.beats, key.beats[1:], strict=False))
    assert all(b"DKIM" not in message.raw for message in messages)


@STYLES
def test_a_signature_that_takes_too_long_keeps_the_mail_here(
    runner: asyncio.Runner, pipelining: bool, clock: Clock
) -> None:
    class Slow(Key):
        """Takes two minutes; the batch has one."""

        def sign(self, data: bytes) -> bytes:
            clock.forward(minutes=2)
            return super().sign(data)

    mails = Mails(pipelining)
    origin = Origin(SENDER, "", [Slow("s2024", rsa.generate_private_key(65537, 2048))])
    messages = [written("c@d.example", key, clock) for key in KEYS]
    outcomes = runner.run(send(mails, messages, clock, origin))
    assert [(outcome.status, outcome.code) for outcome in outcomes] == [("deferred", "expired")] * 3
    assert mails.taken == []
