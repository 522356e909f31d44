"""A profile with a life event and without it: what fits only with it is what the person is told of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from profiles.building import certificates_of, dependants_of
from profiles.columns import Certificate, Column, Frame
from profiles.lifecycle import derive
from pushsvc.store import facts, people
from pushsvc.store.life import LifeEvent
from pushsvc.store.session import Connection


@dataclass(frozen=True)
class Sides:
    """Derived frames of one profile. `before` None: there was no profile before; it is judged as of `day_before`."""

    after: Frame
    before: Frame | None
    day_before: date


def sides_of(conn: Connection, event: LifeEvent, frame: Frame, today: date) -> Sides:
    """The two sides of an event of the frame's one profile."""
    after, before, day = _split(conn, event, frame, today)
    return Sides(derive(after, today), None if before is None else derive(before, day), day)


def _split(conn: Connection, event: LifeEvent, frame: Frame, today: date) -> tuple[Frame, Frame | None, date]:
    if event.kind == "birth":
        # With this child alone against without children: a second child's claims are new although the first had them.
        family = people.dependants_of(conn, event.profile_id)
        mine = [(event.profile_id, born, home) for ref, born, home in family if ref == event.key]
        alone = replace(frame, dependants=dependants_of(frame.ids, mine))
        return alone, replace(frame, dependants=dependants_of(frame.ids, [])), today
    if event.kind == "move":
        old = people.earlier_value(conn, event.profile_id, "region")
        column = Column("code", np.array([0 if old else -1], dtype=np.int32), (old,) if old else ())
        return frame, frame.with_columns({"region": column}), today
    if event.kind == "age":
        return frame, frame, date.fromisoformat(event.key.partition(":")[2]) - timedelta(days=1)
    if event.kind in ("qualified", "lapsing"):
        return frame, _without(conn, event, frame, today), today
    return frame, None, today


def _without(conn: Connection, event: LifeEvent, frame: Frame, today: date) -> Frame:
    """Before a certificate was gained it was not there; before it was about to lapse no last day was in sight, or at
    a later step ("key:2024-01-01:30") one that was a day further away."""
    key, start, step = (*event.key.split(":"), "")[:3]
    rows: list[Certificate] = []
    for row in facts.certificates_of(conn, event.profile_id):
        mine = (row.key, row.valid_from.isoformat()) == (key, start)
        if mine and event.kind == "qualified":
            continue
        until = row.valid_until
        if mine:
            until = max(until, today + timedelta(days=int(step) + 1)) if until and step else None
        rows.append((row.key, row.valid_from, until))
    return replace(frame, qualifications=certificates_of([rows]))
