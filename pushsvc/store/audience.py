"""The selections of a campaign: written once by the audience step, read by everybody after."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from pushsvc.store.bulk import stage
from pushsvc.store.session import Connection


@dataclass(frozen=True)
class Selected:
    """One chosen profile: `match` is 1 yes, 0 no, -1 unknown; `why` names subscriptions, or the model and its terms."""

    profile_id: int
    door: str
    match: int
    score: float | None
    rank: int
    why: Mapping[str, object] | None


_SHAPE = [
    ("profile_id", "bigint"),
    ("door", "text"),
    ("match", "smallint"),
    ("score", "float8"),
    ("rank", "integer"),
    ("why", "jsonb"),
]


def write_selections(conn: Connection, campaign_id: int, chosen: Iterable[Selected]) -> int:
    """Add the selections that are not yet there; returns how many were new."""
    rows = ((s.profile_id, s.door, s.match, s.score, s.rank, s.why and json.dumps(s.why)) for s in chosen)
    stage(conn, "incoming_selection", _SHAPE, rows)
    statement = text("""
        insert into selection (campaign_id, profile_id, door, match, score, rank, why)
        select :campaign_id, profile_id, door, match, score, rank, why from incoming_selection order by rank
        on conflict do nothing
    """)
    return conn.execute(statement, {"campaign_id": campaign_id}).rowcount


def selection_of(conn: Connection, campaign_id: int, profile_id: int) -> Selected | None:
    """The profile's selection in the campaign, if it was chosen."""
    query = text("""
        select profile_id, door, match, score, rank, why from selection
        where campaign_id = :campaign_id and profile_id = :profile_id
    """)
    row = conn.execute(query, {"campaign_id": campaign_id, "profile_id": profile_id}).first()
    return None if row is None else Selected(*row)


def campaign_about(conn: Connection, policy_id: int, profile_id: int) -> int | None:
    """The policy's campaign that has most to say of the profile: the last that chose it, else the last that chose
    anybody, else the first that there is."""
    query = text("""
        select c.id from campaign c
        left join selection s on s.campaign_id = c.id and s.profile_id = :profile_id
        where c.policy_id = :policy_id
        order by s.profile_id is null, c.selected_at desc nulls last, c.id limit 1
    """)
    return conn.execute(query, {"policy_id": policy_id, "profile_id": profile_id}).scalar()


def personalised_off(conn: Connection) -> NDArray[np.int64]:
    """Profiles that switched personalised recommendations off, by id."""
    query = text("select profile_id from preference where not personalised order by 1")
    return np.array(list(conn.execute(query).scalars()), dtype=np.int64)


@dataclass(frozen=True)
class Fate:
    """What became of one profile's selection for one recipient: a delivery's channel and state, or a refusal's code."""

    recipient_id: int
    door: str
    channel: str | None
    state: str
    code: str | None


_FATES = text("""
    select d.recipient_id, d.door, d.channel, d.state, d.code, d.id
    from delivery d join run r on r.id = d.run_id
    where r.campaign_id = :campaign_id and d.profile_id = :profile_id
    union all
    select f.recipient_id, f.door, f.channel, 'refused', f.code, 0
    from refusal f join run r on r.id = f.run_id
    where r.campaign_id = :campaign_id and f.profile_id = :profile_id
    order by 1, 6
""")


def fates(conn: Connection, campaign_id: int, profile_id: int) -> list[Fate]:
    """Deliveries and refusals of the profile in the campaign, by recipient."""
    values = {"campaign_id": campaign_id, "profile_id": profile_id}
    return [Fate(*row[:5]) for row in conn.execute(_FATES, values)]
