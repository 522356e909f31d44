"""What a publication is: a new policy, a change of one that was told before, or the result of one people applied for.

Found when it is published, in the same transaction, and again by the pass for whatever became visible in another way:
by the visibility number, so a text dated years ago is met like any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.policy_diff import NAMES, changes
from pushsvc.pipeline.shared_figures import bound_tree
from pushsvc.store import policy_events as store
from pushsvc.store.policies import Policy, policy_by_id
from pushsvc.store.policy_events import NewEvent
from pushsvc.store.session import Connection
from pushsvc.texts.families import family_of

RESULTS = "gazette"  # the kind under which lists of names are published
_REVISED = re.compile(r"修[订正改]")


def publication_events(conn: Connection, ctx: Context, policy: Policy) -> list[NewEvent]:
    """The events of a policy that became visible: new or changed, and the result that it tells, where it tells one.

    A change keeps the number of the version `before` it and the `changes`; a result that of what it is `of`.
    """
    found = [_published(conn, ctx, policy)]
    if policy.kind == RESULTS or policy.event.startswith("result"):
        of = store.applied_for(conn, policy.id)
        if of is not None:
            found.append(NewEvent(policy.id, "result", str(of), {"kind": "result", "who": "result", "of": of}))
    return found


def is_round(before: Policy, policy: Policy) -> bool:
    """Whether it is another year's or batch's notice, which changes nothing of the one before: by their titles."""
    if policy.event.startswith("changed"):
        return False
    old, new = family_of(before.title)[1], family_of(policy.title)[1]
    return bool(old and new and old != new and not _REVISED.search(new))


def _published(conn: Connection, ctx: Context, policy: Policy) -> NewEvent:
    number = store.version_before(conn, policy.id)
    before = policy_by_id(conn, number) if number is not None else None
    if before is None or is_round(before, policy):
        return NewEvent(policy.id, "new", policy.event, {"kind": "new"})
    today = city_day(ctx)
    found = changes(_fields(conn, before, today), _fields(conn, policy, today), on=today)
    told = {"kind": "changed", "who": "changed", "before": before.id, "changes": [one.stored() for one in found]}
    return NewEvent(policy.id, "changed", policy.event, told)


def _fields(conn: Connection, policy: Policy, on: date) -> Mapping[str, Any]:
    # Where a shared figure has no value on the day the tree stays as it is: unreadable, and not "no conditions".
    criteria = bound_tree(conn, policy.criteria, on) or policy.criteria
    return {name: getattr(policy, name) for name in NAMES} | {"criteria": criteria}
