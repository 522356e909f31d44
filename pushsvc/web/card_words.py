"""What stands on a card and over a list: the answer first, then why, in the reader's words."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from flask import url_for

from profiles.derived import PARTS
from pushsvc.pipeline.corrections import correctable
from pushsvc.pipeline.fitting import Fit
from pushsvc.pipeline.plain_feed import Wanted
from pushsvc.store.access import Person
from pushsvc.web.i18n import locale, t
from pushsvc.web.words import deadline, wide

HEADS = {"latest": "最新公布的政策", "saved": "您收藏的政策", "hidden": "您隐藏的政策"}
APPLIED_FOR = ("fund", "guide", "normative")  # kinds of policy that one applies for


class Counted(Protocol):
    """A list: how many fit, how many might, how many there are."""

    @property
    def fit(self) -> int:
        """How many fit."""

    @property
    def might(self) -> int:
        """How many may fit."""

    @property
    def total(self) -> int:
        """How many there are."""


def headline(listed: Counted, view: str) -> str:
    """The first sentence of a page that is the reader's own: how many fit, how many nearly do."""
    if view != "for-you":
        return t(HEADS[view])
    if listed.fit and listed.might:
        return t("有 {yes} 项初步符合，{n} 项再补充信息就知道", yes=listed.fit, n=listed.might)
    if listed.fit:
        return t("有 {n} 项初步符合", n=listed.fit)
    if listed.might:
        return t("有 {n} 项补充信息就知道", n=listed.might)
    return t("您订阅的最新消息") if listed.total else t("现在没有要告诉您的")


def plain_headline(wanted: Wanted, *, personalised: bool) -> str:
    """The first sentence of a page that looks at nobody. `personalised` True: they did not choose that (a minor)."""
    why = t("不作个人推荐") if personalised else t("已关闭为我推荐")
    how = t("按截止时间排列") if wanted.order == "deadline" else t("按时间排列")
    return t("{why}：{how}", why=why, how=how)


def nearest(closes: date | None) -> str:
    """How long until the first deadline among those that fit or may fit."""
    due = deadline(None, closes) if closes else None
    return due.answer if due else ""


def may_ask(who: Person) -> bool:
    """Whether the reader may say or ask something for whom they act: for oneself, or as one who manages a firm."""
    return who.may("ask")


def main_button(fit: Fit, kind: str) -> str:
    """What the card's button says."""
    if fit.state == 1:
        return t("查看并申领") if kind in APPLIED_FOR else t("查看")
    if fit.state == -1:
        n = len(fit.missing)
        return t("补充：{facts}", facts=fit.missing_words) if n == 1 else t("看差哪 {n} 项", n=n)
    return t("查看")


def band(who: Person, fit: Fit) -> tuple[str, str, str]:
    """(emphasised, rest, where to correct) of the answer."""
    if fit.state == 1:
        return t("初步符合"), t("，以受理部门审核为准"), ""
    if fit.state == -1:
        return t("可能符合"), t("：补充{n}项信息即可判断", n=len(fit.missing) or 1), ""
    clause = next((one for one in fit.clauses if one.state == 0), None)
    if clause is None:
        return t("目前不符合"), "", ""
    asked, held = (wide(text) if locale() == "zh" else text for text in (clause.asked, clause.held))
    return (
        t("目前不符合"),
        t("{c}：要求{x}，登记为{y}。有误？", c=clause.clause, x=asked, y=held),
        _fix(who, clause.fact),
    )


def _fix(who: Person, fact: str) -> str:
    """Where the reader may correct what a clause was decided by: a derived fact by way of its first input."""
    stored = PARTS.get(fact, (fact,))[0]
    if may_ask(who) and stored in correctable(who.kind, agrees=False):
        return url_for("facts.form", fact=stored)
    return url_for("facts.show")
