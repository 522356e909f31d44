"""One run: the world is opened, campaigns flow, faults strike, everything is lifted, settles and is counted."""

from __future__ import annotations

import math
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tqdm import tqdm

from benchmarks.faults import tables as ours
from benchmarks.faults.count import Blamed, blame, postfix_arrivals, reconcile, sandbox_arrivals
from benchmarks.faults.flow import Flow, bring_forward, make_people
from benchmarks.faults.kinds import KINDS, PROCESSES, Fault, Lasting, Stroke, deal
from benchmarks.faults.switches import real_time
from benchmarks.faults.world import World, open_world
from channels.sandbox.journal import CHANNELS

TICK = 0.2  # seconds between two looks
PATIENCE = 240.0  # seconds for everything to settle
EMAIL_PER_KILL = 100
MOST_NAMED = 20  # lost keys of a channel that are printed


@dataclass(frozen=True)
class Plan:
    """What a run is told. `first` strike first; `mutants` are planted defects (see the worker's entry)."""

    seconds: float
    seed: int
    people: int = 300
    kinds: tuple[str, ...] = tuple(KINDS)
    first: tuple[str, ...] = ()
    mutants: str = ""
    old_code: Path | None = None
    folder: Path | None = None
    patience: float = PATIENCE
    quiet: bool = False


@dataclass
class Struck:
    """A fault that was dealt out: by the sinks' clock from `begin` to `end`, with so many messages pending."""

    stroke: Stroke
    begin: float
    end: float
    pending: int
    trouble: str = ""


