"""One run: the world is opened, campaigns flow, faults strike, everything is lifted, settles and is counted."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tqdm import tqdm

from benchmarks.faults import tables as ours
from benchmarks.faults.flow import Flow, bring_forward, make_people
from benchmarks.faults.kinds import KINDS, Fault, Lasting, Stroke, deal
from benchmarks.faults.report import Struck, failures, found_in
from benchmarks.faults.switches import real_time
from benchmarks.faults.world import World, open_world
from channels.sandbox.journal import CHANNELS

TICK = 0.2  # seconds between two looks
PATIENCE = 240.0  # seconds for everything to settle


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
        found = found_in(world, course.struck, course.unknown) | {
            "seconds": round(time.monotonic() - began, 1),
            "seed": plan.seed,
            "broken_seconds": plan.seconds,
            "people": plan.people,
            "campaigns": flow.started,
            "settled": course.settled,
        }
        return found | {"failures": failures(found)}


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


def _calmly(act: Callable[[], Any]) -> Any:
    """What it gives; None while the database is away, as it often is here."""
    try:
        return act()
    except Exception:
        return None
