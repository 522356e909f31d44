"""Message history: every message to the reader and every one that was not sent, each with its reason; nobody else's."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, insert, text

from pushsvc.context import Context
from pushsvc.pipeline.deliver import deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.rights import export_data
from pushsvc.store import messages, tables
from pushsvc.store.session import transaction
from pushsvc.store.states import DELIVERY
from pushsvc.web.history_words import STATES
from pushsvc.web.labels import DELIVERY_STATES, REFUSALS
from tests.clock import Clock
from tests.making import choose, give, make_campaign, make_policy, prefer, subscribe
from tests.pipeline.conftest import memory, runner, sender
from tests.web.browser import Browser
from tests.web.making import one, person, rows
from tests.web.test_english import unmarked
from tests.web.test_feed import firm_of
from tests.web.test_preference_forms import leave

__all__ = ["memory", "runner", "sender"]  # fixtures of the pipeline's tests
PAGE = "/m/history"


@pytest.fixture
def me(app: Flask, ctx: Context) -> Browser:
    """A signed-in person, number 1."""
    return Browser(app).sign_in(person=person(ctx))


def campaign(ctx: Context, ref: str, door: str, people: list[int], **columns: Any) -> int:
    """A campaign about a policy of its own, planned."""
    with transaction(ctx.engine) as conn:
        policy = make_policy(conn, ctx, ref, title=f"政策{ref}", **columns.pop("policy", {}))
        number = make_campaign(conn, ctx, policy, **columns)
        choose(conn, ctx, number, people, door)
    plan(ctx, number)
    return number


def chosen(conn: Connection, number: int, checksum: str, why: dict[str, object]) -> None:
    """The campaign's choice as the audience step keeps it: of which words of the policy, and why."""
    of = tables.campaign.c.id == number, tables.selection.c.campaign_id == number
    conn.execute(tables.campaign.update().where(of[0]).values(funnel={"checksum": checksum}))
    conn.execute(tables.selection.update().where(of[1]).values(why=why))


def row(ctx: Context, n: int, recipient: int = 1, **columns: Any) -> int:
    """A delivery as it may stand, about a policy."""
    now = ctx.clock()
    with transaction(ctx.engine) as conn:
        policy = make_policy(conn, ctx, f"r{n}", title=f"第{n}条政策")
        run = conn.execute(
            insert(tables.run).values(kind="campaign", key=f"c{n}", created_at=now).returning(tables.run.c.id)
        ).scalar_one()
        address = "select min(address_id) from profile_address where profile_id = :id"
        values = {"run_id": run, "profile_id": recipient, "recipient_id": recipient, "policy_id": policy}
        values |= {"address_id": conn.execute(text(address), {"id": recipient}).scalar() or 1, "channel": "sms"}
        values |= {"door": "subscribed", "wire_key": f"k{n}", "planned_at": now, "updated_at": now, **columns}
        made = insert(tables.delivery).values(values).returning(tables.delivery.c.id)
        return int(conn.execute(made).scalar_one())


