"""The feed's pages in English: what stays Chinese is marked as Chinese."""

from __future__ import annotations

from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import feedback
from tests.web.browser import Browser
from tests.web.making import person, publish
from tests.web.test_english import unmarked
from tests.web.test_feed import OLD, SIXTY, firm_of

ASKS = {
    "all": [
        {"fact": "region", "in_region": ["990105"], "clause": "第二条"},
        {"fact": "owns_home", "eq": False},
        {"fact": "hardship", "eq": True},
        {"fact": "employment", "in": ["employed"]},
        {"fact": "household_income", "lt": 100_000},
        {"excludes": ["租房补贴"]},
    ]
}
FIRM = {"all": [{"qualification": "national_hnte", "lapses_within": 90}, {"fact": "industry", "in_industry": ["I65"]}]}


def test_all_that_stays_chinese_says_so(app: Flask, ctx: Context) -> None:
    someone = person(ctx, birth_date=OLD)
    asks, firms = publish(ctx, "asks", 1, criteria=ASKS), publish(ctx, "firms", 2, criteria=FIRM)
    for n, reason in enumerate(feedback.REASONS, start=3):
        feedback.react(ctx, someone, publish(ctx, f"p{n}", n, criteria=SIXTY), kind="dismissed", on=True, reason=reason)
    publish(ctx, "fits", 9, criteria=SIXTY)
    me = Browser(app).sign_in(person=someone)
    me.open("/m/?lang=en")
    paths = ("/m/", "/m/?view=hidden", "/m/search?q=人才补贴", "/m/search?q=没有的补贴", f"/m/policies/{asks}")
    for path in (*paths, f"/m/policies/{asks}/check", f"/m/policies/{firms}/check"):
        assert unmarked(me.open(path)) == [], path
    answers = {
        "a.region": "b0",
        "a.benefits:租房补贴": "0",
        "x.household_income": "nothing",
        "a.employment": "employed",
    }
    me.open(f"/m/policies/{asks}/check")
    assert unmarked(me.send(f"/m/policies/{asks}/check", dict(answers))) == []
    me.sign_in(person=someone, acting=firm_of(ctx, someone, role="admin"))
    me.open("/m/?lang=en")
    assert unmarked(me.open(f"/m/policies/{firms}/check")) == []