@dataclass
class Course:
    """What happened in a run so far."""

    world: World
    flow: Flow
    kinds: Mapping[str, Fault]
    bar: Any
    struck: list[Struck] = field(default_factory=list)
    lasting: list[tuple[float, Lasting, Struck]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    settled: bool = False


def run(plan: Plan) -> dict[str, Any]:
    """The result as it is printed; `failures` says which bar was missed."""
    began = time.monotonic()
    with ExitStack() as stack:
        folder = plan.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pushsvc-faults-")))
        world = stack.enter_context(open_world(folder, mutants=plan.mutants, old_code=plan.old_code))
        bar = stack.enter_context(
            tqdm(total=plan.seconds, unit="s", desc="faults", disable=plan.quiet or None, file=sys.stderr)
        )
        flow = Flow(world, make_people(world, plan.people), Random(plan.seed + 1))
        course = Course(world, flow, {kind: KINDS[kind] for kind in plan.kinds}, bar)
        break_things(course, plan)
        lift_all(course)
        course.settled = settle(course, plan.patience)
        return result(course, plan, time.monotonic() - began)


def break_things(course: Course, plan: Plan) -> None:
    """Campaigns flow and faults strike until the time is over."""
    start, dealt = time.monotonic(), deal(plan.seed, plan.seconds, course.kinds.keys(), first=plan.first)
    while (passed := time.monotonic() - start) < plan.seconds:
        course.bar.n = round(passed, 1)
        course.bar.set_postfix(faults=len(course.struck), campaigns=course.flow.started)
        for lasting in [one for one in course.lasting if one[0] <= passed]:
            lift(course, lasting)
        _calmly(course.flow.step)
        _calmly(lambda: course.unknown.update(ours.unknown_keys(course.world)))
        if dealt and dealt[0].at <= passed:
            strike(course, dealt.pop(0), passed)
        time.sleep(TICK)


def strike(course: Course, stroke: Stroke, passed: float) -> None:
    """Deals one fault out. What cannot be done now is reported as trouble, never left out silently."""
    begin, pending = real_time(), _calmly(lambda: ours.pending(course.world)) or 0
    one = Struck(stroke, begin, begin, pending)
    course.struck.append(one)
    try:
        lasting = course.kinds[stroke.kind](course.world, Random(stroke.seed))
    except Exception as exc:  # e.g. Redis is away already: the next fault comes anyway
        one.trouble = f"{type(exc).__name__}: {exc}".splitlines()[0][:120]
        return
    one.end = real_time()
    if lasting is not None:
        course.lasting.append((passed + lasting.seconds, lasting, one))


def lift(course: Course, which: tuple[float, Lasting, Struck]) -> None:
    """Ends a fault that lasts."""
    which[1].lift()
    which[2].end = real_time()
    course.lasting.remove(which)


def lift_all(course: Course) -> None:
    """Ends all that still lasts; what a sink was told and has not done yet is taken back."""
    for which in list(course.lasting):
        lift(course, which)
    course.world.wires.mail.swallow(0)
    course.world.wires.gateway.swallow(0)
    for number in range(len(course.world.sandboxes)):
        course.world.tell_sandbox([{"channel": channel, "mode": "none"} for channel in CHANNELS], number)


def settle(course: Course, seconds: float) -> bool:
    """Waits until nothing is under way any more; False when it is not so in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        _calmly(course.flow.let_go)
        _calmly(lambda: bring_forward(course.world))
        _calmly(lambda: course.unknown.update(ours.unknown_keys(course.world)))
        left = _calmly(lambda: ours.left(course.world))
        course.bar.set_postfix(faults=len(course.struck), left=left)
        if left == 0:
            return True
        time.sleep(TICK)
    return False


def result(course: Course, plan: Plan, seconds: float) -> dict[str, Any]:
    """The object to print."""
    world = course.world
    arrivals = {name: [one for root in world.sandboxes for one in sandbox_arrivals(root)[name]] for name in CHANNELS}
    arrivals["email"] += postfix_arrivals(world.dumps)
    tally = reconcile(ours.sent(world), arrivals, refused=ours.refused(world), fateless=ours.fateless(world))
    blamed = blame(tally.again, [_blamed(one) for one in course.struck])
    found: dict[str, Any] = {
        "expected": tally.expected,
        "received": tally.received,
        "listed": tally.listed,
        "lost": sum(map(len, tally.lost.values())) + tally.fateless,
        "duplicates": dict(tally.duplicates),
        "faults": dict(Counter(one.stroke.kind for one in course.struck if not one.trouble)),
        "seconds": round(seconds, 1),
        "unknown": settled_how(world, course.unknown),
        "message_ids_equal": tally.message_ids_equal,
        "per_kill_max_email_duplicates": max(blamed[:-1], default=0),
        "unexplained_email_duplicates": blamed[-1],
        "seed": plan.seed,
        "broken_seconds": plan.seconds,
        "people": plan.people,
        "campaigns": course.flow.started,
        "settled": course.settled,
        "in_mid_campaign": sum(1 for one in course.struck if one.pending),
        "strangers": list(tally.strangers),
        "listed_but_received": tally.listed_but_received,
        "states": ours.states(world),
        "differences": ours.differences(world),
        "waiting": ours.waiting(world),
        "lost_keys": {channel: list(keys[:MOST_NAMED]) for channel, keys in tally.lost.items() if keys},
        "troubles": [f"{one.stroke.kind}: {one.trouble}" for one in course.struck if one.trouble],
        "mail_sinks": ["sandbox", *(["smtp-sink"] if world.wires.postfix else [])],
    }
    return found | {"failures": failures(found)}


def failures(found: Mapping[str, Any]) -> list[str]:
    """The bars that were missed, a sentence each."""
    left = [one for one in found["unknown"] if one["became"] == "unknown" and one["channel"] != "email"]
    bars: dict[str, bool] = {
        f"{found['lost']} messages are lost": found["lost"] == 0,
        f"{found['duplicates'].get('sms', 0)} SMS came twice": found["duplicates"].get("sms", 0) == 0,
        f"{found['duplicates'].get('app', 0)} pushes came twice": found["duplicates"].get("app", 0) == 0,
        "a kill brought more than 100 mails twice": found["per_kill_max_email_duplicates"] <= EMAIL_PER_KILL,
        "mails came twice without a fault": found["unexplained_email_duplicates"] == 0,
        "a mail came again under another Message-ID": found["message_ids_equal"],
        "not everything settled in time": found["settled"],
        "messages arrived that no table knows": not found["strangers"],
        "the ledger names differences": not found["differences"],
        "unknown messages were left where the provider answers queries": not left,
        "nothing arrived at all": found["received"] > 0,
    }
    return [sentence for sentence, holds in bars.items() if not holds]


def settled_how(world: World, keys: set[str]) -> list[dict[str, Any]]:
    """Every key that was seen unknown, grouped by what it became and by what said so."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for channel, key, state, code in ours.fates(world, sorted(keys)):
        groups[channel, state, code].append(key)
    return [
        {"channel": channel, "became": state, "by": code, "n": len(some), "keys": some}
        for (channel, state, code), some in sorted(groups.items())
    ]


def _blamed(one: Struck) -> Blamed:
    """A sink does what it was told when a message comes, perhaps much later."""
    at_sink = one.stroke.kind not in PROCESSES
    return Blamed(one.begin, math.inf if at_sink else one.end, at_sink)


def _calmly(act: Callable[[], Any]) -> Any:
    """What it gives; None while the database is away, as it often is here."""
    try:
        return act()
    except Exception:
        return None
