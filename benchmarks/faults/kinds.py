"""The faults by name: what each does to the world, and how it is lifted."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from random import Random

import redis

from benchmarks.faults.sinks import POSTFIX
from benchmarks.faults.world import ENTRY, LEASE_SECONDS, SANDBOXES, World, celery_line, python
from pushsvc.embedded import processes, restart_postgres
from pushsvc.embedded.places import find_places

WORKERS = ("worker-urgent", "worker-normal", "worker-bulk", "worker-receipts")
GATEWAY = ("500", "500_after", "429", "hang", "garbled", "hang_up", "hang_up_after", "answer_late", "delay", "defer")
GAP_SECONDS = (0.8, 3.2)  # between two faults
LAST_SECONDS = 5.0  # of a fault that lasts
STEPS = (-200.0, -30.0, -3.0, 3.0, 30.0, 200.0)  # of the clock, in seconds; a gateway believes five minutes


@dataclass(frozen=True)
class Lasting:
    """A fault that is still in force: `lift` ends it, after so many seconds."""

    seconds: float
    lift: Callable[[], object]


Fault = Callable[[World, Random], Lasting | None]


def kill(*names: str, sign: signal.Signals = signal.SIGKILL) -> Fault:
    """Kills one of these processes; its keeper starts it again."""

    def strike(world: World, draw: Random) -> None:
        alive = [name for name in names if name in world.keeper.pids()]
        if alive:
            world.keeper.kill(draw.choice(alive), sign)

    return strike


def freeze(world: World, draw: Random) -> Lasting | None:
    """Stops a worker until its lease is over, then lets it go on as if nothing had been."""
    name = draw.choice(WORKERS)
    pid = world.keeper.pids().get(name)
    if pid is None:
        return None
    processes.send(pid, signal.SIGSTOP)
    return Lasting(LEASE_SECONDS + 1.5, lambda: processes.send(pid, signal.SIGCONT))


def flush_redis(world: World, draw: Random) -> None:
    """Takes all that Redis holds."""
    assert world.settings.redis_url is not None
    with redis.Redis.from_url(world.settings.redis_url, socket_timeout=5) as client:
        client.flushall()


def kill_redis(world: World, draw: Random) -> None:
    """Kills Redis; its keeper starts it again, empty."""
    socket = str(find_places(world.settings.var).valkey_socket)
    for pid in processes.find(lambda words: "valkey-server" in words[0] and any(socket in word for word in words)):
        processes.send(pid, signal.SIGKILL)


def restart_database(world: World, draw: Random) -> None:
    """Ends PostgreSQL at once, as a crash would."""
    restart_postgres(world.settings)


def cut_database(world: World, draw: Random) -> None:
    """Cuts every connection to PostgreSQL, whatever is on its way."""
    with world.connect() as conn:
        conn.execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")


def gateway(mode: str) -> Fault:
    """The SMS or the push gateway does something wrong with its next requests."""

    def strike(world: World, draw: Random) -> None:
        channel, times = draw.choice(("sms", "sms", "app")), 1 if mode.startswith("die") else draw.randint(1, 3)
        told = {"channel": channel, "mode": mode, "times": times, "seconds": _seconds(mode)}
        world.tell_sandbox([told], which=draw.choice(range(len(SANDBOXES))) if channel == "sms" else 0)

    return strike


def mail(mode: str, at: str = "rcpt") -> Fault:
    """The sandbox's mail server does something wrong with its next mails."""

    def strike(world: World, draw: Random) -> None:
        times = 1 if mode.startswith("die") else draw.randint(1, 8)
        world.tell_sandbox([{"channel": "email", "mode": mode, "at": at, "times": times, "seconds": _seconds(mode)}])

    return strike


def postfix(kind: str) -> Fault:
    """All mail goes to a Postfix sink that does something wrong, for a while."""

    def strike(world: World, draw: Random) -> Lasting | None:
        if world.wires.postfix is None:
            return None
        world.wires.mail.turn_to([world.wires.postfix.start(POSTFIX[kind])])
        return Lasting(LAST_SECONDS, lambda: world.wires.mail.turn_to(world.wires.mail_targets()))

    return strike


def cut_wires(world: World, draw: Random) -> None:
    """Cuts the connections to mail and SMS, or lets the next requests through and their answers not."""
    relay = draw.choice((world.wires.mail, world.wires.gateway))
    if draw.random() < 0.3:
        relay.cut()
    else:
        relay.swallow(draw.randint(1, 4))


