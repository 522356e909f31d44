"""Check-up: every policy in force against one profile, and what it could get at most, nothing counted twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from profiles.columns import Frame
from profiles.criteria.nearness import FAR
from profiles.criteria.settling import Question, settling
from profiles.facts import SENSITIVE
from profiles.lifecycle import derive
from profiles.ragged import Rows
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.exclusions import among
from pushsvc.pipeline.exclusive import Choice, best, groups
from pushsvc.pipeline.feed_items import shown
from pushsvc.pipeline.fitting import Said, fit
from pushsvc.pipeline.in_force import InForce, in_force
from pushsvc.pipeline.sums import highest
from pushsvc.store.access import PERSONS
from pushsvc.store.checkup import sums_of
from pushsvc.store.frames import load_frame
from pushsvc.store.people import profile_by_id
from pushsvc.store.reading import PolicyRow, policies_by_id
from pushsvc.store.session import Connection, transaction

COUNTED = ("fund", "guide", "normative")  # kinds that pay; a reading of one pays nothing of its own
EXPLAINED = 200  # of those that do not fit: the nearest are explained, the rest are named


@dataclass(frozen=True)
class Line:
    """One policy. `state`: 1 yes, 0 no, -1 unknown; `missing`: facts as stored; `yuan`: what it pays at most, None
    where no sum is told; `group`: of those that exclude each other, 0 for none; `counted`: it is in the total.

    `against`: the clause that says no, None where nobody looked or it fits; `far`: conditions that say no.
    """

    policy: PolicyRow
    state: int
    missing: tuple[str, ...] = ()
    yuan: int | None = None
    group: int = 0
    counted: bool = False
    against: Said | None = None
    far: int = 0


@dataclass(frozen=True)
class Checkup:
    """`yes` as it stands on the page: groups first, then by deadline; `might` by what is missing; `no` nearest first.

    `total`: yuan at most at once, of `yes` alone; `unwritten`: how many of `yes` pay what is told as no sum; `exact`
    False: perhaps more could be had. `not_now`: how many do not fit, of which `no` may be but the nearest; `others`:
    policies for other kinds of profiles, which are not listed.
    """

    on: date
    yes: tuple[Line, ...]
    might: tuple[Line, ...]
    no: tuple[Line, ...]
    not_now: int
    others: int
    total: int
    unwritten: int
    exact: bool
    questions: tuple[Question, ...]

    @property
    def groups(self) -> dict[int, tuple[Line, ...]]:
        """Those of `yes` that exclude each other, by the number of their group."""
        numbers = dict.fromkeys(line.group for line in self.yes if line.group)
        return {number: tuple(line for line in self.yes if line.group == number) for number in numbers}


def checkup(ctx: Context, profile_id: int, locale: str = "zh", *, nearest: int | None = None) -> Checkup | None:
    """The check-up of a profile today in the city; None where there is nobody. Sensitive facts are not looked at.

    `nearest`: so many of what does not fit, all where None.
    """
    on = city_day(ctx)
    with transaction(ctx.engine) as conn:
        profile = profile_by_id(conn, profile_id)
        if profile is None or profile.erased:
            return None
        frame = derive(load_frame(conn, profile_ids=np.array([profile_id], dtype=np.int64)), on)
        policies = in_force(conn, ctx, on)
        answers, far = policies.answer(frame), policies.nearness(frame)
        places = {state: np.flatnonzero(policies.matched & (answers.state == state)) for state in (1, 0, -1)}
        near = places[0][far[places[0]] < FAR]
        near = near[np.argsort(far[near], kind="stable")]
        listed = np.concatenate([places[1], places[-1], near[:nearest]])
        rows = policies_by_id(conn, policies.numbers[listed].tolist())
        yes = _fitting(conn, policies, places[1], rows, person=profile.kind in PERSONS)
        no = _not(conn, policies, (near[:nearest], far), rows, (frame, locale))
    might = [
        Line(rows[number], -1, answers.missing_of(at))
        for at, number in zip(places[-1].tolist(), policies.numbers[places[-1]].tolist(), strict=True)
        if number in rows
    ]
    return Checkup(
        on=on,
        yes=yes[0],
        might=tuple(sorted(might, key=lambda line: (len(line.missing), *_soonest(line)))),
        no=no,
        not_now=len(near),
        others=len(places[0]) - len(near),
        total=yes[1].total,
        unwritten=sum(line.yuan is None and _pays(line.policy) for line in yes[0]),
        exact=yes[1].exact,
        questions=tuple(one for one in settling(answers) if one.fact not in SENSITIVE and one.settles),
    )


def _fitting(
    conn: Connection, policies: InForce, places: Rows, rows: Mapping[int, PolicyRow], *, person: bool
) -> tuple[tuple[Line, ...], Choice]:
    """What fits, with sums and groups, and the best choice among it."""
    found = [at for at in places.tolist() if policies.policies[at].id in rows]
    mine = [rows[policies.policies[at].id] for at in found]
    wan = sums_of(conn, [row.id for row in mine])
    yuan = {row.id: highest(row.amount, wan.get(row.id), person=person) if _pays(row) else None for row in mine}
    excludes = among(conn, policies, found)
    choice = best({number: worth for number, worth in yuan.items() if worth}, excludes)
    numbered: dict[int, int] = {}
    for group in groups([row.id for row in mine], excludes):
        if len(group) > 1:
            numbered |= dict.fromkeys(group, max(numbered.values(), default=0) + 1)
    lines = [
        Line(row, 1, yuan=yuan[row.id], group=numbered.get(row.id, 0), counted=row.id in choice.chosen) for row in mine
    ]
    return tuple(sorted(lines, key=lambda one: (one.group or len(lines) + 1, not one.counted, *_soonest(one)))), choice


def _not(
    conn: Connection,
    policies: InForce,
    near: tuple[Rows, Rows],
    rows: Mapping[int, PolicyRow],
    asked: tuple[Frame, str],
) -> tuple[Line, ...]:
    """What does not fit, nearest first; the first of them with the clause that says so."""
    places, far = near
    frame, locale = asked
    clauses = {
        one.id: next((clause for clause in fit(one, frame, policies.on, locale).clauses if clause.state == 0), None)
        for one in shown(conn, policies, policies.numbers[places[:EXPLAINED]])
    }
    numbers: Sequence[int] = policies.numbers[places].tolist()
    return tuple(
        Line(rows[number], 0, against=clauses.get(number), far=cost)
        for number, cost in zip(numbers, far[places].tolist(), strict=True)
        if number in rows
    )


def _pays(row: PolicyRow) -> bool:
    return row.kind in COUNTED and bool(row.amount) and not (row.amount or "").startswith("免费")


def _soonest(line: Line) -> tuple[date, int]:
    return line.policy.window_closes or date.max, -line.policy.id
