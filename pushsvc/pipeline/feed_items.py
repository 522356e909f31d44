"""What a feed is made of: items, and their policies read whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.criteria.settling import Question
from profiles.ragged import Mask, Rows
from pushsvc.pipeline.fitting import Fit
from pushsvc.pipeline.in_force import InForce
from pushsvc.pipeline.shared_figures import bound
from pushsvc.store.policies import Policy, policies_by_id
from pushsvc.store.session import Connection


@dataclass(frozen=True)
class Item:
    """One policy for one person. `reason` is why it stands here, "" where only its date does.

    `days_left` counts to the end of the window, None without one; `subscribed`: the person asked for it; `tags`: those
    of the person's tags that spoke for it.
    """

    policy: Policy
    fit: Fit
    reason: str
    days_left: int | None
    subscribed: bool
    tags: Sequence[str] = ()


@dataclass(frozen=True)
class Feed:
    """The items, best first; and the missing facts that are worth asking, the one that settles most first.

    Sensitive facts are not among them: they are not looked at for a list, so nobody knows that they are missing.
    `personalised` False: nothing of the person was looked at.
    """

    items: list[Item]
    questions: list[Question]
    personalised: bool = False


@dataclass(frozen=True, eq=False)
class Order:
    """Policies (`ids` int64[p]) best first: which the person `asked` for, and what is true of each (`state`: 1 fits,
    -1 may fit, 0 does not). `questions`: the missing facts worth asking, without sensitive ones."""

    ids: Rows
    asked: Mask
    state: NDArray[np.int8]
    questions: tuple[Question, ...] = ()


def shown(conn: Connection, policies: InForce, ids: Rows) -> Iterator[Policy]:
    """These policies of those in force whole, in this order, as far as they are published still; one that is matched to
    nobody, whatever the reason, without its tree."""
    known = [number for number in ids.tolist() if number in policies.place]
    whole = {policy.id: policy for policy in bound(conn, policies_by_id(conn, known), policies.on)}
    for number in known:
        policy = whole.get(number)
        if policy is not None and policy.state == "published":
            yield policy if policies.rows[policies.place[number]] >= 0 else replace(policy, criteria=None)


def days_left(policy: Policy, on: date) -> int | None:
    """Days to the end of the window, None without one."""
    return None if policy.window_closes is None else (policy.window_closes - on).days
