"""One person's feed: the published policies with what each means to them; without the person, where they wish it so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from profiles.columns import Frame
from profiles.lifecycle import derive
from pushsvc.context import Context
from pushsvc.pipeline import why
from pushsvc.pipeline.choosing import judge
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.fitting import Fit, fit, states_of
from pushsvc.pipeline.scoring import feed_scores, feed_terms, model_in_use
from pushsvc.pipeline.shared_figures import bound
from pushsvc.pipeline.wishes import matching
from pushsvc.store.contacts import load_contacts
from pushsvc.store.frames import load_frame
from pushsvc.store.policies import Policy, policy_by_id, published_policies
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import Subscription, live_subscriptions

_WISHED = 0  # what was asked for stands first
_FIRST = {1: 1, -1: 2, None: 3, 0: 4}  # then what fits, by match state; what surely does not comes last


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
class Reader:
    """Who reads: the profile as a derived frame of one, their wishes, and whether they may be recommended to."""

    profile_id: int
    frame: Frame
    wishes: Sequence[Subscription]
    personalised: bool
    on: date
    locale: str


def feed(ctx: Context, profile_id: int, locale: str = "zh", limit: int = 30) -> list[Item]:
    """The policies in force, best first for this person; with personalised off (and for minors) by date alone.

    Of a family only the newest notice is shown. An unknown or erased profile has an empty feed.
    """
    with transaction(ctx.engine) as conn:
        reader = _reader(conn, ctx, profile_id, locale)
        if reader is None:
            return []
        policies = open_policies(bound(conn, published_policies(conn, on=reader.on), reader.on), reader.on)
        if reader.personalised:
            policies = _ranked(conn, reader, policies)
        return [_item(conn, reader, policy) for policy in policies[:limit]]


def policy_for(ctx: Context, profile_id: int, policy_id: int, locale: str = "zh") -> Item | None:
    """One published policy for one person, with every clause; None where either does not exist."""
    with transaction(ctx.engine) as conn:
        policy = policy_by_id(conn, policy_id)
        if policy is None or policy.state != "published":
            return None
        (policy,) = bound(conn, [policy], city_day(ctx))
        reader = _reader(conn, ctx, profile_id, locale, policy)
        return None if reader is None else _item(conn, reader, policy)


def open_policies(policies: Sequence[Policy], on: date) -> list[Policy]:
    """Those whose window has not closed, one a family; the given order (newest first) stays. Knows no person."""
    families: set[str] = set()
    found = []
    for policy in policies:
        closed = policy.window_closes is not None and policy.window_closes < on
        if not closed and policy.family not in families:
            families.add(policy.family)
            found.append(policy)
    return found


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
    return Reader(profile_id, frame, live_subscriptions(conn, [profile_id]), personalised, on, locale)


def _ranked(conn: Connection, reader: Reader, policies: list[Policy]) -> list[Policy]:
    """What the person asked for and what fits comes first; within that by the model's score, else by date."""
    model = model_in_use(conn)
    scores = feed_scores(model[1], policies, reader.frame) if model else np.zeros(len(policies), dtype=np.float32)
    states = states_of(policies, reader.frame, reader.on)

    def key(position: int) -> tuple[int, float, int]:
        policy = policies[position]
        wished = bool(matching(reader.wishes, policy))
        first = _WISHED if wished else _FIRST[states[position]]
        return first, -float(scores[position]), position

    return [policies[position] for position in sorted(range(len(policies)), key=key)]


def _item(conn: Connection, reader: Reader, policy: Policy) -> Item:
    answer = fit(policy, reader.frame, reader.on, reader.locale)
    wished = matching(reader.wishes, policy)
    left = None if policy.window_closes is None else (policy.window_closes - reader.on).days
    return Item(policy, answer, _reason(conn, reader, policy, answer, wished), left, bool(wished))


def _reason(conn: Connection, reader: Reader, policy: Policy, answer: Fit, wished: Sequence[Subscription]) -> str:
    """By subscription, else by rule, else by the model where the person lets it speak."""
    if wished:
        return why.wish_words(wished[0].wish, reader.locale)
    if answer.state == 1 and answer.clauses:
        return answer.clauses[-1].sentence  # the first ones ask for kind and region: true, and no reason
    if answer.state == 1:
        return why.pick(why.FOR_ALL, reader.locale)
    model = model_in_use(conn) if reader.personalised else None
    sentences = why.reason_words(feed_terms(model[1], policy, reader.frame), reader.locale) if model else []
    return sentences[0] if sentences else ""
