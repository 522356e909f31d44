"""People with mail addresses straight into the tables, and campaigns that the product plans to all of them."""

from __future__ import annotations

from sqlalchemy import insert, text

from pushsvc.context import Context
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.addresses import place

_PEOPLE = text("""
    insert into profile (ref, kind, locale, updated_at)
    select 'r' || g, 'citizen', case when g % 10 = 0 then 'en' else 'zh' end, now()
    from generate_series(1, :readers) g
""")
_LINKS = text("""
    insert into profile_address (profile_id, address_id)
    select p.id, a.id from (select id, row_number() over (order by id) from profile) p (id, n)
    join (select id, row_number() over (order by id) from address) a (id, n) using (n)
""")
_CONSENTS = text("""
    insert into consent (profile_id, purpose, channel, given, wording, source, at)
    select id, 'notify', 'email', true, 'v1', 'benchmark', now() from profile
""")
_CHOSEN = text("""
    insert into selection (campaign_id, profile_id, door, match, rank)
    select :campaign, id, 'entitled', 1, row_number() over (order by id) from profile
""")
_POLICY = {
    "kind": "fund",
    "title": "关于申报2026年度云湾区人才安居补贴（第三批）的通知",
    "agency": "江澜市云湾区人力资源和社会保障局",
    "topic": "talent",
    "region": "990100",
    "summary": "凡在本区依法缴纳社会保险满一年、无自有住房并租住商品住房的各类人才，均可按学历和职称申领安居补贴。" * 3,
    "body": "第一条 给予补贴。",
    "state": "published",
}


def fill_readers(ctx: Context, readers: int) -> None:
    """So many citizens, each with a mail address and a consent; one in ten reads English."""
    plain = [f"reader{number}@city.example" for number in range(1, readers + 1)]
    ciphers, lookups = ctx.keyring.encrypt_all(plain, place("email")), ctx.keyring.lookups("email", plain)
    with ctx.engine.begin() as conn:
        conn.execute(_PEOPLE, {"readers": readers})
        raw = conn.connection.driver_connection
        assert raw is not None
        with raw.cursor() as cursor, cursor.copy("copy address (channel, lookup, cipher, mask) from stdin") as copy:
            for lookup, cipher in zip(lookups, ciphers, strict=True):
                copy.write_row(("email", lookup, cipher, "r***@city.example"))
        conn.execute(_LINKS)
        conn.execute(_CONSENTS)
    with ctx.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("vacuum analyze"))


def planned_campaign(ctx: Context, ref: str) -> int:
    """A campaign about a policy of its own, planned to everybody; returns its run."""
    now = ctx.clock()
    known = {"ref": ref, "family": ref, "event": f"new:{ref}", "checksum": ref}
    with ctx.engine.begin() as conn:
        row = insert(tables.policy).values(**_POLICY, **known, imported_at=now).returning(tables.policy.c.id)
        policy_id = conn.execute(row).scalar_one()
        about = {"policy_id": policy_id, "family": ref, "event": f"new:{ref}", "title": _POLICY["title"]}
        sent = {"doors": ["entitled"], "basis": "《江澜市人才条例》第八条", "lane": "bulk", "state": "running"}
        made = insert(tables.campaign).values(**about, **sent, author="benchmark", created_at=now, selected_at=now)
        campaign_id = int(conn.execute(made.returning(tables.campaign.c.id)).scalar_one())
        conn.execute(_CHOSEN, {"campaign": campaign_id})
    plan(ctx, campaign_id)
    with ctx.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("analyze"))
        run = text("select id from run where campaign_id = :campaign")
        return int(conn.scalar(run, {"campaign": campaign_id}) or 0)
