"""Which provider of a channel takes the next slice: weights, a circuit breaker, a drift back; the moment is handed in.

A route is `on`, `paused` (by a person) or `open` (by the breaker). An open one rests until `until`; from then on it is
half open: whoever moves `until` on may send one slice as a probe, an urgent one only where no other route is on. A
probe that went well closes the breaker, and the route comes back in steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from channels.health import Health, Limits

State = Literal["on", "paused", "open"]
MINUTE = 60_000_000  # microseconds, as all moments here
FIRST_REST = 10_000_000
LONGEST_REST = MINUTE
STEP = 0.1  # of its share, each minute, after the breaker closed
PROBED = 0.25  # of the slices that are due
PROBE = Limits(calls=1, least=1)  # the latest probe decides alone


@dataclass(frozen=True)
class Route:
    """One provider as it stands. `changed`, `until`: microseconds since the epoch; `until` only while open.
    `drifting`: the breaker closed it at `changed`, so that it comes back in steps."""

    name: str
    weight: float = 1.0
    state: State = "on"
    changed: int = 0
    until: int = 0
    drifting: bool = False


@dataclass(frozen=True)
class Change:
    """What the breaker does to a route: its new state, until when it rests (0 when on), and why."""

    state: State
    until: int
    reason: str


def shares(routes: Sequence[Route], now: int) -> dict[str, float]:
    """The part of a channel's slices that each route takes, from 0 to 1; they add up to 1, or nothing is to be had.

    A drifting route gets its step of what its weight alone would give it; routes that are wholly back take the rest.
    Weights of 0 count where no other route is left.
    """
    usable = [route for route in routes if route.state == "on"]
    fair = _fair(usable)
    part = {route.name: fair[route.name] * recovered(route, now) for route in usable}
    whole = _fair([route for route in usable if recovered(route, now) >= 1.0])
    rest = 1.0 - sum(part[name] for name in part if name not in whole)
    if whole:
        return {name: whole[name] * rest if name in whole else part[name] for name in sorted(part)}
    total = sum(part.values())
    return {name: part[name] / total for name in sorted(part)} if total else fair


def recovered(route: Route, now: int) -> float:
    """How far a route is back: a step at once, one more each minute, 1 for one that does not drift."""
    if not route.drifting:
        return 1.0
    minutes = max(0, now - route.changed) // MINUTE
    return min(1.0, STEP * (1 + minutes))


def choose(parts: Mapping[str, float], token: int) -> str | None:
    """The route that a token draws, each as often as its part says; the same token draws the same route."""
    taken = [name for name in sorted(parts) if parts[name] > 0]
    if not taken:
        return None
    digest = blake2b(str(token).encode(), digest_size=8).digest()
    lot = int.from_bytes(digest, "big") / 2.0**64 * sum(parts[name] for name in taken)
    for name in taken:
        lot -= parts[name]
        if lot < 0:
            return name
    return taken[-1]


def half_open(route: Route, now: int) -> bool:
    """Whether the route may be probed."""
    return route.state == "open" and now >= route.until


def draws_probe(token: int, *, others: bool, urgent: bool = False) -> bool:
    """Whether a token draws the probe of a half-open route: one in four while `others` are on, so that no message is
    probed with time and again, and no urgent one, which must not wait for what may fail; every one where nothing else
    is left."""
    return not others or (not urgent and choose({"probe": PROBED, "spared": 1.0 - PROBED}, token) == "probe")


def after_probe(route: Route, now: int) -> int:
    """Until when an open route rests once its probe is taken: as long again as it has rested so far, within a minute.

    So an outage of seconds is noticed within seconds, and one of hours costs a slice a minute.
    """
    return now + min(max(now - route.changed, FIRST_REST), LONGEST_REST)


def judge(route: Route, found: Health, now: int) -> Change | None:
    """What the breaker makes of a route's health, None for nothing. A route that a person paused is left alone.

    `found` must be of calls since `evidence_from(route)`, for an open route by the limits of PROBE.
    """
    if route.state == "on" and found.trouble:
        return Change("open", now + FIRST_REST, _why(found))
    if route.state == "open" and found.calls and not found.trouble:
        return Change("on", 0, f"a probe went well: {found.seconds:.1f} s")
    return None


def evidence_from(route: Route) -> int:
    """From when on calls speak of a route's present state: those before its change are history, and what other workers
    still had under way when it opened is no probe."""
    return route.changed + (FIRST_REST if route.state == "open" else 0)


def _why(found: Health) -> str:
    if found.trouble == "errors":
        return f"{found.failed:.0%} of the last {found.calls} calls failed"
    return f"the last {found.calls} calls took {found.seconds:.1f} s, {found.normal:.1f} s before"


def _fair(routes: Sequence[Route]) -> dict[str, float]:
    """Parts by weight; equal parts where all weights are 0."""
    total = sum(route.weight for route in routes)
    return {route.name: route.weight / total if total > 0 else 1.0 / len(routes) for route in routes}
