"""What each approval of a campaign saw: the words and rules that it binds, and the people they chose at that moment."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select, text

from pushsvc.store.session import Connection
from pushsvc.store.tables import approval as table

_CHOSEN = text("""
    select profile_id from selection where campaign_id = :campaign_id and door <> 'recommended' order by profile_id
""")
_RECOMMENDED = text("select count(*) from selection where campaign_id = :campaign_id and door = 'recommended'")


@dataclass(frozen=True, eq=False)
class Seen:
    """Whom a campaign's rule chose: `people` int64[n], sorted, through the doors that rules and wishes open; and how
    many a model recommended, who change from one model to the next."""

    people: NDArray[np.int64]
    recommended: int

    @property
    def count(self) -> int:
        """All of them."""
        return len(self.people) + self.recommended


@dataclass(frozen=True, eq=False)
class Approval:
    """One approval. `bound`: the values that `hash` is of."""

    campaign_id: int
    at: datetime
    reviewer: str
    hash: str
    bound: Mapping[str, Any]
    seen: Seen


def put(conn: Connection, one: Approval) -> None:
    """Add it; approvals are never changed."""
    row = {"campaign_id": one.campaign_id, "at": one.at, "reviewer": one.reviewer, "hash": one.hash}
    row |= {"bound": dict(one.bound), "recommended": one.seen.recommended, "people": _packed(one.seen.people)}
    conn.execute(insert(table).values(**row))


def newest(conn: Connection, campaign_id: int) -> Approval | None:
    """The campaign's last approval, whether or not it still holds."""
    query = select(table).where(table.c.campaign_id == campaign_id).order_by(table.c.id.desc()).limit(1)
    row = conn.execute(query).first()
    if row is None:
        return None
    seen = Seen(_unpacked(bytes(row.people)), row.recommended)
    return Approval(row.campaign_id, row.at, row.reviewer, row.hash, row.bound, seen)


def chosen(conn: Connection, campaign_id: int) -> Seen:
    """Whom the campaign chose, as its selections say."""
    people = conn.execute(_CHOSEN, {"campaign_id": campaign_id}).scalars().all()
    recommended = conn.execute(_RECOMMENDED, {"campaign_id": campaign_id}).scalar() or 0
    return Seen(np.array(people, dtype=np.int64), recommended)


def _packed(people: NDArray[np.int64]) -> bytes:
    """Sorted numbers as their distances, which a packer makes small: a million people take about a megabyte."""
    return zlib.compress(np.diff(people, prepend=0).astype("<i8").tobytes())


def _unpacked(packed: bytes) -> NDArray[np.int64]:
    return np.cumsum(np.frombuffer(zlib.decompress(packed), dtype="<i8")).astype(np.int64)
