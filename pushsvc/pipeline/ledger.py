"""The ledger: our tables against each other, and what we say was sent against what an independent sink received."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from pushsvc.context import Context
from pushsvc.pipeline.ledger_keys import CHANNELS, Sinks, arrived_twice, forged, sink_keys, unlike
from pushsvc.store import ledger as store
from pushsvc.store.ledger import Difference
from pushsvc.store.states import LISTED, PENDING

__all__ = ["CHANNELS", "Ledger", "check", "differences", "sink_keys"]


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
    found: tuple[Difference, ...] = ()

    @property
    def differences(self) -> tuple[str, ...]:
        """What does not add up, a sentence each."""
        return tuple(str(one) for one in self.found)


def differences(ctx: Context, conn: Connection) -> list[Difference]:
    """What does not add up in our own tables as `conn` sees them; empty when all is well."""
    return store.differences(conn, ctx.clock()) + forged(conn, ctx.keyring)


def check(ctx: Context, sinks: Sinks | Callable[[], Sinks] | None = None) -> Ledger:
    """Reconcile at one moment, while the service runs. `sinks` gives the wire keys each sink received; without it only
    our own tables are compared. A key that a sink gives twice arrived twice."""
    with store.one_moment(ctx.engine) as conn:
        counts = store.counts(conn)
        found = differences(ctx, conn)
        keys = {channel: store.keys(conn, channel) for channel in CHANNELS if sinks is not None}
    # Read after the ledger: what was accepted by then is in the journals, what was on its way is known to be open.
    received = (sinks() if callable(sinks) else sinks) or {}
    arrived = {channel: set(got) for channel, got in received.items()}
    lost = {channel: keys[channel].accepted - got for channel, got in arrived.items()}
    strange = {channel: got - keys[channel].accepted - keys[channel].open for channel, got in arrived.items()}
    found += unlike("lost", lost, "messages were accepted and are not at the sink")
    found += arrived_twice(received) + unlike(
        "unexplained", strange, "messages are at the sink, though they never left"
    )
    cells = {channel: counts.get(channel, {}) for channel in CHANNELS}
    return Ledger(
        states={channel: {state: n for state, (n, _) in some.items()} for channel, some in counts.items()},
        expected={channel: sum(n for n, _ in some.values()) for channel, some in cells.items()},
        accepted={channel: sum(took for _, took in some.values()) for channel, some in cells.items()},
        listed={channel: _sum(some, LISTED) for channel, some in cells.items()},
        pending={channel: _sum(some, PENDING) for channel, some in cells.items()},
        received={channel: len(got) for channel, got in arrived.items()},
        lost=sum(map(len, lost.values())),
        unexplained=sum(map(len, strange.values())),
        found=tuple(found),
    )


def _sum(cells: Mapping[str, tuple[int, int]], states: Sequence[str]) -> int:
    """Deliveries in these states that nobody ever accepted."""
    return sum(n - took for state, (n, took) in cells.items() if state in states)
