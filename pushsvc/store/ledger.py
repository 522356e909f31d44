"""The ledger's questions, asked of one moment: every selection has a fate, every accepted message can be confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, select, text

from profiles.gates import CHANNELS
from pushsvc.store.columns_out import read_columns
from pushsvc.store.ledger_checks import GROUPS
from pushsvc.store.ledger_questions import Group
from pushsvc.store.states import PENDING
from pushsvc.store.tables import delivery

EXAMPLES = 5
BEING_ENDED = timedelta(minutes=10)  # what an ended campaign may take to end its last message, or to meet a late one
LATE = timedelta(hours=1)  # for a receipt
_MEMORY = text("set local work_mem = '64MB'")  # of this one connection: hashes of a million rows stay off the disk
_COUNTS = text("""
    select channel, state, count(*), count(accepted_at) from delivery group by channel, state order by 1, 2
""")


@dataclass(frozen=True)
class Difference:
    """Something that does not add up: `n` cases, said in a sentence, and up to five of them by name."""

    code: str
    n: int
    sentence: str
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.n:,} {self.sentence} ({', '.join(self.examples)}{' …' if self.n > len(self.examples) else ''})"


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees the tables as they were at its first statement, and writes nothing."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as conn, conn.begin():
        conn.execute(_MEMORY)
        yield conn


def counts(conn: Connection) -> dict[str, dict[str, tuple[int, int]]]:
    """Channel → state → (number of deliveries, of which a provider ever accepted)."""
    table: dict[str, dict[str, tuple[int, int]]] = {}
    for channel, state, n, accepted in conn.execute(_COUNTS):
        table.setdefault(channel, {})[state] = (int(n), int(accepted))
    return table


@dataclass(frozen=True)
class Keys:
    """A channel's wire keys: of what a provider ever accepted, and of what may be under way."""

    accepted: frozenset[str]
    open: frozenset[str]


def keys(conn: Connection, channel: str) -> Keys:
    """The wire keys of a channel that a sink may hold."""
    mine = select(delivery.c.wire_key).where(delivery.c.channel == channel)
    accepted = conn.scalars(mine.where(delivery.c.accepted_at.is_not(None)))
    return Keys(frozenset(accepted), frozenset(conn.scalars(mine.where(delivery.c.state.in_((*PENDING, "unknown"))))))


def differences(conn: Connection, now: datetime) -> list[Difference]:
    """What does not add up; empty when all is well. What is under way at this moment is none."""
    moments = {"now": now, "before": now - BEING_ENDED, "late": now - LATE}
    return [one for group in GROUPS for one in _ask(conn, group, moments)]


@dataclass(frozen=True, eq=False)
class Keyed:
    """n deliveries by id as columns; `channel` indexes CHANNELS; `key`: the wire key's 16 bytes as two numbers, and
    zeros where it is not of that shape."""

    id: NDArray[np.int64]
    run_id: NDArray[np.int64]
    recipient_id: NDArray[np.int64]
    channel: NDArray[np.int64]
    step: NDArray[np.int64]
    key: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.id)


_HALF = "case when wire_key ~ '^[0-9a-f]{{32}}$' then ('x' || substr(wire_key, {at}, 16))::bit(64)::bigint else 0 end"
_KEYED = {
    **{name: name for name in ("id", "run_id", "recipient_id")},
    "channel": f"coalesce(array_position(array{list(CHANNELS)}, channel) - 1, 0)",
    "step": "step",
    **{name: _HALF.replace("{at}", at) for name, at in (("left", "1"), ("right", "17"))},
}
_KEYS = f"select {', '.join(_KEYED.values())} from delivery where id > {{after}} order by id limit {{most}}"


def keyed(conn: Connection, *, after: int, limit: int) -> Keyed:
    """The next deliveries with a number above `after`, at most `limit`, with what their wire keys are made of."""
    found = read_columns(conn, _KEYS, dict.fromkeys(_KEYED, "int"), after=after, most=limit)
    left, right = found.pop("left"), found.pop("right")
    return Keyed(**found, key=np.column_stack([left, right]))


def _ask(conn: Connection, group: Group, moments: dict[str, datetime]) -> list[Difference]:
    """One pass for all checks of the group; examples only of those that found something."""
    cells = ", ".join(f"count(*) filter (where {check.where})" for check in group.checks)
    found = conn.execute(text(f"select {cells} from {group.rows} where {group.where}"), moments).one()
    named = []
    for check, n in zip(group.checks, found, strict=True):
        if n:
            query = f"select distinct {group.example} from {group.rows} where ({group.where}) and ({check.where})"
            query += f" order by 1 limit {EXAMPLES}"
            examples = tuple(str(one) for one in conn.scalars(text(query), moments))
            named.append(Difference(check.code, int(n), check.sentence, examples))
    return named
