"""One person's feed: the published policies with what each means to them; without the person, where they wish it so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from profiles.columns import Frame
from profiles.criteria.settling import Question, settling
from profiles.criteria.table import Answers
from profiles.facts import SENSITIVE
from profiles.lifecycle import derive
from profiles.ragged import Rows
from pushsvc.context import Context
from pushsvc.pipeline import why
from pushsvc.pipeline.choosing import judge
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.fitting import Fit, fit
from pushsvc.pipeline.in_force import InForce, in_force
from pushsvc.pipeline.scoring import feed_scores, feed_terms, model_in_use
from pushsvc.pipeline.shared_figures import bound
from pushsvc.pipeline.wished import wished
from pushsvc.pipeline.wishes import matching
from pushsvc.store.contacts import load_contacts
from pushsvc.store.frames import load_frame
from pushsvc.store.policies import Policy, policies_by_id, policy_by_id
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import Subscription, live_subscriptions
from recommenders.model import Model

# What was asked for stands first, then what fits, by match state; what surely does not comes last.
_WISHED, _FITS, _MIGHT, _READ, _NOT = range(5)


@dataclass(frozen=True)
class Item:
    """One policy for one person. `reason` is why it stands here, "" where only its date does.

    `days_left` counts to the end of the window, None without one; `subscribed`: the person asked for it.
    """

    policy: Policy
    fit: Fit
    reason: str
    days_left: int | None
    subscribed: bool


@dataclass(frozen=True)
class Feed:
    """The items, best first; and the missing facts that are worth asking, the one that settles most first.

    Sensitive facts are not among them: they are not looked at for a list, so nobody knows that they are missing.
    """

    items: list[Item]
    questions: list[Question]


@dataclass(frozen=True)
class Reader:
    """Who reads: the profile as a derived frame of one, their wishes, and whether they may be recommended to.

    `model`: the one in use, None where there is none or the person does not wish it.
    """

    profile_id: int
    frame: Frame
    wishes: Sequence[Subscription]
    personalised: bool
    on: date
    locale: str
    model: Model | None


def feed(ctx: Context, profile_id: int, locale: str = "zh", limit: int = 30) -> list[Item]:
    """The policies in force, best first for this person; with personalised off (and for minors) by date alone.

    Of a family only the newest notice is shown. An unknown or erased profile has an empty feed.
    """
    return read_feed(ctx, profile_id, locale, limit).items


def read_feed(ctx: Context, profile_id: int, locale: str = "zh", limit: int = 30) -> Feed:
    """`feed`, and what is worth asking the person; nothing of them is looked at where they do not wish it."""
    with transaction(ctx.engine) as conn:
        reader = _reader(conn, ctx, profile_id, locale)
        if reader is None:
            return Feed([], [])
        policies = in_force(conn, ctx, reader.on)
        order, questions = np.arange(len(policies)), list[Question]()
        if reader.personalised:
            answers = policies.answer(reader.frame)
            order, questions = _ranked(conn, ctx, reader, policies, answers), settling(answers)
        items = [_item(reader, policy) for policy in _shown(conn, policies, order[:limit])]
        return Feed(items, [one for one in questions if one.fact not in SENSITIVE])


def policy_for(ctx: Context, profile_id: int, policy_id: int, locale: str = "zh") -> Item | None:
    """One published policy for one person, with every clause; None where either does not exist."""
    with transaction(ctx.engine) as conn:
        policy = policy_by_id(conn, policy_id)
        if policy is None or policy.state != "published":
            return None
        (policy,) = bound(conn, [policy], city_day(ctx))
        reader = _reader(conn, ctx, profile_id, locale, policy)
        return None if reader is None else _item(reader, policy)


def _reader(
    conn: Connection, ctx: Context, profile_id: int, locale: str, policy: Policy | None = None
) -> Reader | None:
    ids, on = np.array([profile_id], dtype=np.int64), city_day(ctx)
    # Sensitive facts are read only for the one policy that a person looks at, not for a list of all.
    frame = judge(conn, ctx, policy, ids).frame if policy else derive(load_frame(conn, profile_ids=ids), on)
    contacts = load_contacts(conn, ids, topic="", today=on)
    if not len(frame) or not len(contacts):
        return None
    personalised = bool((contacts.personalised & ~contacts.minor).all())
    using = model_in_use(conn) if personalised else None
    wishes = live_subscriptions(conn, [profile_id])
    return Reader(profile_id, frame, wishes, personalised, on, locale, using[1] if using else None)


def _ranked(conn: Connection, ctx: Context, reader: Reader, policies: InForce, answers: Answers) -> Rows:
    """What the person asked for and what fits comes first; within that by the model's score, else by date."""
    first = np.select([~policies.matched, answers.state == 1, answers.state == -1], [_READ, _FITS, _MIGHT], _NOT)
    if reader.wishes:
        first[wished(conn, ctx, policies, reader.wishes)] = _WISHED
    scores = np.zeros(len(policies), dtype=np.float32)
    if reader.model:
        scores = feed_scores(reader.model, policies.offered(reader.model), reader.frame)
    return np.lexsort((-scores, first))  # stable: the newer one first


def _shown(conn: Connection, policies: InForce, positions: Rows) -> Iterator[Policy]:
    """These policies whole, in this order; one that is matched to nobody, whatever the reason, without its tree."""
    wanted = [policies.policies[position].id for position in positions.tolist()]
    whole = {policy.id: policy for policy in bound(conn, policies_by_id(conn, wanted), policies.on)}
    for number, matched in zip(wanted, policies.matched[positions].tolist(), strict=True):
        if number in whole:
            yield whole[number] if matched else replace(whole[number], criteria=None)


def _item(reader: Reader, policy: Policy) -> Item:
    answer = fit(policy, reader.frame, reader.on, reader.locale)
    wished = matching(reader.wishes, policy)
    left = None if policy.window_closes is None else (policy.window_closes - reader.on).days
    return Item(policy, answer, _reason(reader, policy, answer, wished), left, bool(wished))


def _reason(reader: Reader, policy: Policy, answer: Fit, wished: Sequence[Subscription]) -> str:
    """By subscription, else by rule, else by the model where the person lets it speak."""
    if wished:
        return why.wish_words(wished[0].wish, reader.locale)
    if answer.state == 1 and answer.clauses:
        return answer.clauses[-1].sentence  # the first ones ask for kind and region: true, and no reason
    if answer.state == 1:
        return why.pick(why.FOR_ALL, reader.locale)
    terms = feed_terms(reader.model, policy, reader.frame) if reader.model else []
    sentences = why.reason_words(terms, reader.locale)
    return sentences[0] if sentences else ""
