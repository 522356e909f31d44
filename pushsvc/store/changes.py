"""Which profiles changed since a mark: read from the log that the tables' triggers write, each change exactly once.

A transaction's rows appear when it commits, perhaps long after later ones. So a mark is no number of a row but a
transaction number before which everything is settled, and the rows beyond it that were seen already.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from pushsvc.store.session import Connection, Engine

__all__ = ["Changes", "ChangesError", "Mark", "backlog", "changed_since", "logged", "mark_now", "prune", "reading"]


@dataclass(frozen=True)
class Mark:
    """Every change of a transaction before `xmin` was seen, and the log's rows `seen` (ids) of later ones."""

    xmin: int
    seen: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Changes:
    """`profile_ids` int64[n], rising, each once, erased ones too. `mark`: where to go on."""

    profile_ids: NDArray[np.int64]
    mark: Mark


class ChangesError(RuntimeError):
    """What changed since a mark cannot be told: read everything anew. `code`: pruned or ahead."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


# One statement sees one state: the horizon and the rows beyond it belong together.
_HORIZON = """
    horizon as materialized (
        select cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint) as xmin
    )
"""
_BEYOND = "(select array_agg(c.id) from profile_change c where c.xid >= h.xmin)"
_NOW = text(f"with {_HORIZON} select h.xmin, {_BEYOND} from horizon h")
_FRESH = """
    fresh as materialized (
        select xid, profile_ids from profile_change where xid >= :xmin and id <> all(cast(:seen as bigint[]))
    )
"""
_PRUNED = "exists (select from fresh where xid > :xmin and cardinality(profile_ids) = 0)"
_SINCE = text(f"""
    with {_HORIZON}, {_FRESH}
    select h.xmin, {_BEYOND}, {_PRUNED},
        (select string_agg(int8send(d.id), ''::bytea order by d.id)
         from (select distinct unnest(profile_ids) as id from fresh) d)
    from horizon h
""")
_BACKLOG = text(f"""
    with {_HORIZON}, {_FRESH}
    select h.xmin, {_PRUNED}, (select coalesce(sum(cardinality(profile_ids)), 0) from fresh) from horizon h
""")
# Of a database restored from a dump: numbers that no transaction of this one has had.
_ELSEWHERE = "xid >= cast(cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as bigint)"


def mark_now(conn: Connection) -> Mark:
    """Where to go on from what this transaction (repeatable read) sees; else from what this very call sees."""
    xmin, beyond = conn.execute(_NOW).one()
    return Mark(xmin, frozenset(beyond or ()))


def changed_since(conn: Connection, mark: Mark) -> Changes:
    """The profiles that committed transactions changed since `mark`. Raises ChangesError."""
    xmin, beyond, pruned, ids = conn.execute(_SINCE, _values(mark)).one()
    _check(mark, xmin, pruned)
    return Changes(np.frombuffer(ids or b"", dtype=">i8").astype(np.int64), Mark(xmin, frozenset(beyond or ())))


def backlog(conn: Connection, mark: Mark) -> int:
    """How many profiles wait since `mark`, counted once a change. Cheap: no list is read. Raises ChangesError."""
    xmin, pruned, count = conn.execute(_BACKLOG, _values(mark)).one()
    _check(mark, xmin, pruned)
    return int(count)


def logged(conn: Connection) -> int:
    """How many changes the log holds."""
    query = text("select count(*) from profile_change where cardinality(profile_ids) > 0")
    return int(conn.execute(query).scalar_one())


def prune(conn: Connection, before_xmin: int) -> int:
    """Forget changes of transactions before that number; returns how many rows went. Older marks are then refused.

    Rows that another database wrote before it was dumped and restored as this one go, too: their numbers say nothing.
    """
    conn.execute(text(f"delete from profile_change where {_ELSEWHERE}"))
    old = text("delete from profile_change where xid < :before and cardinality(profile_ids) > 0")
    gone = conn.execute(old, {"before": before_xmin}).rowcount
    if gone:
        # An empty row stands for them; the one before it has said its word.
        conn.execute(text("delete from profile_change where xid < :before"), {"before": before_xmin})
        conn.execute(
            text("insert into profile_change (xid, profile_ids) values (:before, '{}')"), {"before": before_xmin}
        )
    return gone


@contextmanager
def reading(engine: Engine) -> Iterator[tuple[Connection, Mark]]:
    """A transaction that sees one state of the database from first to last, and the mark of that state."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as conn:
        conn.execute(text("set local jit = off"))  # its compiling costs more than it saves here
        conn.execute(text("set local work_mem = '64MB'"))
        yield conn, mark_now(conn)
        conn.rollback()


def _check(mark: Mark, xmin: int, pruned: bool) -> None:
    if xmin < mark.xmin:
        raise ChangesError("ahead", "The mark is ahead of this database: it was restored, or the mark is another's.")
    if pruned:
        raise ChangesError("pruned", "The changes since the mark are no longer all logged.")


def _values(mark: Mark) -> dict[str, object]:
    return {"xmin": mark.xmin, "seen": sorted(mark.seen)}
