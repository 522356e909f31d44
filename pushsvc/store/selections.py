"""A campaign's selections as columns, in rank order, for whoever decides what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.gates import DOORS
from profiles.preference import CADENCES
from pushsvc.store.columns_out import read_columns
from pushsvc.store.session import Connection


@dataclass(frozen=True, eq=False)
class Chosen:
    """k selections: `door` int8 indexes DOORS, `cadence` int8 CADENCES (the most frequent that the subscriptions they
    were chosen for ask); `last` is the highest rank."""

    profile_id: NDArray[np.int64]
    door: NDArray[np.int8]
    cadence: NDArray[np.int8]
    last: int = 0

    def __len__(self) -> int:
        return len(self.profile_id)

    def rows_of(self, profile_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The place of each of these profiles, all of which were chosen."""
        order = np.argsort(self.profile_id, kind="stable")
        return order[np.searchsorted(self.profile_id, profile_ids, sorter=order)]


_CHOSEN = f"""
    select s.rank, s.profile_id, array_position(array{list(DOORS)}, s.door) - 1,
        case when s.door = 'subscribed' then coalesce((
            select min(array_position(array{list(CADENCES)}, b.cadence)) - 1 from subscription b
            where b.id = any(array(select id::bigint from jsonb_array_elements_text(s.why -> 'subscriptions') as w(id)))
        ), 0) else 0 end
    from selection s where s.campaign_id = {{campaign}}
"""
_NEXT = f"{_CHOSEN} and s.rank > {{after}} order by s.rank limit {{most}}"
_THESE = f"{_CHOSEN} and s.profile_id = any(cast({{ids}} as bigint[])) order by s.rank"
_COLUMNS = {"rank": "int", "profile_id": "int", "door": "int", "cadence": "int"}


def next_selections(conn: Connection, campaign_id: int, *, after: int, limit: int) -> Chosen:
    """At most `limit` selections with a rank above the watermark."""
    return _chosen(read_columns(conn, _NEXT, _COLUMNS, campaign=campaign_id, after=after, most=limit), after)


def these_selections(conn: Connection, campaign_id: int, profile_ids: NDArray[np.int64]) -> Chosen:
    """The selections of these profiles (int64[n])."""
    return _chosen(read_columns(conn, _THESE, _COLUMNS, campaign=campaign_id, ids=profile_ids), 0)


def _chosen(found: dict[str, Any], after: int) -> Chosen:
    door, cadence = (found[name].astype(np.int8) for name in ("door", "cadence"))
    last = int(found["rank"][-1]) if len(found["rank"]) else after
    return Chosen(found["profile_id"], door, cadence, last)
