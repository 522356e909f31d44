"""The baseline of `benchmarks.plan`: what a task for each recipient does, a transaction each, without any broker."""

from __future__ import annotations

from secrets import token_hex

import psycopg

from benchmarks.field import plain
from pushsvc.context import Context

_WHO = """
    select s.profile_id, s.door, p.erased_at, p.birth_date, f.muted, f.personalised, f.sms, f.app, f.email
    from selection s join profile p on p.id = s.profile_id left join preference f on f.profile_id = p.id
    where s.campaign_id = %s and s.rank = %s
"""
_WHERE = """
    select a.id, a.channel from profile_address pa join address a on a.id = pa.address_id
    where pa.profile_id = %s
        and not exists (select from suppression x where x.channel = a.channel and x.lookup = a.lookup)
    order by array_position(array['app', 'sms', 'email'], a.channel)
"""
_MAY = """
    select given from consent where profile_id = %s and purpose = %s order by id desc limit 1
"""
_DELIVERY = """
    insert into delivery (run_id, profile_id, recipient_id, address_id, policy_id, channel, door, wire_key, planned_at,
        updated_at)
    values (%s, %s, %s, %s, 1, %s, %s, %s, now(), now())
"""
_REFUSAL = """
    insert into refusal (run_id, profile_id, recipient_id, door, code, at) values (%s, %s, %s, %s, %s, now())
"""
_RUN = "insert into run (kind, key, campaign_id, created_at) values ('campaign', 'field', %s, now()) returning id"


def one_by_one(ctx: Context, campaign: int, people: int) -> None:
    """The first so many recipients of the campaign, each read, decided and written in a transaction of its own."""
    with psycopg.connect(plain(ctx.settings.database_url)) as conn:
        made = conn.execute(_RUN, (campaign,)).fetchone()
        assert made is not None
        conn.commit()
        for rank in range(1, people + 1):
            _one(conn, int(made[0]), campaign, rank)
            conn.commit()


def _one(conn: psycopg.Connection[tuple[object, ...]], run: int, campaign: int, rank: int) -> None:
    who = conn.execute(_WHO, (campaign, rank)).fetchone()
    assert who is not None
    person, door, erased, _, muted, personalised, *_ = who
    refused = "erased" if erased else "muted" if "talent" in (muted or ()) else ""  # type: ignore[operator]  # a list
    if door == "recommended" and personalised is False:
        refused = "personalised_off"
    given = conn.execute(_MAY, (person, "recommend" if door == "recommended" else "notify")).fetchone()
    if not refused and door != "entitled" and (given is None or not given[0]):
        refused = "no_basis"
    address = conn.execute(_WHERE, (person,)).fetchone()
    if refused or address is None:
        conn.execute(_REFUSAL, (run, person, person, door, refused or "no_address"))
    else:
        conn.execute(_DELIVERY, (run, person, person, address[0], address[1], door, token_hex(16)))
