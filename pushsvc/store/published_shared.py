"""Profiles that are reached at one address: what a merge of messages needs to know of them, for all at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from profiles.ragged import Rows
from profiles.sharing import dense
from pushsvc.store.contacts import PERSONS
from pushsvc.store.session import Connection

_PERSONS = ", ".join(f"'{kind}'" for kind in PERSONS)
_SPAN = 500_000  # profile numbers looked at together
_NEXT = text("select min(id) from profile where id >= :high")


def shared_addresses(conn: Connection, profile_ids: NDArray[np.int64] | None = None) -> tuple[Rows, Rows]:
    """(profile ids int64[m], address ids int64[m]), by profile, then address; each pair once.

    All addresses at which such profiles are reached that share one of them with another profile. A person is reached
    at their own, anybody else at those of the members who want it; suppressed ones count too. With `profile_ids`:
    those of them that share, and everybody who shares an address with them. 16 bytes a pair of memory, twice.
    """
    if profile_ids is None:
        pairs = list(_all_pairs(conn))
    else:
        pairs = [_pairs(conn, _NEAR, {"ids": np.unique(profile_ids).tolist()})]
    profiles, addresses = (np.concatenate([pair[part] for pair in pairs]) for part in (0, 1))
    pairs.clear()
    shared = _twice(addresses)
    if profile_ids is not None:
        shared &= np.isin(addresses, addresses[np.isin(profiles, profile_ids)])
    kept = np.isin(profiles, profiles[shared])
    profiles, addresses = profiles[kept], addresses[kept]
    order = np.lexsort((addresses, profiles))
    return profiles[order], addresses[order]


def firms_of(conn: Connection, profile_ids: NDArray[np.int64]) -> Rows:
    """int64[m], rising: the profiles of which these are members, wanting or not: reached at their addresses."""
    query = text("select distinct profile_id from member where person_id = any(:ids) order by 1")
    return np.array(list(conn.scalars(query, {"ids": profile_ids.tolist()})), dtype=np.int64)


def _twice(values: Rows) -> NDArray[np.bool_]:
    """bool[n]: where a value stands that stands elsewhere too."""
    if len(values) and int(np.max(values)) > 8 * len(values):
        values = dense(values)  # few of many numbers: not worth a counter each
    return np.asarray(np.bincount(values, minlength=1)[values] > 1)


def _all_pairs(conn: Connection) -> Iterator[tuple[Rows, Rows]]:
    yield _pairs(conn, _WINDOW, {"low": 0, "high": 0})
    high = 0
    while (low := conn.scalar(_NEXT, {"high": high})) is not None:  # numbers may lie far apart
        high = low + _SPAN
        yield _pairs(conn, _WINDOW, {"low": low, "high": high})


def _pairs(conn: Connection, query: str, values: dict[str, Any]) -> tuple[Rows, Rows]:
    cursor = conn.connection.cursor(binary=True)  # numbers come as they are, eight bytes each
    profiles, addresses = (np.frombuffer(part or b"", dtype=">i8") for part in cursor.execute(query, values).fetchone())
    return profiles.astype(np.int64), addresses.astype(np.int64)


def _reached(which: str) -> str:
    """Where profiles are reached, each (profile, address) once; `which` is asked of the column {0}, their number."""
    return f"""
        select string_agg(int8send(profile_id), ''::bytea), string_agg(int8send(address_id), ''::bytea) from (
            select who.id as profile_id, pa.address_id
            from profile who join profile_address pa on pa.profile_id = who.id
            where who.kind in ({_PERSONS}) and who.erased_at is null and {which.format("pa.profile_id")}
            union all
            select distinct who.id, pa.address_id from profile who join member m on m.profile_id = who.id
            join profile_address pa on pa.profile_id = m.person_id
            where who.kind not in ({_PERSONS}) and who.erased_at is null and m.wants and m.left_at is null
              and {which.format("m.profile_id")}
        ) pairs
    """


# Said of both sides of the join: PostgreSQL does not conclude one range from the other.
_RANGE = "{0} >= %(low)s and {0} < %(high)s"
_WINDOW = _reached(f"{_RANGE} and {_RANGE.format('who.id')}")
# Whoever could be reached at an address of the given profiles, or of their members: some too many do no harm.
_NEAR = f"""
    with told as materialized (
        select pa.address_id from profile_address pa where pa.profile_id = any(%(ids)s)
        union
        select pa.address_id from member m join profile_address pa on pa.profile_id = m.person_id
        where m.profile_id = any(%(ids)s)
    ), people as materialized (
        select distinct pa.profile_id from profile_address pa join told using (address_id)
    ), near as materialized (
        select profile_id from people
        union
        select m.profile_id from member m join people on people.profile_id = m.person_id
        union
        select unnest(cast(%(ids)s as bigint[]))
    )
    {_reached("{0} in (select profile_id from near)")}
"""
