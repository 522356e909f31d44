"""The ledger: what we say was sent against what a sink that counts on its own received."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from channels.sandbox.journal import journal_path, rows
from pushsvc.context import Context
from pushsvc.store import ledger as store
from pushsvc.store.session import transaction
from pushsvc.store.states import LISTED, PENDING

CHANNELS = ("app", "sms", "email")
Sinks = Mapping[str, Set[str]]


@dataclass(frozen=True)
class Ledger:
    """Figures by channel. lost = expected − received at the sink − listed; 0 when all is well."""

    states: Mapping[str, Mapping[str, int]]
    expected: Mapping[str, int]
    accepted: Mapping[str, int]
    listed: Mapping[str, int]
    pending: Mapping[str, int]
    received: Mapping[str, int] = field(default_factory=dict)
    lost: int = 0
    unexplained: int = 0  # at the sink, though the ledger says it never left
    differences: tuple[str, ...] = ()


def sink_keys(root: Path) -> dict[str, set[str]]:
    """The wire keys in a sandbox's journals, by channel."""
    return {channel: {row["key"] for row in rows(journal_path(root, channel))} for channel in CHANNELS}


def check(ctx: Context, sinks: Sinks | Callable[[], Sinks] | None = None) -> Ledger:
    """Reconcile. `sinks` gives the wire keys each sink received; without it only our own tables are compared."""
    with transaction(ctx.engine) as conn:
        states = store.counts(conn)
        found = store.differences(conn)
        accepted = {channel: store.accepted_keys(conn, channel) for channel in CHANNELS}
        open_ = {channel: store.keys_in(conn, channel, (*PENDING, "unknown")) for channel in CHANNELS}
        listed = {channel: store.keys_in(conn, channel, LISTED) for channel in CHANNELS}
        pending = {channel: store.keys_in(conn, channel, PENDING) for channel in CHANNELS}
    expected = {channel: sum(states.get(channel, {}).values()) for channel in CHANNELS}
    # Read after the ledger: what was accepted by then is in the journals, what was on its way is known to be open.
    sinks = sinks() if callable(sinks) else sinks
    lost, unexplained = 0, 0
    for channel, keys in (sinks or {}).items():
        lost += len(accepted[channel] - keys)
        unexplained += len(keys - accepted[channel] - open_[channel])
    return Ledger(
        states=states,
        expected=expected,
        accepted={channel: len(keys) for channel, keys in accepted.items()},
        listed={channel: len(keys - accepted[channel]) for channel, keys in listed.items()},
        pending={channel: len(keys) for channel, keys in pending.items()},
        received={channel: len(keys) for channel, keys in (sinks or {}).items()},
        lost=lost,
        unexplained=unexplained,
        differences=tuple(found),
    )
