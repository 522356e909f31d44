"""Who a campaign did not write to, for one reason, as operators may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from pushsvc.store.session import Connection


@dataclass(frozen=True)
class Refused:
    """One person not written to: `name` is ciphertext, `masks` are of their addresses."""

    profile_id: int
    name: bytes | None
    kind: str
    door: str
    channel: str | None
    at: datetime
    masks: tuple[str, ...]


@dataclass(frozen=True)
class Masked:
    """One profile as operators may see it: `name` is ciphertext, `masks` are of its addresses."""

    profile_id: int
    name: bytes | None
    kind: str
    masks: tuple[str, ...]


_MASKED = text("""
    select f.id, f.name, f.kind,
           coalesce((select array_agg(a.mask order by a.channel) from profile_address pa
                     join address a on a.id = pa.address_id where pa.profile_id = f.id), '{}')
    from profile f where f.id = any(:ids) order by f.id
""")
_REFUSED = text("""
    with listed as (
        select r.profile_id, r.recipient_id, r.door, r.channel, r.at from refusal r
        join run on run.id = r.run_id where run.campaign_id = :campaign and r.code = :code
        union all
        select d.profile_id, d.recipient_id, d.door, d.channel, d.updated_at from delivery d
        join run on run.id = d.run_id where run.campaign_id = :campaign and d.code = :code and d.state = 'refused'
    )
    select l.profile_id, coalesce(nullif(p.name, ''), f.name), f.kind, l.door, l.channel, l.at,
           coalesce((select array_agg(a.mask order by a.channel) from profile_address pa
                     join address a on a.id = pa.address_id where pa.profile_id = p.id), '{}')
    from listed l join profile f on f.id = l.profile_id left join profile p on p.id = nullif(l.recipient_id, 0)
    order by l.at, l.profile_id limit :limit
""")


def masked(conn: Connection, ids: Sequence[int]) -> list[Masked]:
    """These profiles, by number."""
    return [
        Masked(who, name, kind, tuple(masks)) for who, name, kind, masks in conn.execute(_MASKED, {"ids": list(ids)})
    ]


def refused(conn: Connection, campaign_id: int, code: str, *, limit: int) -> list[Refused]:
    """The first `limit` people refused with `code`, when planned or just before the attempt."""
    rows = conn.execute(_REFUSED, {"campaign": campaign_id, "code": code, "limit": limit})
    return [
        Refused(who, name, kind, door, channel, at, tuple(masks)) for who, name, kind, door, channel, at, masks in rows
    ]
