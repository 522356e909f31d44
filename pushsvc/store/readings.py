"""Who read which policies, as far as it may count: for scores, at every request anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from pushsvc.store.session import Connection
from pushsvc.store.tags import NOT_REFUSED, NOT_SENSITIVE

Stamp = tuple[int, ...]


@dataclass(frozen=True)
class Readings:
    """Distinct pairs of a profile and a policy that it opened, clicked, saved or applied for: int64[n] each."""

    profile_ids: NDArray[np.int64]
    policy_ids: NDArray[np.int64]


_READ = text(f"""
    select f.policy_id, array_agg(distinct f.profile_id) from feedback f
    join policy on policy.id = f.policy_id and {NOT_SENSITIVE}
    where f.policy_id = any(:policies) and (cast(:profiles as bigint[]) is null or f.profile_id = any(:profiles))
    and f.kind <> 'dismissed' and {NOT_REFUSED}
    group by f.policy_id order by f.policy_id
""")


def readings(conn: Connection, policy_ids: Sequence[int], profile_ids: Sequence[int] | None = None) -> Readings:
    """Who read these policies: all, or those of the given profiles. What was dismissed is not read.

    Sensitive policies are left out, and those that bear a tag which the person deleted later.
    """
    rows = conn.execute(_READ, {"policies": list(policy_ids), "profiles": profile_ids}).all()
    counts = [len(row[1]) for row in rows]
    profiles = [np.array(row[1], dtype=np.int64) for row in rows]
    none = np.zeros(0, dtype=np.int64)
    return Readings(np.concatenate([none, *profiles]), np.repeat(np.array([r[0] for r in rows], np.int64), counts))


# Of two who commit, the later number may be there first, and rows change in place: all of them count, not the newest.
_STAMP = text("""
    select deeds.*,
        (select coalesce(sum(id), 0) from refused_tag where undone_at is null),
        (select coalesce(bit_xor(hash_array_extended(themes, id) # hash_array_extended(industries, id + 1)
            # hashtextextended(coalesce(keyword, ''), id + 2)), 0) from subscription where ended_at is null),
        (select coalesce(bit_xor(hash_array_extended(tags, id) # hash_array_extended(themes, id + 1)
            # hashtextextended(concat(sensitive, title), id + 2)), 0) from policy where id = any(:policies))
    from (select count(*), coalesce(sum(id), 0) from feedback) as deeds
""")


def readings_stamp(conn: Connection, policy_ids: Sequence[int]) -> Stamp:
    """Another one whenever what people read of these policies, wished or took back has changed, or what these bear."""
    return tuple(int(value) for value in conn.execute(_STAMP, {"policies": list(policy_ids)}).one())
