"""A campaign to the people of `people_filling`, chosen and running, as the audience step would have left it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from benchmarks.people_filling import TOPIC, analyse, drawn
from pushsvc.context import Context
from pushsvc.store.session import transaction

_POLICY = """
    insert into policy (ref, family, event, kind, title, agency, topic, region, body, summary, amount, checksum, state,
        imported_at, published_at)
    values (:ref, :ref, 'new:' || :ref, 'fund', '云湾区人才安居补贴（第三批）申报通知', '云湾区人力资源和社会保障局',
        :topic, '330106', '第一条 给予补贴。',
        '面向本区就业的青年人才，按月给予租房补贴。', '每月1500元', :ref, 'published', :at, :at)
    returning id
"""
_CAMPAIGN = """
    insert into campaign (policy_id, family, event, title, doors, lane, basis, author, state, created_at, selected_at)
    values (:policy, :ref, 'new:' || :ref, :ref, :doors, :lane, :basis, 'limeng', :state, :at, :at) returning id
"""
_SELECTIONS = f"""
    insert into selection (campaign_id, profile_id, door, match, score, rank, why)
    select :campaign, p.id, d.door, 1, {drawn(20)}, row_number() over (order by {drawn(21)}, p.id),
        case when d.door = 'subscribed' and b.id is not null
            then jsonb_build_object('subscriptions', jsonb_build_array(b.id)) end
    from profile p
    left join subscription b on b.profile_id = p.id and b.ref = 'w'
    cross join lateral (select case when :door <> 'mixed' then :door when b.id is not null then 'subscribed'
        when {drawn(22)} < 0.25 then 'entitled' else 'recommended' end as door) d
    where p.id > :after and p.id <= :upto
"""
_SENT = "run, slice, attempt, delivery, delivery_item, refusal, receipt, inbox"
_AGAIN = """
    update campaign set state = 'running', planned_rank = 0, planned_at = null, finished_at = null where id = :campaign
"""


def fill_campaign(
    ctx: Context,
    ref: str,
    people: tuple[int, int],
    *,
    lane: str = "bulk",
    door: str = "mixed",
    state: str = "running",
) -> int:
    """A campaign of a policy of its own to the people numbered above people[0], up to people[1], in a drawn order.

    `door` "mixed": the fifth who subscribed, of the rest a quarter entitled by a recorded duty, the others recommended.
    """
    at = ctx.clock()
    doors = ["entitled", "subscribed", "recommended"] if door == "mixed" else [door]
    basis = "《江澜市公共服务办法》第九条" if "entitled" in doors else None
    with transaction(ctx.engine) as conn:
        policy = conn.scalar(text(_POLICY), {"ref": ref, "topic": TOPIC, "at": at})
        values = {"policy": policy, "ref": ref, "doors": doors, "lane": lane, "basis": basis, "state": state, "at": at}
        campaign = int(conn.execute(text(_CAMPAIGN), values).scalar_one())
        conn.execute(text(_SELECTIONS), {"campaign": campaign, "door": door, "after": people[0], "upto": people[1]})
        conn.execute(text("analyze selection"))
    return campaign


def begin_again(ctx: Context, campaigns: Sequence[int]) -> None:
    """As if nothing had been planned or sent: what was is gone, and these campaigns run from their first rank."""
    with transaction(ctx.engine) as conn:
        conn.execute(text(f"truncate {_SENT} restart identity"))
        for campaign in campaigns:
            conn.execute(text(_AGAIN), {"campaign": campaign})
    analyse(ctx)
