"""However many items leave their digests at once, the digests are released."""

from __future__ import annotations

from sqlalchemy import text

from pushsvc.context import Context
from pushsvc.pipeline.digest import release_digests
from pushsvc.store.session import transaction
from tests.making import make_campaign, make_policy
from tests.registering import ask

GATHERED = """
    insert into profile (ref, kind, updated_at) select 'p' || n, 'citizen', now() from generate_series(1, 1500) n;
    insert into run (kind, key, created_at, due_at)
    values ('digest', 'digest:weekly:2026-06-22', '2026-06-20', '2026-06-22');
    insert into run (kind, key, created_at, campaign_id) select 'campaign', id, '2026-06-20', id from campaign;
    insert into delivery (run_id, profile_id, recipient_id, address_id, channel, door, state, wire_key, planned_at,
                          updated_at)
    select r.id, p.id, p.id, 1, 'sms', 'recommended', 'gathering', 'k' || p.id, '2026-06-20', '2026-06-20'
    from profile p join run r on r.kind = 'digest';
    insert into delivery_item (delivery_id, policy_id, profile_id, campaign_id, position, door)
    select d.id, c.policy_id, d.profile_id, c.id, 0, 'recommended' from delivery d cross join campaign c;
"""


def test_more_items_leave_than_a_statement_could_name(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        for n in range(12):
            make_campaign(conn, ctx, make_policy(conn, ctx, f"p{n}", visible_no=n + 1), state="finished")
        for statement in GATHERED.split(";")[:-1]:
            conn.execute(text(statement))
    assert release_digests(ctx) == 1500
    assert ask(ctx, "select code, count(*) from refusal group by code") == [("agency_max", 1500 * 7)]
    assert ask(ctx, "select count(*) from delivery_item") == [(1500 * 5,)]
