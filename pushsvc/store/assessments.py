"""Impact assessments (PIPL 55 and 56): recorded before an algorithm ranks people, and kept; rows are never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select

from pushsvc.store.session import Connection
from pushsvc.store.tables import impact_assessment


@dataclass(frozen=True)
class Assessment:
    """An assessment of one version of the algorithm; it holds from `made_on` to `valid_until`, both days included."""

    id: str
    algorithm: str
    title: str
    made_on: date
    valid_until: date
    recorded_by: str
    recorded_at: datetime
    note: str | None = None

    def covers(self, algorithm: str, on: date) -> bool:
        """Whether this version of the algorithm may begin to serve on this day."""
        return self.algorithm == algorithm and self.made_on <= on <= self.valid_until


def add_assessment(conn: Connection, new: Assessment) -> None:
    """Write it down. Raises IntegrityError where the id is taken."""
    conn.execute(insert(impact_assessment).values(vars(new)))


def assessment_by_id(conn: Connection, id: str) -> Assessment | None:
    """The record of this id."""
    row = conn.execute(select(impact_assessment).where(impact_assessment.c.id == id)).first()
    return Assessment(*row) if row else None


def covering(conn: Connection, algorithm: str, on: date) -> Assessment | None:
    """The newest record that covers this version of the algorithm on this day."""
    c = impact_assessment.c
    query = select(impact_assessment).where(c.algorithm == algorithm, c.made_on <= on, c.valid_until >= on)
    row = conn.execute(query.order_by(c.made_on.desc(), c.id).limit(1)).first()
    return Assessment(*row) if row else None


def assessments(conn: Connection) -> list[Assessment]:
    """All records, the newest first."""
    c = impact_assessment.c
    return [Assessment(*row) for row in conn.execute(select(impact_assessment).order_by(c.made_on.desc(), c.id))]
