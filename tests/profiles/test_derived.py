"""Computed facts: ages by the calendar, shares, and what is missing for them."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.derived import fact_column, inputs, lacking
from profiles.lifecycle import derive
from tests.profiles.making import TODAY, frame_of

People = list[dict[str, Any]]
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def age(born: date | None, on: date, name: str = "age") -> float:
    return float(fact_column(frame_of([{"birth_date": born}]), name, on).values[0])


def birthday(born: date, year: int) -> date:
    """The day a year is full: the same day, or the month's last."""
    return date(year, born.month, min(born.day, calendar.monthrange(year, born.month)[1]))


def test_a_person_who_turns_60_on_the_day_is_60() -> None:
    born = date(1966, 6, 30)
    assert age(born, date(2026, 6, 30)) == 60
    assert age(born, date(2026, 6, 29)) == 59


@pytest.mark.parametrize(("on", "years"), [(date(2027, 2, 27), 2), (date(2027, 2, 28), 3), (date(2028, 2, 28), 3)])
def test_a_leap_day_child_is_older_at_the_end_of_february(on: date, years: int) -> None:
    assert age(date(2024, 2, 29), on) == years


def test_twins_are_of_one_age_and_their_next_day_sibling_is_not() -> None:
    born = [date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 2)]
    months = fact_column(frame_of([{"birth_date": one} for one in born]), "age_months", date(2026, 6, 1)).values
    assert months.tolist() == [3, 3, 2]


def test_whoever_is_not_born_yet_has_no_age() -> None:
    assert np.isnan(age(TODAY + timedelta(days=1), TODAY))
    assert age(TODAY, TODAY, "age_days") == 0


@given(days, days)
def test_years_are_full_when_the_birthday_has_come(born: date, on: date) -> None:
    if born > on:
        assert np.isnan(age(born, on))
    else:
        assert age(born, on) == on.year - born.year - (on < birthday(born, on.year))


@given(days, days)
def test_twelve_months_are_a_year(born: date, on: date) -> None:
    if born <= on:
        assert age(born, on) == age(born, on, "age_months") // 12


def test_the_share_of_research_is_percent_of_revenue() -> None:
    people: People = [
        {"rd_spend": 4, "revenue": 100},
        {"rd_spend": 4, "revenue": 0},
        {"rd_spend": None, "revenue": 1},
    ]
    values = fact_column(frame_of(people), "rd_ratio", TODAY).values
    assert values[0] == 4
    assert np.isnan(values[1:]).all()


def test_what_a_size_lacks_are_the_indicators_its_industry_asks() -> None:
    people: People = [
        {"industry": "6513", "employees": 5},
        {"industry": None},
        {"industry": "A01"},
        {"industry": "J66"},
    ]
    missing = lacking(frame_of(people), "size", TODAY)
    assert {name: mask.tolist() for name, mask in missing.items()} == {
        "industry": [False, True, False, False],
        "employees": [False, False, False, False],
        "revenue": [True, False, True, False],
        "assets": [False, False, False, False],
        "size": [False, False, False, True],
    }


def three_years(**facts: float | None) -> dict[str, Any]:
    return {f"{name}@{year}": value for name, value in facts.items() for year in (2023, 2024, 2025)}


def test_the_share_of_three_years_is_that_of_their_sums() -> None:
    person = three_years(rd_spend=5, revenue=100) | {"rd_spend@2025": 20}
    assert fact_column(frame_of([person]), "rd_ratio_3y", TODAY).values.tolist() == [10]


def test_a_young_firm_is_judged_by_the_years_it_has() -> None:
    young = three_years(rd_spend=5, revenue=100) | {"rd_spend@2023": None, "revenue@2023": None}
    frame = frame_of([young | {"founded_on": day} for day in (date(2024, 1, 1), date(2023, 12, 31), None)])
    values = fact_column(frame, "rd_ratio_3y", TODAY).values
    assert values[0] == 5
    assert np.isnan(values[1:]).all()
    missing = lacking(frame, "rd_ratio_3y", TODAY)
    assert {name for name, mask in missing.items() if mask.tolist() == [False, True, True]} == {
        "rd_spend@2023",
        "revenue@2023",
    }


def test_what_a_fact_is_computed_from_is_named_and_kept() -> None:
    person = three_years(rd_spend=5, revenue=100) | {"industry": "6513", "employees": 5, "revenue": 90, "assets": 1}
    full = derive(frame_of([{**person, "birth_date": date(2000, 1, 1), "founded_on": date(2020, 1, 1)}]), TODAY)
    for name in ("age", "size", "rd_ratio_3y", "years_since_founded"):
        assert full.column(name).known().all()
        assert all(full.column(part).known().all() for part in inputs(name, TODAY))
    assert inputs("rd_ratio_3y", TODAY)[:2] == ("rd_spend@2023", "rd_spend@2024")
    assert inputs("revenue", TODAY) == ("revenue",)


def test_a_derived_column_is_computed_once_a_day() -> None:
    full = derive(frame_of([{"birth_date": date(2000, 6, 25)}]), TODAY)
    assert fact_column(full, "age", TODAY) is full.columns["age"]
    assert fact_column(full, "age", date(2026, 6, 25)).values.tolist() == [26]
    changed = full.with_columns({"birth_date": frame_of([{"birth_date": date(2001, 1, 1)}]).column("birth_date")})
    assert fact_column(changed, "age", TODAY).values.tolist() == [25]
