"""Reconciling by the far ends' own journals: what was to arrive, what arrived, what is listed, what is lost."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from channels.sandbox.journal import CHANNELS, journal_path, rows
from pushsvc.store.states import LISTED

MESSAGE_ID = re.compile(rb"^Message-ID:[ \t\r\n]*<([^<>@\s]+)@([^<>@\s]+)>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Arrival:
    """One message at a sink, `at` seconds since the epoch by the sink's clock."""

    key: str
    at: float
    message_id: str = ""


@dataclass(frozen=True)
class Sent:
    """A delivery as the service's own tables have it."""

    channel: str
    key: str
    state: str


@dataclass(frozen=True)
class Tally:
    """lost = expected − received − listed, by wire key; a selection without any fate is lost as well.

    `strangers` arrived though no table knows them; `listed_but_received` were given up though they had arrived.
    """

    expected: int
    received: int
    listed: int
    lost: Mapping[str, Sequence[str]]
    duplicates: Mapping[str, int]
    strangers: Sequence[str]
    listed_but_received: Mapping[str, int]
    message_ids_equal: bool
    fateless: int = 0
    again: Sequence[tuple[float, float]] = field(default=(), repr=False)  # mails that came twice: first, next


@dataclass(frozen=True)
class Blamed:
    """A fault as duplicates may be blamed on it: from `begin` to `end`, in seconds since the epoch.

    `sink`: its sink takes mails and is silent for just that time · `process`: something of ours was harmed ·
    `told`: a sink is to misbehave with the next mails, whenever they come.
    """

    begin: float
    end: float
    what: Literal["sink", "process", "told"] = "process"


def sandbox_arrivals(root: Path) -> dict[str, list[Arrival]]:
    """What the sandbox wrote down, by channel; a push that its gateway dropped as a repeat did not arrive again."""
    return {
        channel: [
            Arrival(row["key"], datetime.fromisoformat(row["at"]).timestamp(), row.get("message_id", ""))
            for row in rows(journal_path(root, channel))
            if not row.get("repeat")
        ]
        for channel in CHANNELS
    }


def postfix_arrivals(folder: Path) -> list[Arrival]:
    """The mails in the dumps of Postfix's sink; a file without a Message-ID was cut off before its head was whole."""
    found = []
    for path in folder.iterdir() if folder.exists() else ():
        if told := MESSAGE_ID.search(path.read_bytes()[:16384]):
            key, host = (part.decode(errors="replace") for part in told.groups())
            found.append(Arrival(key, path.stat().st_mtime, f"{key}@{host}"))
    return found


def reconcile(
    sent: Iterable[Sent], arrivals: Mapping[str, Sequence[Arrival]], *, refused: int = 0, fateless: int = 0
) -> Tally:
    """The tally. `refused` selections were given a reason before any message was written."""
    states: dict[str, dict[str, str]] = defaultdict(dict)
    for one in sent:
        states[one.channel][one.key] = one.state
    at_sink = {channel: {one.key for one in arrived} for channel, arrived in arrivals.items()}
    lost, duplicates, strangers, listed, mistaken = {}, {}, [], refused, Counter[str]()
    for channel in sorted({*states, *at_sink}):
        here, known = at_sink.get(channel, set()), states[channel]
        written_off = {key for key, state in known.items() if state in LISTED}
        listed += len(written_off - here)
        mistaken.update(f"{channel} {known[key]}" for key in written_off & here if known[key] != "unknown")
        lost[channel] = sorted(known.keys() - here - written_off)
        duplicates[channel] = len(arrivals.get(channel, ())) - len(here)
        strangers += sorted(here - known.keys())
    mails = arrivals.get("email", ())
    return Tally(
        expected=sum(map(len, states.values())) + refused + fateless,
        received=sum(len(here & states[channel].keys()) for channel, here in at_sink.items()),
        listed=listed,
        lost=lost,
        duplicates=duplicates,
        strangers=strangers,
        listed_but_received=mistaken,
        message_ids_equal=len({(one.key, one.message_id) for one in mails}) == len(at_sink.get("email", ())),
        fateless=fateless,
        again=_again(mails),
    )


def _again(mails: Iterable[Arrival]) -> list[tuple[float, float]]:
    """For each mail that came once more: when it came before, and when again."""
    moments: dict[str, list[float]] = defaultdict(list)
    for mail in mails:
        moments[mail.key].append(mail.at)
    return [pair for times in moments.values() for pair in zip(sorted(times), sorted(times)[1:], strict=False)]


def blame(again: Iterable[tuple[float, float]], faults: Sequence[Blamed]) -> list[int]:
    """How many duplicates each fault brought; the last figure is of those that no fault explains.

    A mail comes again because the sink that took it was silent; else because of a fault that was in force at or after
    its first arrival and before its next: the first process that was harmed then, and only where none was, a sink that
    was told to misbehave. So kills are blamed for too much rather than too little.
    """
    counted: Counter[int] = Counter()
    for first, then in again:
        near = [i for i, one in enumerate(faults) if one.end >= first and one.begin <= _latest(one, first, then)]
        counted[min(near, key=lambda i: (_RANKS[faults[i].what], faults[i].begin), default=len(faults))] += 1
    return [counted[i] for i in range(len(faults) + 1)]


_RANKS = {"sink": 0, "process": 1, "told": 2}


def _latest(one: Blamed, first: float, then: float) -> float:
    """Until when the fault must have begun to have spoilt a mail."""
    return first if one.what == "sink" else then
