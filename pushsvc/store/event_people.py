"""Whom the events of a policy concern: who saved it, applied, dismissed it, or was told of it. As columns of ids."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pushsvc.store.columns_out import read_columns
from pushsvc.store.session import Connection
from pushsvc.store.states import LEFT

Ids = NDArray[np.int64]
# Who hid a policy because it is done already has applied: elsewhere, but for all that we tell them it is the same.
_DID = """
    select distinct profile_id from feedback
    where policy_id = any(cast({ids} as bigint[]))
        and (kind = {kind} or {kind} = 'applied' and kind = 'dismissed' and reason = 'applied') order by profile_id
"""
_LEFT = f"array{list(LEFT)}"
# By runs and campaigns: what a million were told of is read along an index, never searched in all that was sent.
_TOLD = f"""
    select d.profile_id from campaign c join run r on r.campaign_id = c.id join delivery d on d.run_id = r.id
    where c.policy_id = any(cast({{ids}} as bigint[])) and d.state = any({_LEFT})
    union
    select i.profile_id from delivery_item i join delivery d on d.id = i.delivery_id
    where i.campaign_id in (select id from campaign where policy_id = any(cast({{ids}} as bigint[])))
      and d.state = any({_LEFT})
    union
    select i.profile_id from delivery_item i join delivery d on d.id = i.delivery_id
    where i.campaign_id is null and i.policy_id = any(cast({{ids}} as bigint[])) and d.state = any({_LEFT})
    order by 1
"""


def who_did(conn: Connection, policy_ids: Sequence[int], kind: str) -> Ids:
    """int64[n], rising: the profiles that `saved`, `applied` or `dismissed` one of these policies."""
    values = {"ids": np.array(policy_ids, dtype=np.int64), "kind": kind}
    found: Ids = read_columns(conn, _DID, {"profile_id": "int"}, **values)["profile_id"]
    return found


def who_was_told(conn: Connection, policy_ids: Sequence[int]) -> Ids:
    """int64[n], rising: the profiles whose message about one of these policies left, alone or inside a digest."""
    ids = np.array(policy_ids, dtype=np.int64)
    found: Ids = read_columns(conn, _TOLD, {"profile_id": "int"}, ids=ids)["profile_id"]
    return found