def items(page: str) -> list[str]:
    """The rows of the list as text."""
    listed = page.partition('aria-label="消息"')[2].partition("</ul></section>")[0]
    found = re.findall(r'<li class="pad">(.*?)</li>', listed, re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", one_)).strip() for one_ in found]


@pytest.mark.parametrize("state", sorted(DELIVERY))
def test_each_state_is_said_in_words(ctx: Context, me: Browser, state: str) -> None:
    row(ctx, 1, state=state, code="told" if state == "refused" else None, accepted_at=ctx.clock())
    (said,) = items(me.open(PAGE))
    assert (REFUSALS["told"] if state == "refused" else (DELIVERY_STATES | STATES)[state]) in said
    assert "第1条政策" in said
    assert "138****0001" in said
    (group,) = [group for group, states in messages.GROUPS.items() if state in states]
    for other in messages.GROUPS:
        assert len(items(me.open(f"{PAGE}?state={other}"))) == (other == group)


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_each_reason_for_silence_is_said_as_the_office_says_it(ctx: Context, me: Browser, code: str) -> None:
    now = ctx.clock()
    with transaction(ctx.engine) as conn:
        number = make_campaign(conn, ctx, make_policy(conn, ctx))
        run = insert(tables.run).values(kind="campaign", key="c", campaign_id=number, created_at=now)
        run_id = conn.execute(run.returning(tables.run.c.id)).scalar_one()
        values = {"run_id": run_id, "profile_id": 1, "recipient_id": 1, "door": "recommended", "code": code, "at": now}
        conn.execute(insert(tables.refusal).values(values))
    (said,) = items(me.open(PAGE))
    assert REFUSALS[code] in said
    assert "云湾区人才安居补贴（第三批）" in said


@pytest.mark.parametrize(
    ("state", "provider", "code", "said"),
    [
        ("rejected", "smtp", "550 5.1.1", "号码或邮箱不存在"),
        ("bounced", "smtp", "552 5.2.2", "邮箱已满"),
        ("rejected", "gateway", "nobody-knows", "服务商没有说明原因"),
        ("unknown", "gateway", "lease_lapsed", "服务商还没有答复"),
        ("not_needed", "gateway", "opened", "您已打开前一条"),
    ],
)
def test_what_a_provider_said_is_told_as_far_as_it_concerns_the_person(
    ctx: Context, me: Browser, state: str, provider: str, code: str, said: str
) -> None:
    now = ctx.clock()
    delivery = row(ctx, 1, state=state, code=code)
    with transaction(ctx.engine) as conn:
        run_id = conn.execute(text("select run_id from delivery")).scalar_one()
        slice_ = insert(tables.slice_).values(run_id=run_id, channel="sms", lane="normal", due_at=now)
        slice_id = conn.execute(slice_.returning(tables.slice_.c.id)).scalar_one()
        values = {"slice_id": slice_id, "provider": provider, "batch_key": "b", "members": 1}
        made = insert(tables.attempt).values(**values, started_at=now, expires_at=now).returning(tables.attempt.c.id)
        change = tables.delivery.update().where(tables.delivery.c.id == delivery)
        conn.execute(change.values(attempt_id=conn.execute(made).scalar_one()))
    assert said in items(me.open(PAGE))[0]
    assert code not in me.page or code == "opened"


def test_the_reason_stands_with_each_message(ctx: Context, me: Browser) -> None:
    tree = {"all": [{"fact": "kind", "eq": "citizen"}, {"fact": "age", "ge": 60, "clause": "第二条"}]}
    number = campaign(ctx, "a", "entitled", [1], basis="江澜市办法第十条", policy={"criteria": tree})
    with transaction(ctx.engine) as conn:
        chosen(conn, number, "a", {"proof": "11"})
    campaign(ctx, "b", "subscribed", [1])
    number = campaign(ctx, "c", "recommended", [1])
    with transaction(ctx.engine) as conn:
        chosen(conn, number, "c", {"terms": [["interest=租房", 0.5]]})
    said = {re.search("政策[abc]", one_)[0]: one_ for one_ in items(me.open(PAGE))}  # type: ignore[index]
    assert "依规定告知：因您的年龄符合第二条；依据江澜市办法第十条" in said["政策a"]
    assert "因订阅：因您订阅了“补贴”" in said["政策b"]
    assert "因推荐：根据标签租房推荐，可删除" in said["政策c"]


def test_a_clause_is_named_only_while_the_policy_says_what_it_said(ctx: Context, me: Browser) -> None:
    number = campaign(ctx, "a", "entitled", [1], basis="办法", policy={"criteria": {"fact": "age", "ge": 60}})
    with transaction(ctx.engine) as conn:
        chosen(conn, number, "older", {"proof": "1"})
    (said,) = items(me.open(PAGE))
    assert "年龄" not in said


def test_from_waiting_to_opened(ctx: Context, me: Browser, sender: Any, clock: Clock) -> None:
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, 1, quiet_from="07:00", quiet_to="12:00")
    campaign(ctx, "a", "subscribed", [1])
    (said,) = items(me.open(PAGE))
    assert "排队 预计 6月24日 12:00 发出" in said
    clock.forward(hours=5)
    deliver_next(ctx, sender, "normal")
    me.sign_in(person=1)
    (said,) = items(me.open(PAGE))
    assert "已发出 6月24日 14:30" in said


def test_a_digest_leads_to_all_it_tells(ctx: Context, me: Browser, clock: Clock) -> None:
    with transaction(ctx.engine) as conn:
        for n, ref in enumerate("abcd"):
            policy = make_policy(conn, ctx, ref, title=f"政策{ref}", sensitive=ref == "b", agency=f"机关{n}")
            number = make_campaign(conn, ctx, policy)
            mine = subscribe(conn, ctx, 1, f"s{ref}", "daily")
            choice = {"campaign_id": number, "profile_id": 1, "door": "subscribed", "match": 1, "rank": 1}
            conn.execute(insert(tables.selection).values(**choice, why={"subscriptions": [mine]}))
            conn.execute(tables.campaign.update().values(selected_at=ctx.clock()))
    for number in range(1, 5):
        plan(ctx, number)
    (said,) = items(me.open(PAGE))
    assert "合并通知：4 项政策" in said
    assert "预计 6月25日 08:30 合并发出" in said
    assert "政策a 您关注的一项政策有更新 政策c 还有 1 项" in said
    assert "因订阅 4 项" in said
    run = one(ctx, "select run_id from delivery")
    assert f'href="/m/digests/{run}"' in me.page
    assert me.client.get(f"/m/digests/{run}").status_code == 200
    clock.forward(days=1)
    release_digests(ctx)
    me.sign_in(person=1)
    assert "排队" in items(me.open(PAGE))[0]


