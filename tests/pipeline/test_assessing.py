"""Impact assessments are recorded once, by somebody, with dates that make sense."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pushsvc.context import Context
from pushsvc.pipeline.assessing import NewAssessment, assess
from pushsvc.pipeline.models import ModelError
from tests.registering import ask, count

NEW = NewAssessment("PIA-1", "2", "影响评估", date(2026, 3, 1))


def test_it_holds_for_three_years_unless_a_day_is_named(ctx: Context) -> None:
    assert assess(ctx, NEW, by="沈祺").valid_until == date(2029, 3, 1)
    leap = replace(NEW, id="PIA-2", made_on=date(2024, 2, 29))
    assert assess(ctx, leap, by="沈祺").valid_until == date(2027, 2, 28)
    named = replace(NEW, id="PIA-3", valid_until=date(2026, 12, 31))
    assert assess(ctx, named, by="沈祺").valid_until == date(2026, 12, 31)
    assert ask(ctx, "select actor, object from audit order by id")[0] == ("沈祺", "assessment:PIA-1")


def test_the_same_again_changes_nothing_and_another_under_its_name_is_refused(ctx: Context) -> None:
    first = assess(ctx, NEW, by="沈祺")
    assert assess(ctx, NEW, by="周岚") == first
    with pytest.raises(ModelError) as error:
        assess(ctx, replace(NEW, algorithm="3"), by="沈祺")
    assert (error.value.code, count(ctx, "impact_assessment"), count(ctx, "audit")) == ("known_assessment", 1, 1)


@pytest.mark.parametrize(
    ("new", "by", "code"),
    [
        (NEW, " ", "no_name"),
        (replace(NEW, id=""), "沈祺", "empty"),
        (replace(NEW, algorithm=" "), "沈祺", "empty"),
        (replace(NEW, title="\u200b"), "沈祺", "empty"),
        (replace(NEW, made_on=date(2026, 6, 25)), "沈祺", "dates"),
        (replace(NEW, valid_until=date(2026, 2, 28)), "沈祺", "dates"),
    ],
)
def test_what_makes_no_sense_is_refused(ctx: Context, new: NewAssessment, by: str, code: str) -> None:
    with pytest.raises(ModelError) as error:
        assess(ctx, new, by=by)
    assert (error.value.code, count(ctx, "impact_assessment")) == (code, 0)
