"""Subscriptions against one policy: what it is about, said once for matching and for explaining."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from profiles.ragged import ragged
from profiles.subscription import SubscriptionColumns, match
from pushsvc.store.policies import Policy
from pushsvc.store.session import Connection
from pushsvc.store.subscriptions import Subscription, live_subscriptions


def matching_wishes(conn: Connection, policy: Policy, profile_ids: Sequence[int] | None = None) -> dict[int, list[int]]:
    """The live subscriptions that match the policy, by profile (of these profiles, of all where None)."""
    found: dict[int, list[int]] = {}
    for subscription in matching(live_subscriptions(conn, profile_ids), policy):
        found.setdefault(subscription.wish.profile_id, []).append(subscription.id)
    return found


def matching(subscriptions: Sequence[Subscription], policy: Policy) -> list[Subscription]:
    """Those of the subscriptions that the policy meets: every non-empty key, any value within a key."""
    if not subscriptions:
        return []
    text = "\n".join(part for part in (policy.title, policy.summary, policy.body) if part)
    hits = match(
        _columns(subscriptions),
        themes={*policy.themes, *policy.tags, policy.topic},
        industries=list(policy.industries),
        region=policy.region,
        text=text,
    )
    return [subscriptions[row] for row in np.flatnonzero(hits).tolist()]


def _columns(subscriptions: Sequence[Subscription]) -> SubscriptionColumns:
    wishes = [subscription.wish for subscription in subscriptions]
    return SubscriptionColumns(
        profile_ids=np.array([wish.profile_id for wish in wishes], dtype=np.int64),
        ids=np.array([subscription.id for subscription in subscriptions], dtype=np.int64),
        themes=ragged([wish.themes for wish in wishes]),
        industries=ragged([wish.industries for wish in wishes]),
        regions=ragged([wish.regions for wish in wishes]),
        keywords=[wish.keyword for wish in wishes],
    )
