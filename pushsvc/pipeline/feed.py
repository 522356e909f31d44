"""One person's feed: the published policies with what each means to them; without the person, where they wish it so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
from pushsvc.pipeline.feed_items import Feed, Item, days_left, shown
from pushsvc.pipeline.fitting import Fit, fit
from pushsvc.pipeline.in_force import InForce, in_force
from pushsvc.pipeline.plain_feed import Wanted, plain_item, plain_items
from pushsvc.pipeline.scoring import Serving, feed_scores, feed_terms, serving_one
from pushsvc.pipeline.shared_figures import bound
from pushsvc.pipeline.tags import tags_named
from pushsvc.pipeline.varied import varied
from pushsvc.pipeline.wished import wished
from pushsvc.pipeline.wishes import matching
from pushsvc.store.contacts import load_contacts
from pushsvc.store.frames import load_frame
from pushsvc.store.policies import Policy, policy_by_id
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import Subscription, live_subscriptions

# What was asked for stands first, then what fits, by match state; what surely does not comes last.
_WISHED, _FITS, _MIGHT, _READ, _NOT = range(5)
_ANY = Wanted()
Look = Literal["always", "if_personal", "never"]

__all__ = ["Feed", "Item", "Look", "Wanted", "feed", "policy_for", "read_feed"]


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
        personal = _is_personal(conn, ctx, profile_id)
        if personal is None:
            return Feed([], [])
        if plain or not personal:
            return Feed(plain_items(conn, ctx, wanted, limit), [])
        reader = _reader(conn, ctx, profile_id, locale)
        policies = in_force(conn, ctx, reader.on)
        answers = policies.answer(reader.frame)
        order, questions = _ranked(conn, ctx, reader, policies, answers), settling(answers)
        items = [_item(reader, policy, policies.titles) for policy in shown(conn, policies, order[:limit])]
        return Feed(items, [one for one in questions if one.fact not in SENSITIVE], personalised=True)


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
        personal = _is_personal(conn, ctx, profile_id)
        if personal is None:
            return None
        (policy,) = bound(conn, [policy], city_day(ctx))
        if look == "never" or (look == "if_personal" and not personal):
            return plain_item(policy, city_day(ctx))
        return _item(_reader(conn, ctx, profile_id, locale, policy=policy, learnt=personal), policy)


def _is_personal(conn: Connection, ctx: Context, profile_id: int) -> bool | None:
    """Whether the feed of the profile may look at it: not for minors, nor where it is not wished; None: nobody."""
    contacts = load_contacts(conn, np.array([profile_id], dtype=np.int64), topic="", today=city_day(ctx))
    if not len(contacts) or bool(contacts.erased.all()):
        return None
    return bool((contacts.personalised & ~contacts.minor).all())


def _reader(
    conn: Connection, ctx: Context, profile_id: int, locale: str, *, policy: Policy | None = None, learnt: bool = True
) -> Reader:
    """`learnt`: whether what was learnt from others and of this person may speak."""
    ids, on = np.array([profile_id], dtype=np.int64), city_day(ctx)
    # Sensitive facts are read only for the one policy that a person looks at, not for a list of all.
    frame = judge(conn, ctx, policy, ids).frame if policy else derive(load_frame(conn, profile_ids=ids), on)
    using = serving_one(conn, profile_id) if learnt else None
    wishes = live_subscriptions(conn, [profile_id])
    return Reader(profile_id, frame, wishes, on, locale, using)


def _ranked(conn: Connection, ctx: Context, reader: Reader, policies: InForce, answers: Answers) -> Rows:
    """What the person asked for and what fits comes first; within that by the model's score, else by date."""
    first = np.select([~policies.matched, answers.state == 1, answers.state == -1], [_READ, _FITS, _MIGHT], _NOT)
    if reader.wishes:
        first[wished(conn, ctx, policies, reader.wishes)] = _WISHED
    scores = np.zeros(len(policies), dtype=np.float32)
    if reader.using:
        scores = feed_scores(reader.using, policies.offered(reader.using.model), reader.frame)
    order = np.lexsort((-scores, first))  # stable: the newer one first
    return varied(policies, order, ctx.settings.agency_max, asked=first == _WISHED)


def _item(reader: Reader, policy: Policy, titles: Mapping[str, str] = MappingProxyType({})) -> Item:
    """`titles`: of policies that the person may have read."""
    answer = fit(policy, reader.frame, reader.on, reader.locale)
    wished = matching(reader.wishes, policy)
    asked = not wished and answer.state != 1
    heard = reader.using if asked or len(reader.frame.tags.codes) else None  # who has no tags is shown none
    terms = feed_terms(heard, policy, reader.frame) if heard else []
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
