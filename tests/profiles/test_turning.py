"""Ages reached and certificates about to lapse, found over columns for the days handed in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.building import build_frame, certificates_of
from profiles.derived import months_between
from profiles.turning import LAPSING_STEPS, about_to_lapse, ages_asked, ages_reached, birthday

DAYS = st.dates(date(1900, 1, 1), date(2026, 1, 1))


def reached(born: date | None, ages: list[int], since: date, until: date) -> list[tuple[int, date]]:
    column = build_frame([1], {"birth_date": [born]}).column("birth_date")
    return [(age, on) for _, age, on in ages_reached(column, ages, since=since, until=until)]


def test_an_age_is_reached_on_the_birthday_and_not_before() -> None:
    born, day = date(1966, 6, 24), date(2026, 6, 24)
    assert reached(born, [60, 65], day - timedelta(days=1), day) == [(60, day)]
    assert reached(born, [60, 65], day, day + timedelta(days=1)) == []
    assert reached(born, [60, 65], day - timedelta(days=2), day - timedelta(days=1)) == []


def test_who_was_born_on_29_february_reaches_it_on_the_28th_in_a_common_year() -> None:
    assert birthday(date(1964, 2, 29), 60) == date(2024, 2, 29)
    assert reached(date(1960, 2, 29), [66], date(2026, 2, 27), date(2026, 2, 28)) == [(66, date(2026, 2, 28))]


def test_nobody_without_a_birthday_reaches_anything() -> None:
    assert reached(None, [60], date(2026, 1, 1), date(2026, 12, 31)) == []


@given(DAYS, st.integers(0, 100), st.integers(1, 400))
def test_each_age_is_reached_in_exactly_one_of_two_neighbouring_spans(born: date, age: int, length: int) -> None:
    day = birthday(born, age)
    spans = [(day - timedelta(days=length), day - timedelta(days=1)), (day - timedelta(days=1), day)]
    assert [[a for a, _ in reached(born, [age], *span)] for span in spans] == [[], [age]]
    column = build_frame([1], {"birth_date": [born]}).column("birth_date")
    assert months_between(column, day)[0] == age * 12


def lapsing(*papers: tuple[str, date, date | None], since: date, until: date, days: int = 90) -> list[tuple[str, date]]:
    nested = certificates_of([list(papers)])
    return [(key, start) for _, key, start in about_to_lapse(nested, days, since=since, until=until)]


@pytest.mark.parametrize("days", LAPSING_STEPS)
def test_a_certificate_is_about_to_lapse_some_days_before_its_last_day(days: int) -> None:
    last = date(2026, 12, 31)
    paper, day = ("national_hnte", date(2024, 1, 1), last), last - timedelta(days=days)
    assert lapsing(paper, since=day - timedelta(days=1), until=day, days=days) == [("national_hnte", date(2024, 1, 1))]
    assert lapsing(paper, since=day, until=day + timedelta(days=1), days=days) == []
    assert lapsing(paper, since=day - timedelta(days=2), until=day - timedelta(days=1), days=days) == []


def test_after_a_long_pause_what_lapsed_meanwhile_is_no_news() -> None:
    start, until = date(2024, 1, 1), date(2026, 6, 30)
    papers = [("tech_sme", start, until - timedelta(days=1)), ("national_hnte", start, until)]
    assert lapsing(*papers, since=until - timedelta(days=92), until=until, days=30) == [("national_hnte", start)]


@pytest.mark.parametrize("end", [date(2029, 12, 31), None])
def test_a_certificate_that_was_renewed_does_not_lapse(end: date | None) -> None:
    old, new = ("tech_sme", date(2025, 1, 1), date(2026, 9, 1)), ("tech_sme", date(2026, 5, 1), end)
    assert lapsing(old, new, since=date(2026, 1, 1), until=date(2026, 8, 1)) == []


def test_the_ages_that_matter_are_those_that_trees_ask_for() -> None:
    trees = [
        {"all": [{"fact": "age", "ge": 60}, {"not": {"fact": "age", "gt": 79}}]},
        {"any_dependant": {"all": [{"fact": "age", "ge": 3}, {"fact": "age", "lt": 6}]}},
        {"any": [{"fact": "age", "in": [18]}, {"fact": "age", "le": 44.5}, {"fact": "revenue", "ge": 7}]},
        None,
    ]
    assert ages_asked(trees) == ([18, 45, 60, 80], [3, 6])
