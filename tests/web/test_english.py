"""On an English page all that stays Chinese says so, so that it is read aloud as what it is (WCAG 3.1.2)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from flask import Flask

from pushsvc.context import Context
from pushsvc.links import unsubscribe_token
from pushsvc.pipeline.corrections import Wish, ask
from tests.registering import issue, register
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, operators, publish

_VOID = {"meta", "link", "input", "br", "img", "use", "path", "hr"}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_RULE = {"all": [{"fact": "region", "in_region": ["990101"], "clause": "第二条"}, {"fact": "age", "ge": 60}]}


class Tongues(HTMLParser):
    """Collects the Chinese texts that stand in no element marked as Chinese."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, str]] = []
        self.unmarked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            above = self.stack[-1][1] if self.stack else ""
            self.stack.append((tag, dict(attrs).get("lang") or above))

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1][0] == "title":
            return  # holds no elements, so nothing can be marked
        if _CHINESE.search(data) and not self.stack[-1][1].startswith("zh"):
            self.unmarked.append(data.strip())


def unmarked(page: str) -> list[str]:
    """The Chinese texts of a page that are not marked."""
    tongues = Tongues()
    tongues.feed(page)
    return tongues.unmarked


def test_all_that_stays_chinese_says_so(app: Flask, ctx: Context) -> None:
    someone = register(ctx, "a", region="990105", name="张三", interests="租房", source="街道", hardship="yes")
    policy = publish(
        ctx, criteria=_RULE, themes=["人才"], summary="补贴", amount="每月1500元", doc_no="云人社〔2026〕1号"
    )
    token = {"delivery_id": None, "recipient_id": someone, "profile_id": someone, "policy_id": policy}
    me = Browser(app).sign_in(person=someone)
    me.open("/m/subscriptions/new?step=preview&theme=talent&region=990101&keyword=适老化&agency=财政部&lang=en")
    me.send("/m/preferences/subscriptions")
    stop = "/u/" + unsubscribe_token(ctx.settings.secret_key, **token, door="subscribed")  # type: ignore[arg-type]
    ask(ctx, someone, Wish("region", "990101", "搬家了"))
    pages = [
        "/m/facts",
        "/m/facts/correct",
        "/m/facts/correct?fact=region",
        "/m/",
        "/m/?view=latest",
        f"/m/policies/{policy}",
        "/m/preferences",
        "/m/preferences/erase",
        "/m/subscriptions/new",
        "/m/subscriptions/new?industry=I65&theme=租房&agency_q=人社局&find=agency&keyword=a b|c",
        "/m/subscriptions/new?industry=I65&step=preview",
        "/m/subscriptions/new?industry_q=没有&step=preview",
        "/m/choose/industry?next=/m/&field=x&in=I65",
        "/m/choose/industry?next=/m/&field=x&q=餐饮",
        "/m/choose/region?next=/m/&field=x",
        "/m/choose/region?next=/m/&field=x&q=没有的",
        stop,
    ]
    for path in [*pages, "/policies/", f"/policies/{policy}", "/algorithm", "/m/sign-in", "/nothing"]:
        assert unmarked(me.open(path)) == [], path


def test_the_console_says_so_too(app: Flask, ctx: Context) -> None:
    operators(ctx, AUTHOR, AUDITOR)
    ask(ctx, register(ctx, "a", region="990105", name="张三", source="街道"), Wish("region", "990101", "搬家了"))
    number = issue(ctx, "p", criteria=_RULE)
    for who, paths in {
        "limeng": ["/console/?lang=en", f"/console/campaigns/{number}"],
        "shenqi": ["/console/audit", "/console/corrections"],
    }.items():
        me = Browser(app).sign_in(operator=who)
        me.open("/policies/?lang=en")
        for path in paths:
            assert unmarked(me.open(path)) == [], path
