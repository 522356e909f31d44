"""How a provider does, by its latest calls: how much of them it failed, and how slow it was against its own normal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Trouble = Literal["", "errors", "slow"]
PER_CALL = 50  # messages that cost about as much as the call itself


@dataclass(frozen=True)
class Calls:
    """n finished calls of one provider, in any order.

    started: int64[n], microseconds since the epoch · seconds: float64[n] · members, troubled: int64[n], the messages of
    the call and those that failed by the provider's fault (a dead number does not count: see `reasons.troubled`).
    """

    started: NDArray[np.int64]
    seconds: NDArray[np.float64]
    members: NDArray[np.int64]
    troubled: NDArray[np.int64]


@dataclass(frozen=True)
class Limits:
    """When a provider is in trouble. Of the last `calls` calls within `window` seconds, and not fewer than `least`:
    `errors`: this part failed · `slowest`: half took as many seconds · `slower`: half cost so many times the normal of
    the calls before them (at least `normal_calls`) and at least `noticed` seconds."""

    window: float = 300.0
    calls: int = 20
    least: int = 5
    errors: float = 0.5
    slowest: float = 15.0
    slower: float = 8.0
    noticed: float = 2.0
    normal_calls: int = 20


@dataclass(frozen=True)
class Health:
    """What the latest calls say. `calls` looked at, `failed` the mean part of a call that failed (0 to 1),
    `seconds` and `normal` medians (0 where there is nothing to say), and the trouble, empty when there is none."""

    calls: int = 0
    failed: float = 0.0
    seconds: float = 0.0
    normal: float = 0.0
    trouble: Trouble = ""


def health(calls: Calls, now: int, limits: Limits = Limits(), *, since: int = 0) -> Health:
    """The health at `now`; only calls that began at or after `since` count as recent (both in microseconds).

    Each call weighs the same, however many messages it held: a call is what the provider did.
    """
    order = np.argsort(calls.started, kind="stable")
    order = order[(calls.members[order] > 0) & (calls.started[order] <= now)]
    oldest = max(since, now - int(limits.window * 1e6))
    recent = order[calls.started[order] >= oldest][-limits.calls :]
    before = order[: len(order) - len(recent)] if len(recent) else order
    if not len(recent):
        return Health()
    failed = float(np.mean(calls.troubled[recent] / calls.members[recent]))
    seconds, normal = _median(calls.seconds[recent]), _median(calls.seconds[before])
    found = Health(len(recent), failed, seconds, normal)
    if len(recent) < limits.least:
        return found
    trouble: Trouble = "errors" if failed >= limits.errors else "slow" if _slow(calls, recent, before, limits) else ""
    return Health(len(recent), failed, seconds, normal, trouble)


def _slow(calls: Calls, recent: NDArray[np.intp], before: NDArray[np.intp], limits: Limits) -> bool:
    seconds = _median(calls.seconds[recent])
    if seconds >= limits.slowest:
        return True
    if seconds < limits.noticed or len(before) < limits.normal_calls:
        return False
    return _median(_cost(calls, recent)) >= limits.slower * _median(_cost(calls, before))


def _cost(calls: Calls, which: NDArray[np.intp]) -> NDArray[np.float64]:
    """Seconds by size: large calls among small ones, or the other way round, are not slowness."""
    cost: NDArray[np.float64] = calls.seconds[which] / np.maximum(1.0, calls.members[which] / PER_CALL)
    return cost


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values)) if len(values) else 0.0
