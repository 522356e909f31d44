"""Explicit wishes: always honoured, ended with a reason, never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import text

from profiles.subscriptions import ALL, ANY, KEYS, WishColumns, wish_columns
from pushsvc.store.bulk import stage
from pushsvc.store.session import Connection

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Wish:
    """What one profile wants to hear of: every key named must be met, by any value, or all for a key in `all_of`.

    A keyword query is words that must all occur, with `|` between alternatives.
    """

    profile_id: int
    ref: str
    themes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    keyword: str | None = None
    cadence: str = "immediate"
    all_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subscription:
    """A stored wish."""

    id: int
    wish: Wish
    created_at: datetime
    ended_at: datetime | None
    ended_reason: str | None


_SHAPE = [
    ("profile_id", "bigint"),
    ("ref", "text"),
    ("themes", "text[]"),
    ("industries", "text[]"),
    ("regions", "text[]"),
    ("agencies", "text[]"),
    ("keyword", "text"),
    ("cadence", "text"),
    ("all_of", "text[]"),
]
# An ended wish stays ended: the person ended it, a file does not bring it back.
_PART = 32 * 1024 * 1024  # bytes read as one table
_ASKED = [name for name, _ in _SHAPE[2:]]
_UPSERT = text(f"""
    insert into subscription as s (profile_id, ref, {", ".join(_ASKED)}, created_at)
    select profile_id, ref, {", ".join(_ASKED)}, :at from incoming_subscription
    on conflict (profile_id, ref) do update set {", ".join(f"{name} = excluded.{name}" for name in _ASKED)}
    where s.ended_at is null and ({", ".join(f"s.{name}" for name in _ASKED)})
        is distinct from ({", ".join(f"excluded.{name}" for name in _ASKED)})
    returning s.xmax = 0
""")

# Each key as `written` puts it.
_KEY = f"""case when cardinality(s.{{0}}) > 0 then
    case when '{{0}}' = any(s.all_of) then '{ALL}' else '{ANY}' end || array_to_string(s.{{0}}, e'\\x1f') end"""
_COPY = sql.SQL(f"""
    copy (
        select s.id, s.profile_id, {", ".join(_KEY.format(key) for key in KEYS)}, s.keyword
        from subscription s join profile p on p.id = s.profile_id and p.erased_at is null
        where s.ended_at is null {{}} order by s.id
    ) to stdout with (format csv)
""")


_COLUMNS = ", ".join(("id", *(name for name, _ in _SHAPE), "created_at", "ended_at", "ended_reason"))


def save_wishes(conn: Connection, wishes: Iterable[Wish], at: datetime) -> tuple[int, int]:
    """Add or change wishes by (profile, ref), each at most once a call. Returns how many are new, how many changed."""
    stage(conn, "incoming_subscription", _SHAPE, map(_row, wishes))
    new = list(conn.execute(_UPSERT, {"at": at}).scalars())
    return sum(new), len(new) - sum(new)


def live_subscriptions(conn: Connection, profile_ids: Sequence[int] | None = None) -> list[Subscription]:
    """The wishes not ended, of the given profiles (all where None) that are not erased, by id."""
    query = text(f"""
        select {", ".join(f"s.{name}" for name in _COLUMNS.split(", "))} from subscription s
        join profile p on p.id = s.profile_id and p.erased_at is null
        where s.ended_at is null and (cast(:ids as bigint[]) is null or s.profile_id = any(:ids)) order by s.id
    """)
    ids = None if profile_ids is None else list(profile_ids)
    return [_subscription(tuple(row)) for row in conn.execute(query, {"ids": ids})]


def stream_wishes(conn: Connection, profile_ids: Sequence[int] | NDArray[np.int64] | None = None) -> WishColumns:
    """`live_subscriptions` as columns, by id: of millions, without a Python object a row."""
    import pyarrow as pa  # slow to load: only who streams waits for it

    ids = sql.SQL("") if profile_ids is None else sql.SQL("and s.profile_id = any({})").format(_numbers(profile_ids))
    with conn.connection.cursor().copy(_COPY.format(ids)) as copy:
        parts = [_table(lines) for lines in _batches(copy)]
    if not parts:
        return wish_columns([], [], [])
    table = pa.concat_tables(parts).unify_dictionaries()
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    ids_of, owners = (columns.pop(name).to_numpy() for name in ("id", "profile_id"))
    return WishColumns(ids_of, owners, {key: columns[key] for key in KEYS}, columns["keyword"])


def subscriptions_of(conn: Connection, profile_id: int) -> list[Subscription]:
    """All wishes of one profile, ended ones too, by id."""
    query = text(f"select {_COLUMNS} from subscription where profile_id = :profile_id order by id")
    return [_subscription(tuple(row)) for row in conn.execute(query, {"profile_id": profile_id})]


def end_subscription(conn: Connection, subscription_id: int, profile_id: int, *, reason: str, at: datetime) -> bool:
    """End the profile's wish; False if it is not theirs or already ended."""
    statement = text("""
        update subscription set ended_at = :at, ended_reason = :reason
        where id = :id and profile_id = :profile_id and ended_at is null
    """)
    values = {"id": subscription_id, "profile_id": profile_id, "reason": reason, "at": at}
    return conn.execute(statement, values).rowcount == 1


def resume_subscription(conn: Connection, subscription_id: int, profile_id: int) -> bool:
    """Undo an end; False if it is not theirs or had not ended."""
    statement = text("""
        update subscription set ended_at = null, ended_reason = null
        where id = :id and profile_id = :profile_id and ended_at is not null
    """)
    return conn.execute(statement, {"id": subscription_id, "profile_id": profile_id}).rowcount == 1


def end_all(conn: Connection, profile_id: int, *, reason: str, at: datetime) -> int:
    """End every live wish of the profile; returns how many."""
    statement = text("""
        update subscription set ended_at = :at, ended_reason = :reason
        where profile_id = :profile_id and ended_at is null
    """)
    return conn.execute(statement, {"profile_id": profile_id, "reason": reason, "at": at}).rowcount


def _subscription(row: tuple) -> Subscription:  # type: ignore[type-arg]  # a database row of mixed types
    names = [name for name, _ in _SHAPE]
    asked: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in zip(names, row[1:], strict=False)
    }
    return Subscription(row[0], Wish(**asked), *row[len(names) + 1 :])


def _row(wish: Wish) -> tuple[object, ...]:
    held = (getattr(wish, name) for name, _ in _SHAPE)
    return tuple(list(value) if isinstance(value, tuple) else value for value in held)


def _numbers(ids: Sequence[int] | NDArray[np.int64]) -> sql.Composable:
    return sql.Literal([int(number) for number in ids]) + sql.SQL("::bigint[]")


def _batches(rows: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Rows joined, as many as fit a part."""
    held: list[bytes | memoryview] = []
    size = 0
    for row in rows:
        held.append(row)
        size += len(row)
        if size >= _PART:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _table(lines: bytes) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    texts = pa.dictionary(pa.int32(), pa.string())
    return csv.read_csv(
        pa.BufferReader(lines),
        csv.ReadOptions(column_names=["id", "profile_id", *KEYS, "keyword"]),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types={"id": pa.int64(), "profile_id": pa.int64(), **dict.fromkeys((*KEYS, "keyword"), texts)},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
