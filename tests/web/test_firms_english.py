"""The pages of firms and leaves in English: what stays Chinese there is marked as that."""

from __future__ import annotations

from datetime import date

from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import joining, proxying
from pushsvc.store.session import transaction
from tests.making import make_person
from tests.web.browser import Browser
from tests.web.making import REVIEWER, one, operators, person
from tests.web.test_english import unmarked
from tests.web.test_firms import CODE, belongs
from tests.web.test_proxies import leave, switched


def named(ctx: Context, name: str) -> bytes:
    """A name as it is kept."""
    return ctx.keyring.encrypt(name, "profile:name")


def test_all_that_stays_chinese_says_so(app: Flask, ctx: Context) -> None:
    boss = person(ctx, 1, name=named(ctx, "陈晓岚"))
    asking = person(ctx, 2, name=named(ctx, "刘一鸣"))
    father = person(ctx, 3, name=named(ctx, "王建国"), birth_date=date(1950, 1, 1))
    with transaction(ctx.engine) as conn:
        held = make_person(
            conn, ctx, 900, channels=(), ref=CODE, kind="enterprise", name=named(ctx, "江澜星渡软件有限公司")
        )
    joining.ask(ctx, asking, CODE, "财务负责人，授权书 2026-18 号")
    operators(ctx, REVIEWER)
    found = {"office": unmarked(Browser(app).sign_in(operator=REVIEWER.name).open("/console/memberships?lang=en"))}
    belongs(ctx, held, boss, "admin")
    leave(ctx, father, boss, "manage", "ask")
    code = proxying.grant(ctx, father, ("ask",), date(2026, 9, 1))
    his, hers = Browser(app).sign_in(person=father), Browser(app).sign_in(person=boss)
    switched(app, boss, father).open("/m/?lang=en")
    paths = ("/m/firms", f"/m/firms/{held}/members", f"/m/firms/{held}/leave", "/m/acting", "/m/proxies")
    found |= {path: unmarked(hers.open(f"{path}?lang=en")) for path in paths}
    number = one(ctx, "select min(id) from proxy")
    found |= {path: unmarked(his.open(f"{path}?lang=en")) for path in ("/m/proxies", f"/m/proxies/{number}")}
    found["asked"] = unmarked(Browser(app).sign_in(person=asking).open("/m/firms?lang=en"))
    found["acting"] = unmarked(switched(app, boss, father).open("/m/acting?lang=en"))
    taker = Browser(app).sign_in(person=asking)
    taker.open("/m/proxies/accept?lang=en")
    found["accept"] = unmarked(taker.send("/m/proxies/accept", {"code": code}))
    assert {place: texts for place, texts in found.items() if texts} == {}
