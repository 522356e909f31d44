"""Policies in force: all that does not depend on the person who asks, worked out once a process and day.

Kept on the context until a policy is published, ends or is withdrawn, or a shared figure changes: then only what is
new is read and compiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.criteria.table import Answers, answer, joined, states
from profiles.ragged import Mask, Rows
from profiles.subscriptions import PolicyColumns, PolicyTags, policy_columns
from pushsvc.context import Context
from pushsvc.pipeline.compiled import Compiled, compiled
from pushsvc.pipeline.faces import faces_of
from pushsvc.pipeline.scoring import feed_offered
from pushsvc.store.in_force import LightPolicy, light_policies, policies_stamp
from pushsvc.store.session import Connection
from recommenders.feed import Offered
from recommenders.model import Model


@dataclass
class _Kept:
    """What was found last. `lock`: of many who find it out of date, one works it out anew and the others wait."""

    found: InForce | None = None
    lock: Lock = field(default_factory=Lock)


class _Listed(Protocol):
    @property
    def family(self) -> str: ...
    @property
    def window_closes(self) -> date | None: ...


P = TypeVar("P", bound=_Listed)


@dataclass(frozen=True, eq=False)
class InForce:
    """`policies`: open on the day, one a family, newest first. `rows` int64[p]: their rows in the clause tables, -1
    for what is matched to nobody. `faces` int64[p]: equal for texts on one matter. `published`: all there are, ended
    ones too."""

    on: date
    stamp: tuple[int, str]
    published: Sequence[LightPolicy]
    policies: tuple[LightPolicy, ...]
    rows: Rows
    compiled: Compiled
    faces: Rows
    _offered: list[tuple[Model, Offered]] = field(default_factory=list, repr=False)

    def __len__(self) -> int:
        return len(self.policies)

    @property
    def matched(self) -> Mask:
        """bool[p]: what is matched to people at all."""
        return self.rows >= 0

    @cached_property
    def columns(self) -> PolicyColumns:
        """What the policies are about, without their words."""
        return policy_columns([_tags(policy) for policy in self.policies])

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """int64[p]: the policies' ids."""
        return np.array([policy.id for policy in self.policies], dtype=np.int64)

    @cached_property
    def titles(self) -> dict[str, str]:
        """Title of each policy by its number as text, as reasons name it."""
        return {str(policy.id): policy.title for policy in self.policies}

    @cached_property
    def agencies(self) -> Rows:
        """int64[p]: equal for policies of one agency."""
        return np.unique([policy.agency for policy in self.policies], return_inverse=True)[1].astype(np.int64)

    def offered(self, model: Model) -> Offered:
        """The policies as the model sees them; kept for the model that was asked for last."""
        for known, found in self._offered[-1:]:
            if known is model:
                return found
        found = feed_offered(model, self.policies)
        self._offered[:] = [(model, found)]
        return found

    def answer(self, person: Frame) -> Answers:
        """Every policy for the one person of a derived frame; what is matched to nobody is a no."""
        return joined([answer(table, person, self.on) for table in self.compiled.tables], self.rows)

    def states(self, person: Frame, on: date) -> NDArray[np.int8]:
        """int8[p]: 1 yes, 0 no, -1 unknown, as of any day."""
        found = [states(table, person, on) for table in self.compiled.tables]
        return np.asarray(np.concatenate([*found, np.zeros(1, dtype=np.int8)])[self.rows])


def in_force(conn: Connection, ctx: Context, on: date) -> InForce:
    """The policies in force on the day, as committed when this is called."""
    stamp, kept = policies_stamp(conn), ctx.kept.of(_Kept)
    found = kept.found
    if found is None or (found.stamp, found.on) != (stamp, on):
        with kept.lock:
            found = kept.found
            if found is None or (found.stamp, found.on) != (stamp, on):
                found = kept.found = _refreshed(conn, found, stamp, on)
    return found


def open_policies(policies: Iterable[P], on: date) -> list[P]:
    """Those whose window has not closed, one a family; the given order (newest first) stays. Knows no person."""
    families: set[str] = set()
    found = []
    for policy in policies:
        closed = policy.window_closes is not None and policy.window_closes < on
        if not closed and policy.family not in families:
            families.add(policy.family)
            found.append(policy)
    return found


def _refreshed(conn: Connection, before: InForce | None, stamp: tuple[int, str], on: date) -> InForce:
    # The stamp was read before: what is committed in between is read again the next time, never missed.
    published = before.published if before and before.stamp == stamp else light_policies(conn)
    policies = open_policies((one for one in published if one.valid_to is None or one.valid_to >= on), on)
    tables, rows = compiled(conn, policies, on=on, before=before.compiled if before else None)
    faces = faces_of(conn, [one.family for one in policies])
    return InForce(on, stamp, published, tuple(policies), rows, tables, faces)


def _tags(policy: LightPolicy) -> PolicyTags:
    return PolicyTags({*policy.themes, *policy.tags, policy.topic}, policy.industries, policy.region, "")
