"""Policies as cards: the answer first (fits, perhaps, not now), then why, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from profiles.criteria.settling import Question
from profiles.derived import PARTS
from profiles.facts import fact_words
from pushsvc.pipeline.corrections import correctable
from pushsvc.pipeline.feed import Item, Look, Wanted, policy_for, read_feed
from pushsvc.pipeline.fitting import Fit
from pushsvc.pipeline.plain_feed import NOT_ASKED
from pushsvc.pipeline.policy_fields import UNMATCHED
from pushsvc.store import reading
from pushsvc.store.access import Person
from pushsvc.store.policies import Policy
from pushsvc.store.reading import PolicyRow
from pushsvc.store.session import transaction
from pushsvc.web.current import context
from pushsvc.web.i18n import locale, t
from pushsvc.web.words import deadline, today, wide

Marks = Mapping[int, set[str]]
APPLIED_FOR = ("fund", "guide", "normative")  # kinds of policy that one applies for


@dataclass(frozen=True)
class Card:
    """One policy for one reader. `state`: 1 yes, 0 no, -1 unknown, None: nothing is claimed; `main`: the button.

    `tags`: the reader's that spoke for it; `asks`: the button asks whether it fits, which nobody looked at yet.
    """

    policy: Policy | PolicyRow
    marks: frozenset[str]
    main: str
    state: int | None = None
    lead: str = ""
    rest: str = ""
    fix: str = ""
    why: str = ""
    tags: Sequence[str] = ()
    asks: bool = False


@dataclass(frozen=True)
class Ask:
    """The one answer that would settle most: the missing fact, how many policies, and where to give it."""

    fact: str
    n: int
    link: str


@dataclass(frozen=True)
class List:
    """The cards of a list, and what is worth answering. `personal`: the reader's facts decided what stands there."""

    cards: list[Card]
    ask: Ask | None = None
    personal: bool = False


def for_you(who: Person, marks: Marks, *, limit: int, wanted: Wanted, plain_only: bool) -> List:
    """What fits, may fit or was asked for, without what the reader dismissed; and what is worth answering.

    Where they wish no personal list, and for minors: what is in force, as `wanted`.
    """
    gone = sum("dismissed" in kinds for kinds in marks.values())
    most = limit if plain_only else limit + gone  # the best come first
    found = read_feed(context(), who.profile_id, locale(), most, wanted=wanted, plain=plain_only)
    if not found.personalised:
        return List(plain([item.policy for item in found.items[:limit]], marks))
    fitting = [item for item in found.items if item.subscribed or item.fit.state in (1, -1)]
    shown = [item for item in fitting if "dismissed" not in marks.get(item.policy.id, ())]
    cards = [_card(who, item, marks) for item in shown[:limit]]
    return List(cards, _ask(who, found.questions), personal=True)


def plain(rows: Iterable[PolicyRow | Policy], marks: Marks) -> list[Card]:
    """Policies as everybody sees them: nothing personal decides their order or look."""
    return [_unasked(row, marks) for row in rows]


def _unasked(row: PolicyRow | Policy, marks: Marks) -> Card:
    asks = row.kind not in UNMATCHED
    return Card(row, frozenset(marks.get(row.id, ())), t("看我是否符合") if asks else t("查看"), asks=asks)


def saved(marks: Marks) -> list[Card]:
    """What the reader saved, the newest first."""
    ids = [policy_id for policy_id, kinds in marks.items() if "saved" in kinds]
    with transaction(context().engine) as connection:
        rows = reading.policies_by_id(connection, ids)
    return plain(sorted(rows.values(), key=lambda row: -row.id), marks)


def answer(who: Person, policy_id: int, marks: Marks, *, look: Look) -> dict[str, Any] | None:
    """The page of one policy for this reader: its card, clauses, and the facts that would tell.

    `look`: at the reader's facts always (they asked), never, or only where they have a personal list.
    """
    item = policy_for(context(), who.profile_id, policy_id, locale(), look=look)
    if item is None:
        return None
    return {
        "card": _unasked(item.policy, marks) if item.fit is NOT_ASKED else _card(who, item, marks),
        "clauses": item.fit.clauses,
        "missing": item.fit.missing,
        "askable": correctable(who.kind, agrees=False) if may_ask(who) else [],
        "applies": item.policy.kind in APPLIED_FOR,
    }


def headline(cards: Sequence[Card], view: str) -> str:
    """The first sentence of a page that is the reader's own: how many fit, how many nearly do."""
    if view == "latest":
        return t("最新公布的政策")
    if view == "saved":
        return t("您收藏的政策")
    yes, maybe = (sum(card.state == state for card in cards) for state in (1, -1))
    if yes and maybe:
        return t("有 {yes} 项初步符合，{n} 项再补充信息就知道", yes=yes, n=maybe)
    if yes:
        return t("有 {n} 项初步符合", n=yes)
    if maybe:
        return t("有 {n} 项补充信息就知道", n=maybe)
    return t("您订阅的最新消息") if cards else t("现在没有要告诉您的")


def plain_headline(wanted: Wanted, *, personalised: bool) -> str:
    """The first sentence of a page that looks at nobody. `personalised` True: they did not choose that (a minor)."""
    why = t("不作个人推荐") if personalised else t("已关闭为我推荐")
    how = t("按截止时间排列") if wanted.order == "deadline" else t("按时间排列")
    return t("{why}：{how}", why=why, how=how)


def nearest(cards: Sequence[Card]) -> str:
    """How long until the first deadline among those that fit or may fit."""
    closing = [card.policy for card in cards if card.state in (1, -1) and card.policy.window_closes]
    open_ = [policy for policy in closing if policy.window_closes and policy.window_closes >= today()]
    if not open_:
        return ""
    first = min(open_, key=lambda policy: policy.window_closes or today())
    due = deadline(first.window_opens, first.window_closes)
    return due.answer if due else ""


def may_ask(who: Person) -> bool:
    """Whether the reader may ask for corrections: for oneself, or for a firm as one who manages it."""
    return who.own or who.role == "admin"


def _ask(who: Person, questions: Sequence[Question]) -> Ask | None:
    """The first that the reader can answer; nothing where no answer would settle a policy."""
    askable = correctable(who.kind, agrees=False) if may_ask(who) else []
    for one in questions:
        name, _, year = one.fact.partition("@")
        if one.settles and name in askable:
            link = url_for("facts.form", fact=name, year=year or None)
            return Ask(fact_words([one.fact], locale()), one.settles, link)
    return None


def _card(who: Person, item: Item, marks: Marks) -> Card:
    lead, rest, fix = _band(who, item.fit)
    return Card(
        policy=item.policy,
        marks=frozenset(marks.get(item.policy.id, ())),
        main=_main(item),
        state=item.fit.state,
        lead=lead,
        rest=rest,
        fix=fix,
        why=wide(item.reason) if locale() == "zh" else item.reason,
        tags=item.tags,
    )


def _main(item: Item) -> str:
    if item.fit.state == 1:
        return t("查看并申领") if item.policy.kind in APPLIED_FOR else t("查看")
    if item.fit.state == -1:
        n = len(item.fit.missing)
        return t("补充：{facts}", facts=item.fit.missing_words) if n == 1 else t("看差哪 {n} 项", n=n)
    return t("查看")


def _band(who: Person, fit: Fit) -> tuple[str, str, str]:
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
