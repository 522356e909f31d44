"""Mail over SMTP: an outcome for each mail, kept connections, and what a loss proves."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.base import Batch, Message, Outcome
from channels.email import SmtpChannel
from channels.sandbox import Sandbox
from tests.channels.contract import Stage, mail, set_stage
from tests.channels.smtp_server import Server, Told, letter
from tests.channels.threads import raw_server
from tests.clock import Clock


@pytest.fixture
def stage(sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> Stage:
    """The mail adapter, one connection, quick to lose patience."""
    return set_stage("smtp", sandbox, root, key=key, clock=clock, timeout=0.4, connections=1)


def tell(stage: Stage, mode: str, **more: object) -> None:
    assert stage.sandbox is not None
    stage.sandbox.faults.tell({"channel": "email", "mode": mode, "seconds": 30, **more})


@pytest.mark.parametrize(
    ("mode", "status", "code", "arrives"),
    [
        ("refuse", "rejected", "550 5.1.1", False),
        ("defer", "deferred", "451 4.3.0", False),
        ("429", "deferred", "450 4.7.1", False),
        ("421", "deferred", "421 4.3.2", False),
        ("451", "deferred", "451 4.3.0", False),
        ("452", "deferred", "452 4.3.1", False),
        ("550", "rejected", "550 5.7.1", False),
        ("hang", "deferred", "disconnected_timeout", False),
        ("hang_up", "deferred", "disconnected", False),
        ("hang_up_after", "unknown", "read_error", True),
        ("garbled", "unknown", "read_error", True),
        ("answer_late", "unknown", "read_timeout", True),
        ("bounce", "accepted", "250", True),
    ],
)
def test_a_fault_is_told_as_it_is_and_the_rest_goes_on(
    stage: Stage, runner: asyncio.Runner, mode: str, status: str, code: str, arrives: bool
) -> None:
    tell(stage, mode, times=1)
    first, second = runner.run(stage.channel.send(stage.batch("k1", "k2")))
    assert (first.status, first.code) == (status, code)
    assert (second.status, second.code) == ("accepted", "250")
    assert stage.arrived() == (["k1", "k2"] if arrives else ["k2"])
    runner.run(stage.channel.close())


def test_a_kept_connection_that_died_is_replaced_before_anything_is_lost(stage: Stage, runner: asyncio.Runner) -> None:
    runner.run(stage.channel.send(stage.batch("k1")))
    tell(stage, "hang_up")
    assert runner.run(stage.channel.send(stage.batch("k2")))[0].status == "accepted"
    assert stage.arrived() == ["k1", "k2"]
    runner.run(stage.channel.close())


def test_a_mail_goes_again_with_the_same_message_id(stage: Stage, runner: asyncio.Runner) -> None:
    from channels.sandbox import count

    assert stage.sandbox is not None
    tell(stage, "hang_up_after")
    for _ in range(2):
        runner.run(stage.channel.send(stage.batch("k1")))
    found = count(stage.sandbox.gateway.root)["email"]
    assert (found["total"], found["duplicates"], found["message_ids_equal"]) == (2, 1, True)
    runner.run(stage.channel.close())


@pytest.mark.parametrize(
    "to", ["a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example>, <c@d.example", "a, b@c.example", ""]
)
def test_an_address_that_would_end_a_command_is_rejected_alone(stage: Stage, runner: asyncio.Runner, to: str) -> None:
    messages = (Message("k1", to, raw=mail("k1")), Message("k2", "b@c.example", raw=mail("k2")))
    batch = Batch("b", messages, stage.clock() + timedelta(minutes=1))
    first, second = runner.run(stage.channel.send(batch))
    assert (first.status, first.code, second.status) == ("rejected", "bad_address", "accepted")
    assert stage.arrived() == ["k2"]
    runner.run(stage.channel.close())


def test_a_mail_without_a_message_id_is_refused_by_the_sandbox(stage: Stage, runner: asyncio.Runner) -> None:
    batch = Batch(
        "b", (Message("k1", "b@c.example", raw=b"Subject: x\r\n\r\nhi"),), stage.clock() + timedelta(minutes=1)
    )
    assert runner.run(stage.channel.send(batch))[0].code == "554 5.6.0"
    runner.run(stage.channel.close())


def scripted(greetings: list[str], seen: list[str]) -> object:
    """A mail server that says 250 to everything, counts connections, and greets as told."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append("connect")
        writer.write((greetings[min(len(seen), len(greetings)) - 1] + "\r\n").encode())
        while line := await reader.readline():
            word = line.split()[0].decode().upper()
            seen.append(word) if word != "CONNECT" else None
            if word == "DATA":
                writer.write(b"354 go\r\n")
                await reader.readuntil(b"\r\n.\r\n")
            writer.write(b"221 bye\r\n" if word == "QUIT" else b"250 ok\r\n")

    return raw_server(talk)


async def send(greetings: list[str], count: int, clock: Clock, **options: int) -> tuple[list[str], list[str]]:
    """Statuses of `count` mails through a scripted server, and what it saw."""
    seen: list[str] = []
    async with scripted(greetings, seen) as url:  # type: ignore[attr-defined]
        channel = SmtpChannel(url.replace("http", "smtp"), sender="a@b.example", clock=clock, **options)
        messages = tuple(Message(f"k{n}", "c@d.example", raw=mail(f"k{n}")) for n in range(count))
        outcomes = await channel.send(Batch("b", messages, clock() + timedelta(minutes=1)))
        await channel.close()
    return [f"{outcome.status} {outcome.code}" for outcome in outcomes], seen


