"""What a run found, as it is printed, and the bars it missed."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.faults import tables as ours
from benchmarks.faults.count import Arrival, Blamed, Tally, blame, postfix_arrivals, reconcile, sandbox_arrivals
from benchmarks.faults.kinds import PROCESSES, Stroke
from benchmarks.faults.sinks import POSTFIX
from benchmarks.faults.world import World
from channels.sandbox.journal import CHANNELS

EMAIL_PER_KILL = 100
MOST_NAMED = 20  # lost keys of a channel that are printed


@dataclass
class Struck:
    """A fault that was dealt out: by the sinks' clock from `begin` to `end`, with so many messages pending."""

    stroke: Stroke
    begin: float
    end: float
    pending: int
    trouble: str = ""


def found_in(world: World, struck: Sequence[Struck], unknown: set[str]) -> dict[str, Any]:
    """What the sinks' journals and the service's tables say; `unknown` are the keys that were seen so."""
    tally = reconcile(ours.sent(world), _arrivals(world), refused=ours.refused(world), fateless=ours.fateless(world))
    return {
        **_figures(tally),
        "faults": dict(Counter(one.stroke.kind for one in struck if not one.trouble)),
        "unknown": settled_how(world, unknown),
        **_blame(tally, struck),
        "in_mid_campaign": sum(1 for one in struck if one.pending),
        "states": ours.states(world),
        "differences": ours.differences(world),
        "waiting": ours.waiting(world),
        "troubles": [f"{one.stroke.kind}: {one.trouble}" for one in struck if one.trouble],
        "mail_sinks": ["sandbox", *(["smtp-sink"] if world.wires.postfix else [])],
    }


def _figures(tally: Tally) -> dict[str, Any]:
    return {
        "expected": tally.expected,
        "received": tally.received,
        "listed": tally.listed,
        "lost": sum(map(len, tally.lost.values())) + tally.fateless,
        "duplicates": dict(tally.duplicates),
        "message_ids_equal": tally.message_ids_equal,
        "strangers": list(tally.strangers),
        "listed_but_received": dict(tally.listed_but_received),
        "lost_keys": {channel: list(keys[:MOST_NAMED]) for channel, keys in tally.lost.items() if keys},
    }


def _arrivals(world: World) -> dict[str, list[Arrival]]:
    found = {name: [one for root in world.sandboxes for one in sandbox_arrivals(root)[name]] for name in CHANNELS}
    found["email"] += postfix_arrivals(world.dumps)
    return found


def _blame(tally: Tally, struck: Sequence[Struck]) -> dict[str, Any]:
    """The mails that came twice, by the faults that brought them."""
    *by_fault, unexplained = blame(tally.again, [_blamed(one) for one in struck])
    by_kind: Counter[str] = Counter()
    for one, n in zip(struck, by_fault, strict=True):
        by_kind[one.stroke.kind] += n
    kills = [n for one, n in zip(struck, by_fault, strict=True) if one.stroke.kind in PROCESSES]
    return {
        "per_kill_max_email_duplicates": max(kills, default=0),
        "unexplained_email_duplicates": unexplained,
        "email_duplicates_by_fault": {kind: n for kind, n in by_kind.most_common() if n},
    }


def _blamed(one: Struck) -> Blamed:
    if one.stroke.kind in POSTFIX:
        return Blamed(one.begin, one.end, "sink")
    return Blamed(one.begin, one.end) if one.stroke.kind in PROCESSES else Blamed(one.begin, math.inf, "told")


def failures(found: Mapping[str, Any]) -> list[str]:
    """The bars that were missed, a sentence each."""
    mistaken = found["listed_but_received"]
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
        f"{sum(mistaken.values())} messages are listed as unsent, and arrived": not mistaken,
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
