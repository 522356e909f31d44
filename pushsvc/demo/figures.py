"""The demo's figures: sinks from the counterpart's journals, the rest from the ledger, over all runs in this `var`."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from channels.sandbox import count
from pushsvc.demo.stage import Stage, wait_until
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.ledger import CHANNELS, Ledger, check, sink_keys
from pushsvc.store.campaigns import get_campaign
from pushsvc.store.people import count_profiles
from pushsvc.store.session import transaction
from pushsvc.store.watching import RunCount, other_runs, started_campaigns


@dataclass(frozen=True)
class Reckoning:
    """The ledger against the sinks; `duplicates` and `same_ids` come from the journals alone."""

    ledger: Ledger
    sinks: dict[str, int]
    duplicates: int
    same_ids: bool

    @property
    def lost(self) -> int:
        """Accepted but not at the sink, or at the sink though the ledger says that it never left."""
        return self.ledger.lost + self.ledger.unexplained

    @property
    def even(self) -> bool:
        """Whether each sink holds exactly what its channel accepted."""
        return all(self.sinks[channel] == self.ledger.accepted[channel] for channel in CHANNELS)


def settle(stage: Stage, *, seconds: float) -> Reckoning:
    """Wait until nothing is under way, then reconcile."""
    wait_until(lambda: _is_still(check(stage.ctx)), seconds=seconds, step=0.5)
    return reckon(stage)


def reckon(stage: Stage) -> Reckoning:
    """The ledger as it is now against the journals."""
    ledger = check(stage.ctx, lambda: sink_keys(stage.sandbox))
    journals = count(stage.sandbox)
    return Reckoning(
        ledger,
        {channel: int(journals[channel]["distinct"]) for channel in CHANNELS},
        sum(int(journals[channel]["duplicates"]) for channel in CHANNELS),
        all(bool(journals[channel]["message_ids_equal"]) for channel in CHANNELS),
    )


def tell(found: Reckoning) -> str:
    """`sinks 1,193 = ledger 1,193 · lost 0 · duplicates 0`"""
    sinks, accepted = sum(found.sinks.values()), sum(found.ledger.accepted.values())
    sign = "=" if found.even else "≠"
    return f"sinks {sinks:,} {sign} ledger {accepted:,} · lost {found.lost} · duplicates {found.duplicates}"


def campaign_rows(stage: Stage) -> list[dict[str, Any]]:
    """One row a campaign that was ever started, then one for each other kind of run that sent something."""
    with transaction(stage.ctx.engine) as conn:
        numbers = started_campaigns(conn)
        others = other_runs(conn)
    return [_campaign_row(stage, number) for number in numbers] + other_run_rows(others)


def summary(stage: Stage, found: Reckoning, more: dict[str, Any]) -> dict[str, Any]:
    """The one object of `--json`."""
    with transaction(stage.ctx.engine) as conn:
        profiles = sum(count_profiles(conn).values())
    ledger = found.ledger
    return {
        "profiles": profiles,
        **more,
        "campaigns": campaign_rows(stage),
        "accepted": {channel: ledger.accepted[channel] for channel in CHANNELS},
        "sinks": found.sinks,
        "listed": sum(ledger.listed.values()),
        "pending": sum(ledger.pending.values()),
        "differences": list(ledger.differences),
        "lost": found.lost,
        "duplicates": found.duplicates,
        "seconds": round(stage.seconds(), 1),
    }


def _campaign_row(stage: Stage, number: int) -> dict[str, Any]:
    report = campaigns.report(stage.ctx, number)
    with transaction(stage.ctx.engine) as conn:
        row = get_campaign(conn, number)
    names = ("policy", "title", "state", "selected", "refusals", "deliveries", "accepted", "digests")
    funnel = {name: report["funnel"].get(name, 0) for name in ("eligible", "unknown", "no")}
    event = {"family": row["family"], "event": row["event"]} if row is not None else {}
    return {"id": number, **event, **funnel, **{name: report[name] for name in names}}


def other_run_rows(counts: list[RunCount]) -> list[dict[str, Any]]:
    """Answers to life events, digests and system messages, in the shape of a campaign's row."""
    kinds: dict[str, list[RunCount]] = defaultdict(list)
    for one in counts:
        kinds[one.kind].append(one)
    return [_other_row(kind, found) for kind, found in sorted(kinds.items())]


def _other_row(kind: str, counts: list[RunCount]) -> dict[str, Any]:
    doors: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    states: dict[str, Counter[str]] = defaultdict(Counter)
    for one in counts:
        doors[one.door] += one.count
        states[one.channel][one.state] += one.count
        accepted[one.channel] += one.accepted
        if one.state == "refused":
            refusals["regated"] += one.count
    total = sum(doors.values())
    row: dict[str, Any] = {"id": None, "policy": f"{kind}:*", "title": kind, "state": "finished", "eligible": total}
    row |= {"unknown": 0, "no": 0, "selected": dict(doors), "refusals": dict(refusals)}
    return row | {"deliveries": {name: dict(cells) for name, cells in states.items()}, "accepted": dict(accepted)}


def _is_still(ledger: Ledger) -> bool:
    """Nothing is planned, on its way or unknown; what gathers for a digest of another day may wait."""
    busy = ("planned", "sending", "unknown")
    return not any(states.get(state, 0) for states in ledger.states.values() for state in busy)
