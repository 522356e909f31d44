"""Impact assessments: a person records that one was made of a version of the algorithm, before it ranks anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.four_eyes import is_name
from pushsvc.pipeline.models import ModelError
from pushsvc.store.assessments import Assessment, add_assessment, assessment_by_id
from pushsvc.store.audit import record
from pushsvc.store.session import transaction

YEARS = 3  # an assessment holds no longer than its records must be kept (PIPL 56), unless a day is named


@dataclass(frozen=True)
class NewAssessment:
    """What a person tells of an assessment; without `valid_until` it holds for three years."""

    id: str
    algorithm: str
    title: str
    made_on: date
    valid_until: date | None = None
    note: str | None = None


def assess(ctx: Context, new: NewAssessment, *, by: str) -> Assessment:
    """Record it; the same again changes nothing. Raises ModelError `no_name`, `empty`, `dates`, `known_assessment`."""
    if not is_name(by):
        raise ModelError("no_name", "Who does this has a name: --by.")
    if not all(map(is_name, (new.id, new.algorithm, new.title))):
        raise ModelError("empty", "An assessment has an id, a version of the algorithm and a title.")
    until = new.valid_until or _years_later(new.made_on)
    if new.made_on > city_day(ctx) or until < new.made_on:
        raise ModelError("dates", "An assessment is made today or earlier, and ends on that day or later.")
    made = Assessment(new.id, new.algorithm, new.title, new.made_on, until, by, ctx.clock(), new.note)
    with transaction(ctx.engine) as conn:
        known = assessment_by_id(conn, new.id)
        if known is None:
            add_assessment(conn, made)
            detail = {"algorithm": new.algorithm, "made_on": str(new.made_on), "valid_until": str(until)}
            record(conn, at=ctx.clock(), actor=by, action="model.assess", object=f"assessment:{new.id}", detail=detail)
            return made
    if _content(known) != _content(made):
        raise ModelError(
            "known_assessment", f"Another assessment is recorded as {new.id!r}; records are never changed."
        )
    return known


def _content(one: Assessment) -> tuple[object, ...]:
    return one.algorithm, one.title, one.made_on, one.valid_until, one.note


def _years_later(day: date) -> date:
    year = day.year + YEARS
    return day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)
