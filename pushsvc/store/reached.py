"""Which profiles a campaign's messages reached, in messages of their own and inside digests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text


@dataclass(frozen=True, eq=False)
class Reached:
    """Ids of profiles, int64, in no order: for whom a message was planned, left (was ever accepted), and arrived
    (by a receipt, or because it was opened). Who is written to at several addresses counts once.
    """

    planned: NDArray[np.int64]
    sent: NDArray[np.int64]
    delivered: NDArray[np.int64]


_REACHED = text("""
    with told as (
        select d.profile_id, d.accepted_at, d.state from delivery d join run r on r.id = d.run_id
        where r.campaign_id = :campaign_id
        union all
        select i.profile_id, d.accepted_at, d.state from delivery_item i join delivery d on d.id = i.delivery_id
        where i.campaign_id = :campaign_id
    ), each as (
        select profile_id, bool_or(accepted_at is not null) as sent,
            bool_or(state in ('delivered', 'opened', 'complained')) as delivered
        from told group by profile_id
    )
    select array_agg(profile_id), array_agg(profile_id) filter (where sent or delivered),
        array_agg(profile_id) filter (where delivered) from each
""")


def reached(conn: Connection, campaign_id: int) -> Reached:
    """As they stand now."""
    row = conn.execute(_REACHED, {"campaign_id": campaign_id}).one()
    return Reached(*(np.array(ids or [], dtype=np.int64) for ids in row))
