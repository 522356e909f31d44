"""Whom a campaign could not reach though they never said no: by place and reason, and one by one with masks.

Who is told elsewhere, has opted out, or whose message may still arrive, is not on the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

# The reasons of the list; where a person has several, the first of these stands: the message that got furthest.
REASONS = (
    "bounced",
    "rejected",
    "gave_up",
    "expired",
    "suppressed",
    "no_basis",
    "no_guardian_consent",
    "no_address",
)


@dataclass(frozen=True)
class Unreached:
    """One profile: `name` is ciphertext, `region` a code or None, `masks` are of the recipient's addresses."""

    profile_id: int
    name: bytes | None
    kind: str
    region: str | None
    reason: str
    channel: str | None
    at: datetime
    masks: tuple[str, ...]


# `told`: every message of the campaign, alone or inside a digest. `failed`: every "no" with its reason. A recipient
# with a "no" that is none of REASONS (muted, paused, told elsewhere, …) is not one we could not reach.
_LISTED = """
    with mine as (select id from run where campaign_id = :campaign),
    known as (select * from unnest(cast(:reasons as text[])) with ordinality as k(reason, place)),
    told as (
        select profile_id, recipient_id, door, state, code, channel, updated_at as at from delivery
        where run_id in (select id from mine)
        union all
        select i.profile_id, d.recipient_id, i.door, d.state, d.code, d.channel, d.updated_at
        from delivery_item i join delivery d on d.id = i.delivery_id where i.campaign_id = :campaign
    ), failed as (
        select profile_id, recipient_id, door, channel, at, case
            when state = 'rejected' and starts_with(code, 'gave_up') then 'gave_up'
            when state = 'refused' then code else state end as reason
        from told where state in ('bounced', 'rejected', 'expired', 'refused', 'not_needed')
        union all
        select profile_id, recipient_id, door, channel, at, code from refusal where run_id in (select id from mine)
    ), touched as (
        select profile_id from told where state in ('gathering', 'waiting', 'planned', 'sending', 'unknown', 'accepted',
            'delivered', 'opened', 'complained')
    ), person as (
        select f.profile_id, f.recipient_id, min(f.door) as door, min(k.place) as place,
            (array_agg(f.channel order by k.place))[1] as channel, max(f.at) as at
        from failed f left join known k on k.reason = f.reason
        where not exists (select from touched t where t.profile_id = f.profile_id)
        group by f.profile_id, f.recipient_id having bool_and(k.place is not null)
    ), listed as (
        select distinct on (n.profile_id) n.profile_id, n.recipient_id, k.reason, n.channel, n.at
        from person n
        join known k on k.place = n.place
        join profile o on o.id = n.profile_id and o.erased_at is null
        left join profile r on r.id = nullif(n.recipient_id, 0)
        left join preference f on f.profile_id = r.id
        where r.erased_at is null and case k.reason
            when 'suppressed' then exists (
                select from profile_address pa join address a on a.id = pa.address_id
                join suppression s on s.channel = a.channel and s.lookup = a.lookup
                where pa.profile_id = n.recipient_id and s.reason not in ('opt_out', 'complained', 'complaint'))
            when 'no_basis' then not exists (
                select from (select distinct on (channel) given from consent
                    where profile_id = n.recipient_id
                        and purpose = case n.door when 'recommended' then 'recommend' else 'notify' end
                    order by channel, id desc) c
                where not c.given) and not (n.door = 'subscribed' and exists (
                    select from selection s join subscription b on b.id = any(array(
                        select id::bigint from jsonb_array_elements_text(s.why -> 'subscriptions') as w(id)))
                    where s.campaign_id = :campaign and s.profile_id = n.profile_id and b.ended_at is not null))
            when 'no_address' then case n.recipient_id
                when 0 then not exists (select from member m
                    where m.profile_id = n.profile_id and m.left_at is null and not m.wants)
                else not exists (select from profile_address pa join address a on a.id = pa.address_id
                    where pa.profile_id = n.recipient_id and not coalesce(
                        case a.channel when 'app' then f.app when 'sms' then f.sms else f.email end
                        and coalesce((f.channels -> :topic ->> a.channel)::bool, true), true)) end
            else true end
        order by n.profile_id, n.place, n.recipient_id
    )
"""
_COUNTS = text(
    _LISTED
    + """
    select p.region, l.reason, count(*) from listed l join profile p on p.id = l.profile_id group by p.region, l.reason
"""
)
_PEOPLE = text(
    _LISTED
    + """
    select l.profile_id, p.name, p.kind, p.region, l.reason, l.channel, l.at,
        coalesce((select array_agg(a.mask order by a.channel, a.id) from profile_address pa
            join address a on a.id = pa.address_id where pa.profile_id = nullif(l.recipient_id, 0)), '{}')
    from listed l join profile p on p.id = l.profile_id
    order by p.region nulls last, l.profile_id
"""
)


def unreached_by_place(conn: Connection, campaign_id: int, topic: str) -> list[tuple[str | None, str, int]]:
    """(region code or None, reason, profiles) of those a campaign could not reach; `topic` is its policy's."""
    return [(region, reason, int(n)) for region, reason, n in conn.execute(_COUNTS, _values(campaign_id, topic))]


def unreached(conn: Connection, campaign_id: int, topic: str) -> list[Unreached]:
    """Each of them, by region code, then by number."""
    rows = conn.execute(_PEOPLE, _values(campaign_id, topic))
    return [
        Unreached(who, name, kind, region, reason, channel, at, tuple(masks))
        for who, name, kind, region, reason, channel, at, masks in rows
    ]


def _values(campaign_id: int, topic: str) -> dict[str, object]:
    return {"campaign": campaign_id, "topic": topic, "reasons": list(REASONS)}
