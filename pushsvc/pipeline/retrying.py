"""Retrying: what becomes of each member of an attempt, by the class of the provider's reply. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from channels.base import Outcome, Status
from channels.reason_codes import DAILY, NUMBER_SECONDS
from channels.reasons import Kind, kind, troubled, unreached

MAX_ATTEMPTS = 8
RETRY_SECONDS = 30.0  # doubled each time
MOST_SECONDS = 3600.0
NUMBER_FIRST, NUMBER_MOST = 3600.0, 86400.0  # a number's limits run by the minute, the hour and the day
SPREAD = 0.25  # the part of a wait that jitter may take off, so that what failed at once does not return at once
PROVIDERS_ZONE = ZoneInfo("Asia/Shanghai")  # vendors' windows and calendar days are Beijing's, wherever a person lives
OPENS, CLOSES = time(8), time(22)
STATES = {"accepted": "accepted", "rejected": "rejected", "unknown": "unknown"}


@dataclass(frozen=True)
class Next:
    """What a member becomes: its state and code; `due` (aware) where it is planned again, else None.

    `tried`: the attempt counts against MAX_ATTEMPTS.
    """

    state: str
    code: str
    due: datetime | None
    tried: bool


def after(
    provider: str, outcomes: Sequence[Outcome], tries: Sequence[int], now: datetime, *, jitter: float = 0.0
) -> list[Next]:
    """One Next for each of n outcomes, in order; `tries[i]` earlier attempts of that member counted.

    `provider` is the kind of adapter, which knows the codes; `jitter` in [0, 1) is drawn once a call, so that members
    with the same answer and as many tries share a due moment and so a slice. Raises ValueError: the lengths differ.
    """
    known: dict[tuple[object, ...], Next] = {}  # a batch has few answers
    results = []
    for outcome, tried in zip(outcomes, tries, strict=True):
        deferred = outcome.status == "deferred"
        same = (outcome.code, outcome.retry_after, tried) if deferred else (outcome.code, outcome.status)
        result = known.get(same)
        if result is None:
            ended = Next(STATES.get(outcome.status, ""), outcome.code, None, True)
            result = _deferred(provider, outcome, tried, now, jitter=jitter) if deferred else ended
            known[same] = result
        results.append(result)
    return results


def tally(provider: str, outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many outcomes of each status an attempt had, and how many were `troubled`: the provider's own fault."""
    answers = Counter((outcome.status, outcome.code) for outcome in outcomes)
    found = dict.fromkeys((*get_args(Status), "troubled"), 0)
    for (status, code), n in answers.items():
        found[status] += n
        found["troubled"] += n * troubled(provider, Outcome(status, code))
    return found


def _deferred(provider: str, outcome: Outcome, tries: int, now: datetime, *, jitter: float) -> Next:
    why = kind(provider, outcome)
    # What never met the provider, or met a closed account, says nothing about the message: it waits, however long.
    tried = not unreached(outcome.code) and why != "account"
    if tried and tries + 1 >= MAX_ATTEMPTS:
        return Next("rejected", f"gave_up:{outcome.code}"[:80], None, True)
    due = _due(why, outcome.code, tries, now, jitter)
    if outcome.retry_after is not None:
        due = max(due, now + timedelta(seconds=outcome.retry_after))
    return Next("planned", outcome.code, due, tried)


def _due(why: Kind, code: str, tries: int, now: datetime, jitter: float) -> datetime:
    """When a deferred member is due, by what the provider alone would have us wait for."""
    if why == "window":
        return max(opening(now), now + timedelta(seconds=backoff(tries)))
    if why != "number":
        return now + timedelta(seconds=backoff(tries, jitter))
    if code in DAILY:
        return max(_tomorrow(now), now + timedelta(seconds=backoff(tries)))
    first = NUMBER_SECONDS.get(code, NUMBER_FIRST)
    return now + timedelta(seconds=min(first * 2.0**tries, NUMBER_MOST))


def backoff(tries: int, jitter: float = 0.0) -> float:
    """Seconds to wait after `tries` earlier attempts: doubling up to an hour, less up to a quarter by `jitter`."""
    return min(RETRY_SECONDS * 2.0 ** min(tries, 20), MOST_SECONDS) * (1.0 - SPREAD * jitter)


def opening(now: datetime) -> datetime:
    """The moment at or after `now` at which vendors' windows open: 08:00 to 22:00 in Beijing.

    Within those hours a vendor that says no has hours of its own: an hour later.
    """
    here = now.astimezone(PROVIDERS_ZONE)
    if OPENS <= here.time() < CLOSES:
        return now + timedelta(hours=1)
    day = here.date() + timedelta(days=1) if here.time() >= CLOSES else here.date()
    return datetime.combine(day, OPENS, PROVIDERS_ZONE).astimezone(now.tzinfo)


def _tomorrow(now: datetime) -> datetime:
    """The first opening of the next calendar day in Beijing."""
    day = now.astimezone(PROVIDERS_ZONE).date() + timedelta(days=1)
    return datetime.combine(day, OPENS, PROVIDERS_ZONE).astimezone(now.tzinfo)
