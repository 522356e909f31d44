"""What a resident sees: what fits, why, what is missing, and that it is only theirs."""

from __future__ import annotations

from datetime import date

from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import preferences
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.making import make_campaign, moment
from tests.web.browser import Browser
from tests.web.making import one, person, publish, rows, snapshot

SIXTY = {"all": [{"fact": "age", "ge": 60, "clause": "第二条"}]}
HOMELESS = {"all": [{"fact": "owns_home", "eq": False, "clause": "第三条"}]}
OLD, YOUNG = date(1950, 1, 1), date(1990, 1, 1)


def firm_of(ctx: Context, someone: int, ref: str = "firm", **columns: object) -> int:
    """A firm this person belongs to."""
    with transaction(ctx.engine) as conn:
        values = {"ref": ref, "kind": "enterprise", "updated_at": ctx.clock()}
        firm = conn.execute(tables.profile.insert().values(values).returning(tables.profile.c.id)).scalar_one()
        conn.execute(tables.member.insert().values(profile_id=firm, person_id=someone, **columns))
    return int(firm)


def letter(ctx: Context, someone: int, policy: int | None = None, key: str = "k1") -> int:
    """A message in somebody's inbox."""
    row = {"wire_key": key, "recipient_id": someone, "profile_id": someone, "policy_id": policy, "at": ctx.clock()}
    with transaction(ctx.engine) as conn:
        made = tables.inbox.insert().values(**row, title="一条消息", body="正文").returning(tables.inbox.c.id)
        return int(conn.execute(made).scalar_one())


def test_it_says_what_fits_and_by_which_clause(app: Flask, ctx: Context) -> None:
    publish(ctx, criteria=SIXTY)
    page = Browser(app).sign_in(person=person(ctx, birth_date=OLD)).open("/m/")
    assert "有 1 项初步符合" in page
    assert "<b>初步符合</b>，以受理部门审核为准" in page
    assert "第二条" in page


def test_it_says_which_one_fact_is_missing(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria=HOMELESS)
    browser = Browser(app).sign_in(person=person(ctx))
    assert "补充：住房" in browser.open("/m/")
    page = browser.open(f"/m/policies/{policy}")
    assert "<b>可能符合</b>：补充1项信息即可判断" in page
    assert "还差 1 项信息就能判断" in page


def test_it_says_why_not_and_how_to_correct_it(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria=SIXTY)
    page = Browser(app).sign_in(person=person(ctx, birth_date=YOUNG)).open(f"/m/policies/{policy}")
    assert "<b>目前不符合</b>第二条：要求年龄不少于60岁，登记为36岁。有误？" in page
    assert 'href="tel:12345"' in page


def test_what_does_not_fit_is_not_pushed_on_anybody(app: Flask, ctx: Context) -> None:
    publish(ctx, criteria=SIXTY)
    page = Browser(app).sign_in(person=person(ctx, birth_date=YOUNG)).open("/m/")
    assert "现在没有要告诉您的" in page


def test_with_recommendations_off_everybody_sees_the_same_list(app: Flask, ctx: Context) -> None:
    publish(ctx, "a", 1, criteria=SIXTY, title="长者政策")
    publish(ctx, "b", 2, criteria=HOMELESS, title="住房政策")
    mains = []
    for n, born in ((1, OLD), (2, YOUNG)):
        someone = person(ctx, n, birth_date=born)
        preferences.switch_personalised(ctx, someone, False)
        page = Browser(app).sign_in(person=someone).open("/m/")
        mains.append(page.split('<article class="card"', 1)[1].split('<section class="card pad"', 1)[0])
    cleaned = [main.split("csrf_token")[0] for main in mains]
    assert cleaned[0] == cleaned[1]
    assert mains[0].index("住房政策") < mains[0].index("长者政策")


def test_the_latest_list_is_by_time_alone(app: Flask, ctx: Context) -> None:
    publish(ctx, "a", 1, title="先公布的")
    publish(ctx, "b", 2, title="后公布的")
    page = Browser(app).sign_in(person=person(ctx)).open("/m/?view=latest")
    assert page.index("后公布的") < page.index("先公布的")


def test_a_saved_policy_stays_until_it_is_unsaved(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria=SIXTY, title="收藏我")
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    browser.open("/m/")
    assert "已收藏" in browser.send(f"/m/policies/{policy}/feedback", {"kind": "saved", "on": "1"})
    assert "收藏我" in browser.open("/m/?view=saved")
    browser.send(f"/m/policies/{policy}/feedback", {"kind": "saved", "on": "0"})
    assert "还没有收藏" in browser.open("/m/?view=saved")


