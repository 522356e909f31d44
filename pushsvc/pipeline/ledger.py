"""The ledger: our tables against each other, and what we say was sent against what an independent sink received."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

from channels.sandbox.journal import journal_path, rows
from pushsvc.context import Context
from pushsvc.store import ledger as store
from pushsvc.store.ledger import EXAMPLES, Difference
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
    found: tuple[Difference, ...] = ()

    @property
    def differences(self) -> tuple[str, ...]:
        """What does not add up, a sentence each."""
        return tuple(str(one) for one in self.found)


def sink_keys(root: Path) -> dict[str, set[str]]:
    """The wire keys in a sandbox's journals, by channel."""
    return {channel: {row["key"] for row in rows(journal_path(root, channel))} for channel in CHANNELS}


def check(ctx: Context, sinks: Sinks | Callable[[], Sinks] | None = None) -> Ledger:
    """Reconcile at one moment, while the service runs. `sinks` gives the wire keys each sink received; without it only
    our own tables are compared, and no key is read."""
    with store.one_moment(ctx.engine) as conn:
        counts = store.counts(conn)
        found = store.differences(conn, ctx.clock())
        keys = {channel: store.keys(conn, channel) for channel in CHANNELS if sinks is not None}
    # Read after the ledger: what was accepted by then is in the journals, what was on its way is known to be open.
    received = (sinks() if callable(sinks) else sinks) or {}
    lost = {channel: keys[channel].accepted - got for channel, got in received.items()}
    strange = {channel: got - keys[channel].accepted - keys[channel].open for channel, got in received.items()}
    found += _unlike("lost", lost, "messages were accepted and are not at the sink")
    found += _unlike("unexplained", strange, "messages are at the sink, though they never left")
    cells = {channel: counts.get(channel, {}) for channel in CHANNELS}
    return Ledger(
        states={channel: {state: n for state, (n, _) in some.items()} for channel, some in counts.items()},
        expected={channel: sum(n for n, _ in some.values()) for channel, some in cells.items()},
        accepted={channel: sum(took for _, took in some.values()) for channel, some in cells.items()},
        listed={channel: _sum(some, LISTED) for channel, some in cells.items()},
        pending={channel: _sum(some, PENDING) for channel, some in cells.items()},
        received={channel: len(got) for channel, got in received.items()},
        lost=sum(map(len, lost.values())),
        unexplained=sum(map(len, strange.values())),
        found=tuple(found),
    )


def _sum(cells: Mapping[str, tuple[int, int]], states: Sequence[str]) -> int:
    """Deliveries in these states that nobody ever accepted."""
    return sum(n - took for state, (n, took) in cells.items() if state in states)


def _unlike(code: str, keys: Mapping[str, Set[str]], sentence: str) -> list[Difference]:
    named = sorted(f"{channel} {key}" for channel, some in keys.items() for key in some)
    return [Difference(code, len(named), sentence, tuple(named[:EXAMPLES]))] if named else []
