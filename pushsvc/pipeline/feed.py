"""One person's feed: the published policies with what each means to them; without the person, where they wish it so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Literal

import numpy as np

from profiles.columns import Frame
from profiles.criteria.settling import settling
from profiles.criteria.table import Answers
from profiles.facts import SENSITIVE
from profiles.lifecycle import derive
from profiles.ragged import Rows
from pushsvc.context import Context
from pushsvc.pipeline import why
from pushsvc.pipeline.choosing import judge
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.feed_items import Feed, Item, Order, days_left, shown
from pushsvc.pipeline.fitting import Fit, fit
from pushsvc.pipeline.in_force import InForce, in_force
from pushsvc.pipeline.plain_feed import Wanted, plain_item, plain_items
from pushsvc.pipeline.scoring import Serving, features_of, feed_scores, feed_terms, serving_one
from pushsvc.pipeline.shared_figures import bound
from pushsvc.pipeline.tags import tags_named
from pushsvc.pipeline.varied import varied
from pushsvc.pipeline.wished import wished
from pushsvc.pipeline.wishes import matching
from pushsvc.store.contacts import may_be_looked_at
from pushsvc.store.frames import load_frame
from pushsvc.store.policies import Policy, policy_by_id
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import Subscription, live_subscriptions
from recommenders.features import FeatureRows

# What was asked for stands first, then what fits, by match state; what surely does not comes last.
WISHED, _FITS, _MIGHT, _READ, _NOT = range(5)
_ANY = Wanted()
Look = Literal["always", "if_personal", "never"]

__all__ = [
    "WISHED",
    "Feed",
    "Item",
    "Look",
    "Reader",
    "Wanted",
    "feed",
    "item_of",
    "order_of",
    "policy_for",
    "read_feed",
    "reader_of",
]


@dataclass(frozen=True)
class Reader:
    """Who reads: the profile as a derived frame of one, and their wishes.

    `using`: the model, None where there is none or the person does not wish it.
    """

    profile_id: int
    frame: Frame
    wishes: Sequence[Subscription]
    on: date
    locale: str
    using: Serving | None

    @cached_property
    def features(self) -> FeatureRows | None:
        """The person as the model sees them."""
        return features_of(self.using, self.frame) if self.using else None


def feed(ctx: Context, profile_id: int, locale: str = "zh", limit: int = 30) -> list[Item]:
    """The policies in force, best first for this person; with personalised off (and for minors) by date alone.

    Of a matter one text is shown, of a family its newest notice; of an agency at most `agency_max` that were not asked
    for. An unknown or erased profile has an empty feed.
    """
    return read_feed(ctx, profile_id, locale, limit).items


def read_feed(
    ctx: Context, profile_id: int, locale: str = "zh", limit: int = 30, *, wanted: Wanted = _ANY, plain: bool = False
) -> Feed:
    """`feed`, and what is worth asking the person; nothing of them is looked at where they do not wish it.

    `wanted`: how the reader would have the list then. `plain`: the reader wishes no personal list, whoever it is for.
    """
    with transaction(ctx.engine) as conn:
        personal = may_be_looked_at(conn, profile_id, city_day(ctx))
        if personal is None:
            return Feed([], [])
        if plain or not personal:
            return Feed(plain_items(conn, ctx, wanted, limit), [])
        policies = in_force(conn, ctx, city_day(ctx))
        reader = reader_of(conn, profile_id, locale, policies.on)
        order = order_of(conn, ctx, reader, policies)
        items = [item_of(reader, one, policies.titles) for one in shown(conn, policies, order.ids[:limit])]
        return Feed(items, list(order.questions), personalised=True)


def policy_for(
    ctx: Context, profile_id: int, policy_id: int, locale: str = "zh", *, look: Look = "always"
) -> Item | None:
    """One published policy for one person, with every clause; None where either does not exist.

    `look` says whether the person is looked at: their own act where they ask. Else its fit is NOT_ASKED.
    """
    with transaction(ctx.engine) as conn:
        policy = policy_by_id(conn, policy_id)
        if policy is None or policy.state != "published":
            return None
        personal = may_be_looked_at(conn, profile_id, city_day(ctx))
        if personal is None:
            return None
        (policy,) = bound(conn, [policy], city_day(ctx))
        if look == "never" or (look == "if_personal" and not personal):
            return plain_item(policy, city_day(ctx))
        # Sensitive facts are read only for the one policy that a person looks at, not for a list of all.
        judged = judge(conn, ctx, policy, np.array([profile_id], dtype=np.int64))
        wishes = live_subscriptions(conn, [profile_id])
        using = serving_one(conn, profile_id, wishes) if personal else None
        return item_of(Reader(profile_id, judged.frame, wishes, judged.on, locale, using), policy)


def reader_of(conn: Connection, profile_id: int, locale: str, on: date) -> Reader:
    """Who reads a list, as of a day; what was learnt from others and of this person may speak."""
    frame = derive(load_frame(conn, profile_ids=np.array([profile_id], dtype=np.int64)), on)
    wishes = live_subscriptions(conn, [profile_id])
    return Reader(profile_id, frame, wishes, on, locale, serving_one(conn, profile_id, wishes))


def order_of(conn: Connection, ctx: Context, reader: Reader, policies: InForce) -> Order:
    """What the person asked for and what fits comes first; within that by the model's score, else by date."""
    answers = policies.answer(reader.frame)
    group = _groups(conn, ctx, reader, policies, answers)
    scores = np.zeros(len(policies), dtype=np.float32)
    if reader.using:
        scores = feed_scores(reader.using, policies.offered(reader.using.model), reader.frame)
    order = np.lexsort((-scores, group))  # stable: the newer one first
    order = varied(policies, order, ctx.settings.agency_max, asked=group == WISHED)
    questions = tuple(one for one in settling(answers) if one.fact not in SENSITIVE)
    return Order(policies.numbers[order], group[order] == WISHED, answers.state[order], questions)


def _groups(conn: Connection, ctx: Context, reader: Reader, policies: InForce, answers: Answers) -> Rows:
    group = np.select([~policies.matched, answers.state == 1, answers.state == -1], [_READ, _FITS, _MIGHT], _NOT)
    if reader.wishes:
        group[wished(conn, ctx, policies, reader.wishes)] = WISHED
    return np.asarray(group, dtype=np.int64)


def item_of(reader: Reader, policy: Policy, titles: Mapping[str, str] = MappingProxyType({})) -> Item:
    """The policy for this reader. `titles`: of policies that they may have read."""
    answer = fit(policy, reader.frame, reader.on, reader.locale)
    wished = matching(reader.wishes, policy)
    asked = not wished and answer.state != 1
    heard = reader.using if asked or len(reader.frame.tags.codes) else None  # who has no tags is shown none
    terms = feed_terms(heard, policy, reader.frame, reader.features) if heard else []
    reason = _reason(reader, answer, wished, why.reason_words(terms[:1], reader.locale, titles))
    return Item(policy, answer, reason, days_left(policy, reader.on), bool(wished), tags_named(terms))


def _reason(reader: Reader, answer: Fit, wished: Sequence[Subscription], learnt: Sequence[str]) -> str:
    """By subscription, else by rule, else by the model where the person lets it speak."""
    if wished:
        return why.wish_words(wished[0].wish, reader.locale)
    if answer.state == 1 and answer.clauses:
        return answer.clauses[-1].sentence  # the first ones ask for kind and region: true, and no reason
    if answer.state == 1:
        return why.pick(why.FOR_ALL, reader.locale)
    return learnt[0] if learnt else ""