def test_a_sensitive_policy_is_called_as_its_message_called_it(ctx: Context, me: Browser) -> None:
    campaign(ctx, "a", "subscribed", [1], policy={"sensitive": True})
    assert "您关注的一项政策有更新" in items(me.open(PAGE))[0]
    assert "政策a" not in me.page


def test_a_code_is_listed_and_not_shown(ctx: Context, me: Browser) -> None:
    me.open("/m/sign-in")
    me.send("/m/sign-in", {"address": "13800000001"})
    me.sign_in(person=1)
    (said,) = items(me.open(PAGE))
    assert "登录验证码" in said
    assert "因您自己的操作" in said
    assert not re.search(r"\b\d{6}\b", said)


def test_nobody_sees_anothers(app: Flask, ctx: Context, me: Browser) -> None:
    other = person(ctx, 2)
    row(ctx, 7, recipient=other, state="delivered")
    assert items(me.open(PAGE)) == []
    assert "第7条政策" in Browser(app).sign_in(person=other).open(PAGE)
    assert "第7条政策" not in me.client.get(f"{PAGE}.csv").get_data(as_text=True)


def test_a_member_sees_what_the_firms_messages_to_them_were_and_not_those_to_others(app: Flask, ctx: Context) -> None:
    someone, other = person(ctx, 1), person(ctx, 2)
    firm = firm_of(ctx, someone, role="admin")
    row(ctx, 1, profile_id=firm)
    row(ctx, 2, recipient=other, profile_id=firm)
    me = Browser(app).sign_in(person=someone, acting=firm)
    (said,) = items(me.open(PAGE))
    assert "第1条政策" in said
    assert "关于您的企业" in said


def test_a_proxy_reads_it_and_does_not_take_it_away(app: Flask, ctx: Context) -> None:
    father, daughter = person(ctx, 1), person(ctx, 2)
    leave(ctx, father, daughter, "read")
    row(ctx, 1, recipient=father)
    me = Browser(app).sign_in(person=daughter, acting=father)
    assert "第1条政策" in items(me.open(PAGE))[0]
    assert ".csv" not in me.page
    assert me.client.get(f"{PAGE}.csv").status_code == 403


def test_a_leave_covers_nothing_of_a_firm(app: Flask, ctx: Context) -> None:
    father, daughter = person(ctx, 1), person(ctx, 2)
    firm = firm_of(ctx, father, role="admin")
    leave(ctx, father, daughter, "read")
    row(ctx, 1, recipient=father, profile_id=firm)
    run = mixed_digest(ctx, father, firm)
    hers = Browser(app).sign_in(person=daughter, acting=father)
    (said,) = items(hers.open(PAGE))
    assert "父亲的政策" in said
    assert "企业的政策" not in hers.page
    assert "企业的政策" not in hers.open(f"/m/digests/{run}")
    his = Browser(app).sign_in(person=father)
    assert len(items(his.open(PAGE))) == 2
    assert "企业的政策" in his.page
    assert "企业的政策" in his.open(f"/m/digests/{run}")


def mixed_digest(ctx: Context, recipient: int, firm: int) -> int:
    """A digest that tells somebody of their firm first, then of themselves; its run."""
    head = row(ctx, 2, recipient=recipient, profile_id=firm, policy_id=None)
    with transaction(ctx.engine) as conn:
        conn.execute(text("update run set kind = 'digest' where key = 'c2'"))
        for n, (whose, title) in enumerate([(firm, "企业的政策"), (recipient, "父亲的政策")]):
            item = {"delivery_id": head, "policy_id": make_policy(conn, ctx, f"i{n}", title=title), "profile_id": whose}
            conn.execute(insert(tables.delivery_item).values(**item, position=n, door="subscribed"))
    return int(one(ctx, "select id from run where key = 'c2'"))


