"""Since when people could have seen policies, from when to when policies could be seen, and how far the log reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from pushsvc.store.session import Connection
from pushsvc.store.tags import NOT_SENSITIVE

Days = NDArray[np.int64]
_ZONE = "Asia/Shanghai"
_NO_END = 2**40  # as in `recommenders.exposure.OPEN`


@dataclass(frozen=True)
class DaySpans:
    """Ids, and first and last day (days since 1970-01-01, both included) of each: int64[n]."""

    ids: Days
    first: Days
    last: Days


def exposure_of_profiles(conn: Connection) -> DaySpans:
    """From when each profile that did or was sent anything is known to have been there; it has not left since.

    That somebody read or was sent a sensitive policy is not learnt from, not even as a day.
    """
    query = text(f"""
        select profile_id, min((at at time zone '{_ZONE}')::date) - date '1970-01-01' from (
            select f.profile_id, f.at from feedback f join policy on policy.id = f.policy_id and {NOT_SENSITIVE}
            union all
            select d.profile_id, r.created_at from delivery d join run r on r.id = d.run_id
            left join campaign c on c.id = r.campaign_id left join policy on policy.id = c.policy_id
            where policy.id is null or {NOT_SENSITIVE}
        ) met group by profile_id order by profile_id
    """)
    rows = np.array([tuple(row) for row in conn.execute(query)], dtype=np.int64).reshape(-1, 2)
    return DaySpans(rows[:, 0], rows[:, 1], np.full(len(rows), _NO_END))


def exposure_of_policies(conn: Connection) -> DaySpans:
    """From publication to the end of its window or validity; a deed after that moves the end. No end: open."""
    query = text(f"""
        select p.id, p.date_published - date '1970-01-01', greatest(
            coalesce(p.window_closes, p.valid_to),
            (select max((f.at at time zone '{_ZONE}')::date) from feedback f where f.policy_id = p.id)
        ) - date '1970-01-01', coalesce(p.window_closes, p.valid_to) is null
        from policy p where p.date_published is not null order by p.id
    """)
    rows = [(row[0], row[1], _NO_END if row[3] else row[2]) for row in conn.execute(query)]
    found = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return DaySpans(found[:, 0], found[:, 1], found[:, 2])


def log_window(conn: Connection) -> tuple[date, date] | None:
    """First and last day of the log; None where it is empty."""
    query = text(f"""
        select min((at at time zone '{_ZONE}')::date), max((at at time zone '{_ZONE}')::date) from feedback
    """)
    first, last = conn.execute(query).one()
    return None if first is None else (first, last)
