"""What is known beside profiles, policies and the log when a model is trained or judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from recommenders.exposure import Spans
from recommenders.interactions import Ids
from recommenders.subscribed import Wishes


@dataclass(frozen=True)
class Days:
    """The spans of days of the things with these ids (any order)."""

    ids: Ids
    spans: Spans


@dataclass(frozen=True)
class Setting:
    """`exposed`: ids of the profiles that could have seen anything; None: all of them.

    `published`: the day of each policy. `policy_days`, `profile_days`: when a policy could be seen, and when a profile
    could see something; where they share no day, the profile is no negative for the policy. `wishes`: subscriptions.
    """

    exposed: Ids | None = None
    published: Mapping[int, date] = field(default_factory=dict)
    policy_days: Days | None = None
    profile_days: Days | None = None
    wishes: Wishes | None = None
