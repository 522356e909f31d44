"""Rows L11, L12, L13, L27 and L29: what a person may ask of us, and how an answer is worded."""

from __future__ import annotations

import json
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import insert

from pushsvc.context import Context
from pushsvc.links import unsubscribe_token
from pushsvc.pipeline import feedback
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.deliver import Sender
from pushsvc.pipeline.ingest_profiles import upsert_profile
from pushsvc.pipeline.preferences import subscribe
from pushsvc.pipeline.rights import erase, export_data
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.law.sending import CONSENTS, MAIL, NAME, PHONE, release, run
from tests.modelling import use_model
from tests.registering import OLD_ENOUGH, ask, issue, register
from tests.web.browser import Browser
from tests.web.making import REVIEWER, api_key, operators

FULL = {
    "name": NAME, "region": "990105", "birth_date": "1950-05-01", "phone": PHONE, "email": MAIL,
    "app_token": "device-token-of-wang", "hardship": "yes", "interests": "长者助餐", "consents": CONSENTS,
    "dependants": "kid-of-wang@2026-01-01", "source": "民政登记", "as_of": "2026-03-01",
}  # fmt: skip


def everything(ctx: Context) -> str:
    """All rows of all tables as PostgreSQL writes them, bytes as hexadecimal digits."""
    names = (name for name in tables.metadata.tables if name != "model")
    texts = (ask(ctx, f"select coalesce(string_agg(t::text, chr(10)), '') from \"{name}\" t") for name in names)
    return "\n".join(str(rows[0][0]) for rows in texts)


def test_L11_erasure_leaves_nothing_but_keyed_hashes(ctx: Context, sender: Sender) -> None:
    """个人信息保护法 19, 47: facts, addresses, tags, wishes, reading and letters go; a hash keeps the number silent."""
    person = register(ctx, "wang-ref", **FULL)
    use_model(ctx, {"interest=长者助餐": 3.0})
    subscribe(ctx, person, {"ref": "wish-of-wang", "keyword": "养老助残"})
    release(ctx, issue(ctx, "p", criteria=OLD_ENOUGH))
    release(ctx, issue(ctx, "q", body="第一条 养老助残。"))
    run(ctx, sender)
    feedback.react(ctx, person, 1, kind="saved", on=True)
    with transaction(ctx.engine) as conn:
        letter = {"wire_key": "k", "recipient_id": person, "profile_id": person, "title": "一封信", "at": ctx.clock()}
        conn.execute(insert(tables.inbox).values(**letter, body="给王的信"))
    marks = ["wang-ref", "长者助餐", "kid-of-wang", "1950-05-01", "138****0217", "给王的信", "民政登记"]
    assert [mark for mark in marks if mark not in everything(ctx)] == []
    assert ask(ctx, "select count(*) from selection where why is not null") == [(2,)]
    assert erase(ctx, person, actor="person")
    left = everything(ctx)
    assert [mark for mark in marks if mark in left] == []
    assert ask(ctx, "select count(*) from address where cipher <> '' or mask <> ''") == [(0,)]
    assert ask(ctx, "select count(*) from selection where why is not null or score is not null") == [(0,)]
    stopped = ask(ctx, "select lookup, reason from suppression where channel = 'sms'")
    assert [(bytes(lookup), reason) for lookup, reason in stopped] == [
        (ctx.keyring.lookup("sms", f"+86{PHONE}"), "erased")
    ]
    again = upsert_profile(ctx, {"ref": "wang-ref", "kind": "citizen", **FULL})
    assert isinstance(again, list)
    assert again[0].code == "erased"


def test_L12_the_copy_is_whole_and_each_fact_shows_its_source_and_date(app: Flask, ctx: Context) -> None:
    """个人信息保护法 44, 45, 46: one may read, copy and correct: so one sees what is held, whence and since when."""
    person = register(ctx, "a", **FULL)
    register(ctx, "a", region="990101", source="户籍登记", as_of="2026-05-01")
    subscribe(ctx, person, {"ref": "w", "themes": "talent"})
    answer = Browser(app).sign_in(person=person).client.get("/m/preferences/export")
    assert answer.mimetype == "application/json"
    held = json.loads(answer.data)
    assert held == json.loads(json.dumps(export_data(ctx, person), default=str))
    assert held["profile"]["name"] == NAME
    facts = held["profile"]["facts"]
    told = {name: [fact[part] for part in ("value", "source", "as_of")] for name, fact in facts.items()}
    assert told["birth_date"] == ["1950-05-01", "民政登记", "2026-03-01"]
    assert told["region"] == ["990101", "户籍登记", "2026-05-01"]
    (older,) = held["fact_history"]
    assert [older[name] for name in ("fact", "value", "source")] == ["region", "990105", "民政登记"]
    assert {one["value"] for one in held["addresses"]} >= {f"+86{PHONE}", MAIL}
    for part in ("sensitive_facts", "dependants", "consents", "subscriptions", "preferences", "messages"):
        assert part in held, part
    read = app.test_client().get("/api/v1/profiles/a", headers=api_key(ctx, "read"))
    assert json.loads(read.data)["sources"]["region"] == ["户籍登记", "2026-05-01"]


