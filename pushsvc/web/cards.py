"""Policies as cards, in lists: what fits somebody, what is new, what they saved and what they hid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from profiles.criteria.settling import Question
from profiles.facts import fact_words
from pushsvc.pipeline.corrections import correctable
from pushsvc.pipeline.feed import Item, Look, Wanted, policy_for
from pushsvc.pipeline.feed_lines import Line
from pushsvc.pipeline.feed_pages import Asked, feed_page, latest_page
from pushsvc.pipeline.plain_feed import NOT_ASKED
from pushsvc.pipeline.policy_fields import UNMATCHED
from pushsvc.store import reading
from pushsvc.store.access import Person
from pushsvc.store.policies import Policy
from pushsvc.store.reading import PolicyRow
from pushsvc.store.session import Connection
from pushsvc.web.card_words import APPLIED_FOR, band, main_button, may_ask
from pushsvc.web.current import context
from pushsvc.web.i18n import locale, t
from pushsvc.web.words import wide

Marks = Mapping[int, set[str]]
SIZE = 10  # cards of a page
LATEST = 5  # of the newest, under one's own list


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
    """One page of a list of `total` policies, of which so many `fit` and `might`; what is worth answering; and the
    newest. `personal`: the reader's facts decided what stands there. `closes`: the first deadline among them."""

    cards: Sequence[Card]
    total: int = 0
    fit: int = 0
    might: int = 0
    page: int = 1
    ask: Ask | None = None
    personal: bool = False
    closes: date | None = None
    newest: Sequence[PolicyRow] = ()

    @property
    def pages(self) -> int:
        """How many pages the list has."""
        return max(1, -(-self.total // SIZE))


def for_you(conn: Connection, who: Person, marks: Marks, *, page: int, wanted: Wanted, plain_only: bool) -> List:
    """What fits, may fit or was asked for, without what the reader hid; and what is worth answering.

    Where they wish no personal list, and for minors: what is in force, as `wanted`.
    """
    gone = frozenset(policy_id for policy_id, kinds in marks.items() if "dismissed" in kinds)
    asked = Asked(who.profile_id, locale(), SIZE, page, gone, wanted, plain_only)
    found = feed_page(conn, context(), asked)
    numbers = [line.policy_id for line in found.lines]
    rows, newest = reading.with_newest(conn, numbers, LATEST if found.personalised else 0)
    shown = [(rows[line.policy_id], line) for line in found.lines if line.policy_id in rows]
    cards = [_card(who, row, line, marks) if found.personalised else _unasked(row, marks) for row, line in shown]
    return List(
        cards,
        total=found.total,
        fit=found.fit,
        might=found.might,
        page=found.number,
        ask=_ask(who, found.questions),
        personal=found.personalised,
        closes=found.closes,
        newest=newest,
    )


def latest(conn: Connection, marks: Marks, page: int) -> List:
    """All that was published, the newest first: nothing personal decides."""
    numbers, total, page = latest_page(conn, context(), page=page, size=SIZE)
    rows = reading.policies_by_id(conn, numbers)
    return List(plain([rows[number] for number in numbers if number in rows], marks), total, page=page)


def marked(conn: Connection, marks: Marks, kind: str, page: int) -> List:
    """What the reader `saved` or `dismissed`, the newest policies first."""
    ids = sorted((policy_id for policy_id, kinds in marks.items() if kind in kinds), reverse=True)
    rows = reading.policies_by_id(conn, ids)
    found = [rows[policy_id] for policy_id in ids if policy_id in rows]
    page = min(page, max(1, -(-len(found) // SIZE)))
    return List(plain(found[(page - 1) * SIZE : page * SIZE], marks), len(found), page=page)


def plain(rows: Iterable[PolicyRow | Policy], marks: Marks) -> list[Card]:
    """Policies as everybody sees them: nothing personal decides their order or look."""
    return [_unasked(row, marks) for row in rows]


def answer(who: Person, policy_id: int, marks: Marks, *, look: Look) -> dict[str, Any] | None:
    """The page of one policy for this reader: its card, clauses, and the facts that would tell.

    `look`: at the reader's facts always (they asked), never, or only where they have a personal list.
    """
    item = policy_for(context(), who.profile_id, policy_id, locale(), look=look)
    if item is None:
        return None
    unasked = item.fit is NOT_ASKED
    return {
        "card": _unasked(item.policy, marks) if unasked else _card(who, item.policy, item, marks),
        "clauses": item.fit.clauses,
        "missing": item.fit.missing,
        "applies": item.policy.kind in APPLIED_FOR,
    }


def _unasked(row: PolicyRow | Policy, marks: Marks) -> Card:
    asks = row.kind not in UNMATCHED
    return Card(row, frozenset(marks.get(row.id, ())), t("看我是否符合") if asks else t("查看"), asks=asks)


def _card(who: Person, policy: PolicyRow | Policy, said: Line | Item, marks: Marks) -> Card:
    lead, rest, fix = band(who, said.fit)
    return Card(
        policy=policy,
        marks=frozenset(marks.get(policy.id, ())),
        main=main_button(said.fit, policy.kind),
        state=said.fit.state,
        lead=lead,
        rest=rest,
        fix=fix,
        why=wide(said.reason) if locale() == "zh" else said.reason,
        tags=said.tags,
    )


def _ask(who: Person, questions: Sequence[Question]) -> Ask | None:
    """The first that the reader can answer; nothing where no answer would settle a policy."""
    askable = correctable(who.kind, agrees=False) if may_ask(who) else []
    for one in questions:
        name, _, year = one.fact.partition("@")
        if one.settles and name in askable:
            link = url_for("facts.form", fact=name, year=year or None)
            return Ask(fact_words([one.fact], locale()), one.settles, link)
    return None
