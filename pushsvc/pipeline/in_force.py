"""Policies in force: all that does not depend on the person who asks, worked out once a process and day.

Kept on the context until a policy is published, ends or is withdrawn, or a shared figure changes: then only what is
new is read and compiled. Where a process keeps it up to date by itself (`keep_up`), its pages do not wait for that:
they take what is a few seconds old, and look at each policy's state anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.criteria.nearness import joined_nearness, nearness
from profiles.criteria.table import Answers, answer, joined, states
from profiles.ragged import Mask, Rows
from profiles.subscriptions import PolicyColumns, PolicyTags, policy_columns
from pushsvc.context import Context
from pushsvc.pipeline.compiled import Compiled, compiled
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.faces import faces_of
from pushsvc.pipeline.scoring import feed_offered, model_in_use, tokens_of
from pushsvc.pipeline.wishes import issuers
from pushsvc.store.in_force import LightPolicy, light_policies, policies_stamp
from pushsvc.store.session import Connection, transaction
from recommenders.feed import Offered
from recommenders.model import Model

_MOST_ORDERS = 32  # kept at a time
STALE_SECONDS = 10.0  # how old what a page is made from may be, at most


@dataclass
class _Kept:
    """What was found last. `lock`: of many who find it out of date, one works it out anew and the others wait.

    `until`: the moment until which it is good enough for a page, whatever was committed since.
    """

    found: InForce | None = None
    lock: Lock = field(default_factory=Lock)
    until: float = 0.0


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
    _tokens: dict[tuple[int, str], tuple[str, ...]] = field(default_factory=dict, repr=False)
    _orders: dict[Hashable, Rows] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.policies)

    @property
    def matched(self) -> Mask:
        """bool[p]: what is matched to people at all."""
        return self.rows >= 0

    @cached_property
    def columns(self) -> PolicyColumns:
        """What the policies are about, without their words."""
        return columns_of(self.policies)

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """int64[p]: the policies' ids."""
        return np.array([policy.id for policy in self.policies], dtype=np.int64)

    @cached_property
    def titles(self) -> dict[str, str]:
        """Title of each policy by its number as text, as reasons name it."""
        return {str(policy.id): policy.title for policy in self.policies}

    @cached_property
    def place(self) -> dict[int, int]:
        """Where each policy stands, by its number."""
        return {policy.id: at for at, policy in enumerate(self.policies)}

    @cached_property
    def regions(self) -> list[str]:
        """The region codes that published policies bear."""
        return sorted({policy.region for policy in self.published})

    @cached_property
    def agencies(self) -> Rows:
        """int64[p]: equal for policies of one agency."""
        return np.unique([policy.agency for policy in self.policies], return_inverse=True)[1].astype(np.int64)

    def offered(self, model: Model) -> Offered:
        """The policies as the model sees them; kept for the model that was asked for last."""
        for known, found in self._offered[-1:]:
            if known is model:
                return found
        self._tokens.update({one.key: tokens_of(one) for one in self.policies if one.key not in self._tokens})
        found = feed_offered(model, [(one.id, self._tokens[one.key]) for one in self.policies])
        self._offered[:] = [(model, found)]
        return found

    def order(self, name: Hashable, make: Callable[[], Rows]) -> Rows:
        """An order that is the same for everybody, made when it is first asked for by this name."""
        found = self._orders.get(name)
        if found is None:
            if len(self._orders) >= _MOST_ORDERS:
                self._orders.clear()
            found = self._orders[name] = make()
        return found

    def prepare(self, model: Model | None) -> None:
        """Work out what feeds ask for, for whoever asks first."""
        _ = self.columns, self.numbers, self.titles, self.place, self.agencies, self.regions
        if model is not None:
            self.offered(model)

    def answer(self, person: Frame) -> Answers:
        """Every policy for the one person of a derived frame; what is matched to nobody is a no."""
        return joined([answer(table, person, self.on) for table in self.compiled.tables], self.rows)

    def nearness(self, person: Frame) -> Rows:
        """int64[p]: how many conditions lie between the person and each policy; FAR or more where it is for others."""
        return joined_nearness([nearness(table, person, self.on) for table in self.compiled.tables], self.rows)

    def states(self, person: Frame, on: date) -> NDArray[np.int8]:
        """int8[p]: 1 yes, 0 no, -1 unknown, as of any day."""
        found = [states(table, person, on) for table in self.compiled.tables]
        return np.asarray(np.concatenate([*found, np.zeros(1, dtype=np.int8)])[self.rows])


def in_force(
    conn: Connection, ctx: Context, on: date, *, prepare: Callable[[InForce], object] | None = None
) -> InForce:
    """The policies in force on the day, as committed when this is called.

    `prepare` is done with new ones before anybody is handed them.
    """
    stamp, kept = policies_stamp(conn), ctx.kept.of(_Kept)
    found = kept.found
    if found is None or (found.stamp, found.on) != (stamp, on):
        with kept.lock:
            found = kept.found
            if found is None or (found.stamp, found.on) != (stamp, on):
                found = _refreshed(conn, found, stamp, on)
                if prepare is not None:
                    prepare(found)
                kept.found = found
    return found


def in_force_lately(conn: Connection, ctx: Context, on: date) -> InForce:
    """The policies in force for a page: at most STALE_SECONDS old where the process keeps them up to date by itself,
    so that at midnight they may be yesterday's (see `on`).

    What was withdrawn meanwhile may still be among them, so whoever shows one reads its row.
    """
    found = ctx.kept.of(_Kept).found
    return found if found is not None and is_kept_up(ctx) else in_force(conn, ctx, on)


def is_kept_up(ctx: Context) -> bool:
    """Whether this process brought what it keeps up to date a moment ago."""
    return ctx.clock().timestamp() < ctx.kept.of(_Kept).until


def lately_stamp(ctx: Context) -> tuple[tuple[int, str], date] | None:
    """Which policies this process holds for its pages, and of which day; None before it holds any."""
    found = ctx.kept.of(_Kept).found
    return None if found is None else (found.stamp, found.on)


def keep_up(ctx: Context) -> None:
    """Bring what this process keeps up to date, so that no page has to wait for it. Called every second or so."""
    asked_at = ctx.clock().timestamp()
    with transaction(ctx.engine) as conn:
        using = model_in_use(conn)
        found = in_force(conn, ctx, city_day(ctx), prepare=lambda new: new.prepare(using[1] if using else None))
    if using:
        found.offered(using[1])
    ctx.kept.of(_Kept).until = asked_at + STALE_SECONDS


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
    told = before._tokens if before else {}
    tokens = {one.key: told[one.key] for one in policies if one.key in told}
    return InForce(on, stamp, published, tuple(policies), rows, tables, faces, _tokens=tokens)


def columns_of(policies: Iterable[LightPolicy]) -> PolicyColumns:
    """What these policies are about, without their words."""
    return policy_columns([_tags(policy) for policy in policies])


def _tags(policy: LightPolicy) -> PolicyTags:
    themes = {*policy.themes, *policy.tags, policy.topic}
    return PolicyTags(themes, policy.industries, policy.region, "", issuers(policy))