def test_who_left_a_firm_is_not_told_what_it_wishes_now(ctx: Context, me: Browser) -> None:
    firm = firm_of(ctx, 1, role="member")
    with transaction(ctx.engine) as conn:
        policy = make_policy(conn, ctx, "f")
        number = make_campaign(conn, ctx, policy)
        wish = subscribe(conn, ctx, firm, "s")
        choose(conn, ctx, number, [firm])
        conn.execute(tables.selection.update().values(why={"subscriptions": [wish]}))
        conn.execute(text("update subscription set themes = '{}', keyword = '并购重组'"))
    plan(ctx, number)
    assert "并购重组" in items(me.open(PAGE))[0]
    with transaction(ctx.engine) as conn:
        conn.execute(text("update member set left_at = :now"), {"now": ctx.clock()})
    assert "并购重组" not in items(me.open(PAGE))[0]


def test_why_a_sensitive_policy_came_is_not_said_either(ctx: Context, me: Browser) -> None:
    number = campaign(ctx, "a", "entitled", [1], policy={"sensitive": True}, basis="《残疾人就业条例》第三条")
    assert number
    (said,) = items(me.open(PAGE))
    assert "残疾人" not in said


def test_pages_hold_every_row_once_the_newest_first(ctx: Context, me: Browser, clock: Clock) -> None:
    for n in range(65):
        if n % 5 == 0:  # several of one moment
            clock.forward(minutes=1)
        row(ctx, n, state="delivered")
    me.sign_in(person=1)
    seen, path = [], PAGE
    while path:
        seen += [int(re.search(r"第(\d+)条", one_)[1]) for one_ in items(me.open(path))]  # type: ignore[index]
        older = re.search(r'rel="next" href="([^"]+)"', me.page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == list(reversed(range(65)))


def test_the_table_holds_what_the_page_shows_and_no_formula(ctx: Context, me: Browser) -> None:
    row(ctx, 1, state="delivered")
    with transaction(ctx.engine) as conn:
        conn.execute(text("update policy set title = '=cmd|''/c calc''!A1'"))
    answer = me.client.get(f"{PAGE}.csv?channel=sms")
    table = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert table[0] == ["时间", "标题", "为什么", "渠道", "联系方式", "状态", "说明"]
    assert [table[1][n] for n in (1, 3, 4, 5)] == ["'=cmd|'/c calc'!A1", "短信", "138****0001", "已送达"]
    assert len(table) == 2
    assert len(me.client.get(f"{PAGE}.csv?channel=email").get_data(as_text=True).splitlines()) == 1


@pytest.mark.parametrize(
    "query", ["state=x", "channel=fax", "after=1.2.3", "after=a.b.c.d", "after=" + "9" * 18 + ".0.0.0"]
)
def test_what_is_not_there_is_404(me: Browser, query: str) -> None:
    assert me.client.get(f"{PAGE}?{query}").status_code == 404


def test_the_english_page_marks_what_stays_chinese(ctx: Context, me: Browser) -> None:
    tree = {"fact": "age", "ge": 60, "clause": "第二条"}
    number = campaign(ctx, "a", "entitled", [1], basis="江澜市办法第十条", policy={"criteria": tree})
    with transaction(ctx.engine) as conn:
        chosen(conn, number, "a", {"proof": "1"})
        give(conn, ctx, 1, "notify", given=False)
    campaign(ctx, "b", "subscribed", [1])
    page = me.open(f"{PAGE}?lang=en")
    assert unmarked(page) == []
    assert "Your age meets" in page


def test_looking_at_ones_messages_costs_what_one_has_and_not_what_there_is(ctx: Context, me: Browser) -> None:
    row(ctx, 1)
    with transaction(ctx.engine) as conn:
        conn.execute(text("set local enable_seqscan = off"))
        given = {"person": 1, "states": None, "channel": None, "about": None, "limit": 30, "at": None}
        given |= {"refusal": 0, "key": 0, "profile": 0}
        found = conn.execute(text(f"explain {messages.PAGE_QUERY}"), given)
        told = "\n".join(line for (line,) in found)
    assert "ix_delivery_told" in told
    assert "ix_refusal_recipient" in told


def test_reading_it_changes_nothing_and_the_copy_of_all_holds_it_too(ctx: Context, me: Browser) -> None:
    row(ctx, 1, state="delivered")
    me.open(PAGE)
    assert one(ctx, "select state from delivery") == "delivered"
    held = export_data(ctx, 1)
    assert held is not None
    assert [each["state"] for each in held["messages"]] == ["delivered"]
    assert rows(ctx, "select 1 from feedback") == []