def test_what_is_not_for_me_goes_away_and_comes_back_by_undo(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria=SIXTY, title="不适合我的")
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    browser.open("/m/")
    page = browser.send(f"/m/policies/{policy}/feedback", {"kind": "dismissed", "on": "1"})
    assert f'id="p{policy}"' not in page
    assert f'id="p{policy}"' in browser.send(f"/m/policies/{policy}/feedback")


def test_applying_twice_is_noted_once(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria=SIXTY, url="https://office.example/apply")
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    token = browser.open(f"/m/policies/{policy}") and browser.form(f"/m/policies/{policy}/applied")["csrf_token"]
    for _ in range(2):
        browser.client.post(f"/m/policies/{policy}/applied", data={"csrf_token": token, "on": "1"})
    assert one(ctx, "select count(*) from feedback where kind = 'applied'") == 1
    assert "前往 office.example 办理" in browser.open(f"/m/policies/{policy}")


def test_a_reaction_we_do_not_know_changes_nothing(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria=SIXTY)
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    browser.open("/m/")
    before = snapshot(ctx)
    browser.send(f"/m/policies/{policy}/feedback", {"kind": "opened"})
    assert browser.status == 400
    assert snapshot(ctx) == before


def test_a_member_acts_for_their_own_firm_only(app: Flask, ctx: Context) -> None:
    someone, other = person(ctx, 1), person(ctx, 2)
    firm_of(ctx, someone)
    foreign = firm_of(ctx, other, "foreign")
    browser = Browser(app).sign_in(person=someone)
    browser.open("/m/")
    assert "切到个人" in browser.send("/m/act-for")
    browser.send("/m/act-for", {"profile": foreign})
    assert browser.status == 403


def test_a_forged_firm_in_the_session_is_ignored(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    foreign = firm_of(ctx, person(ctx, 2))
    page = Browser(app).sign_in(person=someone, acting=foreign).open("/m/")
    assert "切到个人" not in page


def test_who_left_a_firm_no_longer_acts_for_it(app: Flask, ctx: Context) -> None:
    someone = person(ctx)
    firm = firm_of(ctx, someone, left_at=moment("2026-01-01T00:00:00+08:00"))
    assert "切到个人" not in Browser(app).sign_in(person=someone, acting=firm).open("/m/")


def test_an_inbox_is_only_its_readers(app: Flask, ctx: Context) -> None:
    mine, theirs = person(ctx, 1), person(ctx, 2)
    number = letter(ctx, theirs)
    browser = Browser(app).sign_in(person=mine)
    assert "一条消息" not in browser.open("/m/inbox")
    browser.open("/m/preferences")
    token = browser.form("/m/sign-out")["csrf_token"]
    assert browser.client.post(f"/m/inbox/{number}", data={"csrf_token": token}).status_code == 404
    assert one(ctx, "select read_at from inbox") is None


def test_opening_a_message_marks_it_and_its_delivery(app: Flask, ctx: Context) -> None:
    policy = publish(ctx, criteria=SIXTY)
    someone = person(ctx, channels=("app",), birth_date=OLD)
    number = letter(ctx, someone, policy, "wire-1")
    with transaction(ctx.engine) as conn:
        campaign = make_campaign(conn, ctx, policy)
        run = {"kind": "campaign", "key": "campaign:1", "campaign_id": campaign, "created_at": ctx.clock()}
        run_id = conn.execute(tables.run.insert().values(run).returning(tables.run.c.id)).scalar_one()
        row = {"run_id": run_id, "profile_id": someone, "recipient_id": someone, "policy_id": policy, "channel": "app"}
        row |= {"door": "subscribed", "state": "accepted", "wire_key": "wire-1", "planned_at": ctx.clock()}
        row |= {"updated_at": ctx.clock(), "address_id": 1}
        conn.execute(tables.delivery.insert().values(row))
    browser = Browser(app).sign_in(person=someone)
    assert "，1 条未读" in browser.open("/m/")
    browser.open("/m/inbox")
    assert "逐条对照" in browser.send(f"/m/inbox/{number}")
    assert one(ctx, "select state from delivery") == "opened"
    assert rows(ctx, "select kind from feedback") == [("opened",)]
    assert one(ctx, "select version from campaign") == 1, "live pages see it"