def step_clock(world: World, draw: Random) -> Lasting:
    """The workers' clock jumps, and back after a while."""
    world.switch("clock", str(draw.choice(STEPS)))
    return Lasting(LAST_SECONDS, lambda: world.switch("clock", "0"))


def everything_twice(world: World, draw: Random) -> Lasting:
    """For a while every Celery message is published twice."""
    world.switch("twice", "on")
    return Lasting(LAST_SECONDS, lambda: world.switch("twice", "off"))


def second_beat(world: World, draw: Random) -> Lasting:
    """For a while two beats say every hint."""
    return _beside(world, "beat", celery_line("beat"))


def second_worker(world: World, draw: Random) -> Lasting:
    """For a while two workers share a lane, and then one is killed."""
    name = draw.choice(WORKERS)
    return _beside(world, name, celery_line(name).replace("%h", "second@%h"))


def old_code(world: World, draw: Random) -> Lasting:
    """For a while an earlier release's worker and beat run beside ours."""
    old = "benchmarks.faults.old_worker"
    _beside(world, "old beat", celery_line("beat").replace(ENTRY, old))
    line = f"{python()} -m celery -q -A {old} worker --pool solo -Q urgent,normal,bulk,receipts -n old@%h -l ERROR"
    lasting = [_beside(world, "old worker", line), _beside(world, "old beat", "")]
    if world.old_code is not None:
        real = f"{python()} -m celery -q -A pushsvc.worker worker --pool solo -Q urgent,normal,bulk -n real@%h -l ERROR"
        lasting.append(_beside(world, "old checkout", f"env -C {world.old_code} {real}"))
    return Lasting(LAST_SECONDS * 2, lambda: [one.lift() for one in lasting])


def _beside(world: World, name: str, line: str) -> Lasting:
    name = f"second {name}"
    if line and name not in world.extra:
        world.spawn(name, line)
    return Lasting(LAST_SECONDS * 2, lambda: world.end(name))


def _seconds(mode: str) -> float:
    """How long a sink takes its time: longer than our patience, but for `delay`, which ends while the call still may
    be taken; a 429 asks for a second."""
    return {"429": 1.0, "delay": 1.5}.get(mode, 6.0)


PROCESSES: Mapping[str, Fault] = {
    "kill_worker": kill(*WORKERS),
    "flush_redis": flush_redis,
    "restart_postgres": restart_database,
    "kill_beat": kill("beat"),
    "kill_web": kill("web"),
    "kill_sandbox": kill(*SANDBOXES),
    "freeze_worker": freeze,
    "kill_redis": kill_redis,
    "cut_postgres": cut_database,
    "cut_wires": cut_wires,
    "clock_step": step_clock,
    "celery_twice": everything_twice,
    "two_beats": second_beat,
    "two_workers": second_worker,
    "old_code": old_code,
}
SINKS: Mapping[str, Fault] = {
    **{f"gateway_{mode}": gateway(mode) for mode in (*GATEWAY, "die", "die_after")},
    **{f"smtp_{code}_{at}": mail(code, at) for code in ("421", "451", "452", "550") for at in ("mail", "rcpt", "data")},
    **{f"smtp_{mode}": mail(mode) for mode in ("hang_up_after", "hang", "garbled", "answer_late", "die", "die_after")},
}
KINDS: Mapping[str, Fault] = {**PROCESSES, **SINKS, **{kind: postfix(kind) for kind in POSTFIX}}


def deal(seed: int, seconds: float, kinds: Set[str], *, first: tuple[str, ...] = ()) -> list[Stroke]:
    """The faults of a run: when, which, and the seed of its own draw; the same arguments give the same list.

    `first` come first; then one of a process and one of a sink in turn, each kind once before any comes again.
    """
    draw, dealt, at = Random(seed), list[Stroke](), 1.0
    packs = [pack for pack in (sorted(kinds & PROCESSES.keys()), sorted(kinds - PROCESSES.keys())) if pack]
    decks: list[list[str]] = [[] for _ in packs]
    while at < seconds:
        turn = len(dealt) % len(packs)
        decks[turn] = decks[turn] or draw.sample(packs[turn], k=len(packs[turn]))
        kind = first[len(dealt)] if len(dealt) < len(first) else decks[turn].pop()
        dealt.append(Stroke(at, kind, draw.getrandbits(32)))
        at += draw.uniform(*GAP_SECONDS)
    return dealt


@dataclass(frozen=True)
class Stroke:
    """A fault to come, `at` seconds after the run began."""

    at: float
    kind: str
    seed: int