def test_L12_the_copy_says_for_what_one_was_chosen_and_by_which_traits(ctx: Context) -> None:
    """个人信息保护法 24, 45: what a machine concluded of somebody is held about them too."""
    person = register(ctx, "a", interests="租房")
    register(ctx, "b")
    use_model(ctx, {"interest=租房": 5.0})
    audience(ctx, issue(ctx, "p", criteria={"all": []}))
    copy = export_data(ctx, person)
    assert copy is not None
    (chosen,) = copy["chosen_for"]
    assert (chosen["policy"], chosen["door"]) == ("p", "recommended")
    assert chosen["why"]["terms"][0][0] == "interest=租房"


@pytest.mark.parametrize(
    ("born", "verdict"), [(date(1950, 5, 1), "初步符合"), (None, "可能符合"), (date(2000, 1, 1), "目前不符合")]
)
def test_L13_an_answer_is_careful_and_a_human_is_one_touch_away(
    app: Flask, ctx: Context, born: date | None, verdict: str
) -> None:
    """个人信息保护法 24(3): a decision that matters is explained, and never left to the machine alone."""
    facts = {"birth_date": born.isoformat()} if born else {}
    person = register(ctx, "a", **facts)
    issue(ctx, "p", criteria=OLD_ENOUGH)
    me = Browser(app).sign_in(person=person)
    page = me.open("/m/policies/1")
    assert f"<b>{verdict}</b>" in page
    assert "以受理部门审核为准" in page
    assert "第三条" in page
    for other in (page, me.open("/m/"), me.open("/policies/1"), me.open("/algorithm")):
        assert 'href="tel:12345"' in other
        assert 'href="/m/questions/new' in other
        assert not any(word in other for word in ("审核不通过", "不予受理", "已拒绝"))


def test_L13_L29_who_is_told_no_sees_the_clause_and_where_to_correct_it(app: Flask, ctx: Context) -> None:
    """个人信息保护法 24(3), 46: the reason, what is held, and the way to have it put right."""
    person = register(ctx, "a", birth_date="2000-01-01")
    issue(ctx, "p", criteria=OLD_ENOUGH)
    page = Browser(app).sign_in(person=person).open("/m/policies/1")
    assert "第三条：要求" in page
    assert "登记有误？" in page


def test_L29_all_rights_are_exercised_in_one_place(app: Flask, ctx: Context) -> None:
    """个人信息保护法 50: a convenient way: switch, tags, stop, copy and erasure stand on one page and all work."""
    me = Browser(app).sign_in(person=register(ctx, "a", **FULL))
    page = me.open("/m/preferences")
    for action in ("personalised", "choices", "quiet", "stop-all", "export", "erase"):
        assert f'"/m/preferences/{action}"' in page, action
    assert '"/m/tags/delete"' in page
    for path in ("/m/preferences/export", "/m/preferences/erase"):
        assert me.client.get(path).status_code == 200


def test_L29_a_refused_request_says_why(ctx: Context, browser: Browser) -> None:
    """个人信息保护法 50: whoever is refused is given the reason: a mandatory notice cannot be stopped."""
    person = register(ctx, "a", **FULL)
    issue(ctx, "p", criteria=OLD_ENOUGH, basis="办法第十条", mandatory=True)
    who = {"recipient_id": person, "profile_id": person, "policy_id": 1}
    token = unsubscribe_token(ctx.settings.secret_key, delivery_id=1, door="entitled", **who)
    assert "依法应当告知本人的事项不能关闭" in browser.open(f"/u/{token}")


def test_L27_a_complaint_about_the_algorithm_is_kept_answered_and_has_its_day(app: Flask, ctx: Context) -> None:
    """算法推荐管理规定 22: a way to complain, with a time limit, an answer, and nobody's complaint forgotten."""
    operators(ctx, REVIEWER)
    me = Browser(app).sign_in(person=register(ctx, "a", **FULL))
    assert "3 个工作日内书面答复" in me.open("/algorithm")
    me.open("/m/questions/new?kind=algorithm")
    me.send("/m/questions", {"words": "为什么总推荐创业补贴？", "kind": "algorithm"})
    assert "答复" in me.page
    office = Browser(app).sign_in(operator=REVIEWER.name)
    assert "对推荐或算法有意见" in office.open("/console/questions")
    office.open("/console/questions/1")
    office.send("/console/questions/1/answer", {"answer": "因为您的标签里有创业，可在标签页删除。"})
    assert "可在标签页删除" in me.open("/m/questions/1")
