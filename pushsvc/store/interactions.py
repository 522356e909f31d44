"""What people did with policies: opened, clicked, saved, applied, dismissed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from pushsvc.store.bulk import stage
from pushsvc.store.session import Connection
from pushsvc.store.tags import NOT_REFUSED, NOT_SENSITIVE

KINDS = ("opened", "clicked", "saved", "applied", "dismissed")


@dataclass(frozen=True)
class NewInteraction:
    """One thing a person did; `at` is aware."""

    profile_id: int
    policy_id: int
    kind: str
    at: datetime


@dataclass(frozen=True)
class InteractionColumns:
    """Positive interactions, one row a (profile, policy); `weights` (float32, 0 to 1): how much each says."""

    profile_ids: NDArray[np.int64]
    policy_ids: NDArray[np.int64]
    weights: NDArray[np.float32]


_OFF = "select profile_id from preference where not personalised"
_COLUMNS = [("profile_id", "bigint"), ("policy_id", "bigint"), ("kind", "text"), ("at", "timestamptz")]


def add_interactions(conn: Connection, rows: Iterable[NewInteraction]) -> int:
    """Add what is not yet there; returns how many were new."""
    stage(conn, "incoming_feedback", _COLUMNS, ((r.profile_id, r.policy_id, r.kind, r.at) for r in rows))
    statement = text("""
        insert into feedback (profile_id, policy_id, kind, at)
        select profile_id, policy_id, kind, at from incoming_feedback on conflict do nothing
    """)
    return conn.execute(statement).rowcount


def positive_interactions(conn: Connection) -> InteractionColumns:
    """(profile, policy) pairs where the person showed interest: everything but a dismissal.

    Erased people are left out and those who switched personalisation off, and so are sensitive policies: disability or
    hardship is never learnt from reading. What bears a tag that the person deleted later does not count.
    """
    query = text(f"""
        select f.profile_id, f.policy_id,
               max(case f.kind when 'opened' then 0.4 when 'clicked' then 0.7 else 1.0 end)
        from feedback f join profile p on p.id = f.profile_id and p.erased_at is null
        join policy on policy.id = f.policy_id and {NOT_SENSITIVE}
        where f.kind <> 'dismissed' and {NOT_REFUSED} and f.profile_id not in ({_OFF}) group by 1, 2 order by 1, 2
    """)
    rows = conn.execute(query).all()
    ids = np.array([(row[0], row[1]) for row in rows], dtype=np.int64).reshape(-1, 2)
    return InteractionColumns(ids[:, 0], ids[:, 1], np.array([row[2] for row in rows], dtype=np.float32))


def exposed_profiles(conn: Connection) -> NDArray[np.int64]:
    """Profiles that could have seen a policy: those who did anything or were sent anything. Only they are negatives.

    Not those who switched personalisation off.
    """
    query = text(f"""
        select f.profile_id from feedback f join policy on policy.id = f.policy_id and {NOT_SENSITIVE}
        union select d.profile_id from delivery d join run r on r.id = d.run_id
            left join campaign c on c.id = r.campaign_id left join policy on policy.id = c.policy_id
            where policy.id is null or {NOT_SENSITIVE}
        except ({_OFF}) order by 1
    """)
    return np.array(list(conn.execute(query).scalars()), dtype=np.int64)
