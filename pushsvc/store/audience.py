"""The selections of a campaign: written once by the audience step, read by everybody after."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from pushsvc.store.bulk import stage_columns
from pushsvc.store.published_shared import shared_addresses
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


@dataclass(frozen=True, eq=False)
class Selections:
    """k chosen profiles in order of rank (1…k), as columns.

    `doors`: index into `names`; `match` int8: 1 yes, 0 no, -1 unknown; `scores` float64, NaN for none; `why`: JSON.
    """

    names: Sequence[str]
    profile_ids: NDArray[np.int64]
    doors: NDArray[np.int8]
    match: NDArray[np.int8]
    scores: NDArray[np.float64]
    why: Sequence[str | None]

    def __len__(self) -> int:
        return len(self.profile_ids)

    def of(self, profile_id: int) -> Selected | None:
        """The one profile's selection, if it was chosen."""
        for row in np.flatnonzero(self.profile_ids == profile_id).tolist():
            score, why = float(self.scores[row]), self.why[row]
            told = None if why is None else json.loads(why)
            door = self.names[self.doors[row]]
            return Selected(profile_id, door, int(self.match[row]), None if np.isnan(score) else score, row + 1, told)
        return None


_PIECE = 200_000  # selections written together
_SHAPE = {
    "profile_id": "bigint",
    "door": "smallint",
    "match": "smallint",
    "score": "float8",
    "rank": "integer",
    "why_no": "integer",
}
_WHY = {"no": "integer primary key", "why": "jsonb"}  # many were chosen for the same reasons


def write_selections(conn: Connection, campaign_id: int, chosen: Selections) -> int:
    """Add the selections that are not yet there; returns how many were new."""
    return sum(_write(conn, campaign_id, chosen, start) for start in range(0, len(chosen), _PIECE))


def _write(conn: Connection, campaign_id: int, chosen: Selections, start: int) -> int:
    import pyarrow as pa

    some = slice(start, start + _PIECE)
    scores = chosen.scores[some]
    ranks = np.arange(start + 1, start + len(scores) + 1, dtype=np.int32)
    why = pa.array(chosen.why[some], pa.string()).dictionary_encode()
    numbers = pa.array(np.arange(len(why.dictionary), dtype=np.int32))
    stage_columns(conn, "incoming_why", _WHY, {"no": numbers, "why": why.dictionary})
    columns = {
        "profile_id": pa.array(chosen.profile_ids[some]),
        "door": pa.array(chosen.doors[some]),
        "match": pa.array(chosen.match[some]),
        "score": pa.array(scores, mask=np.isnan(scores)),
        "rank": pa.array(ranks),
        "why_no": why.indices,
    }
    stage_columns(conn, "incoming_selection", _SHAPE, columns)
    statement = text("""
        insert into selection (campaign_id, profile_id, door, match, score, rank, why)
        select :campaign_id, profile_id, (cast(:doors as text[]))[door + 1], match, score, rank, why
        from incoming_selection left join incoming_why on no = why_no order by rank
        on conflict do nothing
    """)
    return conn.execute(statement, {"campaign_id": campaign_id, "doors": list(chosen.names)}).rowcount


def selection_of(conn: Connection, campaign_id: int, profile_id: int) -> Selected | None:
    """The profile's selection in the campaign, if it was chosen."""
    query = text("""
        select profile_id, door, match, score, rank, why from selection
        where campaign_id = :campaign_id and profile_id = :profile_id
    """)
    row = conn.execute(query, {"campaign_id": campaign_id, "profile_id": profile_id}).first()
    return None if row is None else Selected(*row)


def reached_otherwise(conn: Connection, campaign_id: int, profile_id: int) -> bool:
    """Whether every address of the profile is that of another one which the campaign chose."""
    owners, addresses = shared_addresses(conn, np.array([profile_id], dtype=np.int64))
    own = addresses[owners == profile_id]
    query = text("select profile_id from selection where campaign_id = :campaign_id and profile_id = any(:ids)")
    others = {"campaign_id": campaign_id, "ids": np.unique(owners[owners != profile_id]).tolist()}
    chosen = np.array(list(conn.execute(query, others).scalars()), dtype=np.int64)
    return bool(len(own) and np.isin(own, addresses[np.isin(owners, chosen)]).all())


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


def is_personalised(conn: Connection, profile_id: int) -> bool:
    """Whether the profile lets the service recommend."""
    query = text("select personalised from preference where profile_id = :profile_id")
    return conn.execute(query, {"profile_id": profile_id}).scalar() is not False


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
