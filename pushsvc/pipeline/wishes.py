"""Subscriptions against policies: what a policy is about, said once for matching and for explaining."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np

from profiles import subscriptions as library
from profiles.ragged import Rows
from profiles.standards.agencies import AgencyError, parse_agencies
from profiles.subscriptions import PolicyTags, SubscriptionIndex, policy_columns
from pushsvc.store.policies import Policy
from pushsvc.store.session import Connection
from pushsvc.store.subscriptions import Subscription, stream_wishes


class Issued(Protocol):
    """A policy, as far as it says who issued it."""

    @property
    def agency(self) -> str:
        """The line of them, as printed."""

    @property
    def agencies(self) -> tuple[str, ...]:
        """Each by its name."""

    @property
    def region(self) -> str:
        """The place that the text is of."""


def policy_tags(policy: Policy) -> PolicyTags:
    """What the subscriptions are held against: themes with tags and topic, industries, region, agencies, all of
    its words."""
    text = "\n".join(part for part in (policy.title, policy.summary, policy.body) if part)
    themes = frozenset((*policy.themes, *policy.tags, policy.topic))
    return PolicyTags(themes, policy.industries, policy.region, text, issuers(policy))


def issuers(policy: Issued) -> Sequence[str]:
    """The agencies that a policy is of; of a text that was read before they were kept apart, its line of them."""
    return policy.agencies or _issuers(policy.agency, policy.region)


def build_index(conn: Connection, profile_ids: Sequence[int] | Rows | None = None) -> SubscriptionIndex:
    """The live subscriptions of these profiles (of all where None) as an index to match policies against."""
    return library.build_index(stream_wishes(conn, profile_ids))


def matching(subscriptions: Sequence[Subscription], policy: Policy) -> list[Subscription]:
    """Those of a few subscriptions that the policy answers."""
    if not subscriptions:
        return []
    found = policy_columns([policy_tags(policy)]).matching([one.wish for one in subscriptions])
    return [subscriptions[row] for row in np.flatnonzero(found[:, 0]).tolist()]


@lru_cache(maxsize=16_384)
def _issuers(line: str, region: str) -> tuple[str, ...]:
    try:
        return tuple(one.name for one in parse_agencies(line, region))
    except AgencyError:
        return ()