def test_connections_are_kept_and_renewed_after_so_many_mails(runner: asyncio.Runner, clock: Clock) -> None:
    statuses, seen = runner.run(send(["220 hi"], 10, clock, connections=1, per_connection=4))
    assert statuses == ["accepted 250"] * 10
    assert (seen.count("connect"), seen.count("DATA")) == (3, 10)


def test_a_server_that_turns_connections_away_defers_all(runner: asyncio.Runner, clock: Clock) -> None:
    statuses, seen = runner.run(send(["554 5.3.2 closed"], 50, clock, connections=4))
    assert statuses == ["deferred 554 5.3.2"] * 50
    assert seen.count("connect") <= 4


def test_a_server_with_room_for_one_still_gets_everything(runner: asyncio.Runner, clock: Clock) -> None:
    statuses, seen = runner.run(send(["220 hi", "421 4.7.0 too many connections"], 20, clock, connections=4))
    assert statuses.count("accepted 250") >= 17
    assert {status for status in statuses if "accepted" not in status} <= {"deferred 421 4.7.0"}
    assert seen.count("DATA") == statuses.count("accepted 250")


def test_nothing_leaves_once_the_time_is_up(sandbox: Sandbox, root: Path, key: bytes, clock: Clock) -> None:
    moments = iter(range(1000))

    def running() -> object:
        return clock.now + timedelta(seconds=next(moments))

    stage = set_stage("smtp", sandbox, root, key=key, clock=running, connections=1)  # type: ignore[arg-type]
    batch = Batch("b", stage.batch(*(f"k{n}" for n in range(20))).messages, clock.now + timedelta(seconds=12))
    outcomes = asyncio.run(_once(stage, batch))
    accepted = [outcome.status for outcome in outcomes].count("accepted")
    assert 0 < accepted < 20
    assert {outcome.code for outcome in outcomes[accepted:]} == {"expired"}
    assert len(stage.arrived()) == accepted


async def _once(stage: Stage, batch: Batch) -> list[Outcome]:
    outcomes = await stage.channel.send(batch)
    await stage.channel.close()
    return outcomes


def piped(told: dict[int, Told], servers: list[Server], size: int, *, flushes: bool = False) -> object:
    """A mail server that offers pipelining, each connection a `Server` of its own, answering in pieces of `size`."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = Server(told, flushes=flushes)
        servers.append(server)
        writer.write(b"220 hi\r\n")
        await reader.readline()
        writer.write(b"250-hi\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
        while not server.closed and (data := await reader.read(65536)):
            reply = server.feed(data)
            for at in range(0, len(reply), size):
                writer.write(reply[at : at + size])
                await asyncio.sleep(0)

    return raw_server(talk)


async def piped_send(
    told: dict[int, Told], size: int, clock: Clock, **more: object
) -> tuple[list[Outcome], list[Server]]:
    """Outcomes of these mails over a few connections, and what the servers saw."""
    servers: list[Server] = []
    flushes = bool(more.pop("flushes", False))
    async with piped(told, servers, size, flushes=flushes) as url:  # type: ignore[attr-defined]
        address = url.replace("http", "smtp") + str(more.pop("query", ""))
        channel = SmtpChannel(address, sender="s@j.example", clock=clock, **more)  # type: ignore[arg-type]
        batch = Batch("b", tuple(letter(number) for number in told), clock() + timedelta(minutes=1))
        outcomes = [outcome for _ in range(2) for outcome in await channel.send(batch)]
        await channel.close()
    return outcomes, servers


FATES = st.builds(
    Told,
    rcpt=st.sampled_from([250, 250, 450, 550]),
    data=st.sampled_from([354, 354, 451]),
    content=st.sampled_from([250, 250, 452, 554]),
    dot=st.booleans(),
)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(FATES, min_size=1, max_size=30), size=st.integers(1, 50), connections=st.integers(1, 3))
def test_pipelined_mails_over_several_connections_get_each_its_own_outcome(
    clock: Clock, told: list[Told], size: int, connections: int
) -> None:
    fates = dict(enumerate(told))
    outcomes, servers = asyncio.run(piped_send(fates, size, clock, connections=connections, per_connection=7))
    assert [outcome.code for outcome in outcomes] == [one.verdict for one in told] * 2
    taken = sorted(content for server in servers for content in server.taken)
    assert taken == sorted(letter(n).raw for n, one in fates.items() for _ in range(2) if one.verdict == "250")
    assert [server.violations for server in servers] == [[]] * len(servers)


def test_a_server_that_lies_about_pipelining_loses_patience_once_and_gets_the_rest_one_by_one(
    runner: asyncio.Runner, clock: Clock
) -> None:
    told = {number: Told() for number in range(8)}
    outcomes, servers = runner.run(piped_send(told, 100, clock, flushes=True, connections=1, timeout=0.1))
    assert [outcome.code for outcome in outcomes] == ["disconnected_timeout"] + ["250"] * 15
    assert sum(len(server.taken) for server in servers) == 15


def test_pipelining_can_be_switched_off_in_the_url(runner: asyncio.Runner, clock: Clock) -> None:
    told = {number: Told() for number in range(4)}
    outcomes, _ = runner.run(
        piped_send(told, 9, clock, flushes=True, connections=2, query="?starttls=no&pipelining=no")
    )
    assert [outcome.code for outcome in outcomes] == ["250"] * 8
