"""Working days, and what each answer rests on."""

from __future__ import annotations

from datetime import date, timedelta
from types import MappingProxyType

import chinese_calendar
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.standards.calendar import (
    BASES,
    CalendarError,
    Overrides,
    add_working_days,
    count_working_days,
    is_working_day,
    shift_working_days,
    working_days,
    working_days_between,
)

DAYS = st.dates(date(2003, 1, 1), date(2103, 12, 31))
OVERRIDES = st.dictionaries(st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.booleans(), max_size=30).map(Overrides)
FLOOD = Overrides(MappingProxyType({date(2026, 6, 24): False, date(2026, 6, 27): True}))


@pytest.mark.parametrize(
    ("day", "worked", "basis"),
    [
        (date(2026, 10, 1), False, "announced"),
        (date(2026, 10, 10), True, "announced"),  # a Saturday worked for the holiday
        (date(2026, 10, 11), False, "announced"),
        (date(2026, 12, 31), True, "announced"),
        (date(2027, 1, 1), False, "statutory"),
        (date(2027, 2, 8), False, "statutory"),
        (date(2100, 2, 9), False, "statutory"),
        (date(2101, 1, 3), True, "weekends"),
        (date(2101, 1, 1), False, "weekends"),  # a Saturday
        (date(1949, 10, 3), True, "weekends"),
        (date.min, True, "weekends"),
        (date.max, True, "weekends"),
    ],
)
def test_a_day_and_what_it_rests_on(day: date, worked: bool, basis: str) -> None:
    found, rests = is_working_day(day)
    assert (found, rests.code) == (worked, basis)
    assert rests.provisional == rests.zh.startswith("暂按") == (basis in ("statutory", "weekends"))


def test_every_announced_day_is_as_the_notices_say() -> None:
    days = np.arange("2004-01-01", "2027-01-01", dtype="datetime64[D]")
    worked, rank = working_days(days)
    assert worked.tolist() == [chinese_calendar.is_workday(day) for day in days.tolist()]
    assert {BASES[place].code for place in rank} == {"announced"}


def test_the_operator_has_the_last_word() -> None:
    assert is_working_day(date(2026, 6, 24), FLOOD)[0] is False
    assert is_working_day(date(2026, 6, 27), FLOOD)[0] is True
    assert is_working_day(date(2026, 6, 27), FLOOD)[1].code == "operator"
    assert is_working_day(date(2026, 6, 25), FLOOD)[1].code == "announced"
    assert add_working_days(date(2026, 6, 23), 3, FLOOD)[0] == date(2026, 6, 27)


@pytest.mark.parametrize(
    ("day", "count", "found", "basis"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8), "announced"),
        (date(2026, 10, 1), 1, date(2026, 10, 8), "announced"),
        (date(2026, 9, 30), 5, date(2026, 10, 13), "announced"),
        (date(2026, 10, 1), 0, date(2026, 10, 8), "announced"),
        (date(2026, 10, 8), 0, date(2026, 10, 8), "announced"),
        (date(2026, 10, 8), -1, date(2026, 9, 30), "announced"),
        (date(2026, 10, 5), -1, date(2026, 9, 30), "announced"),
        (date(2026, 12, 31), 1, date(2027, 1, 4), "statutory"),
        (date(2100, 12, 31), 1, date(2101, 1, 3), "weekends"),
    ],
)
def test_the_day_it_begins_on_is_not_counted(day: date, count: int, found: date, basis: str) -> None:
    last, rests = add_working_days(day, count)
    assert (last, rests.code) == (found, basis)


@pytest.mark.parametrize(("day", "count"), [(date.max, 1), (date.min, -1), (date(2026, 1, 1), 10_001)])
def test_days_outside_the_calendar_are_an_error(day: date, count: int) -> None:
    with pytest.raises(CalendarError) as caught:
        add_working_days(day, count)
    assert caught.value.code == "out_of_range"


def test_a_missing_day_is_an_error_and_no_days_are_none() -> None:
    none = np.array([], dtype="datetime64[D]")
    assert [len(part) for part in (*working_days(none), *shift_working_days(none, np.array([], dtype=np.int64)))] == [
        0
    ] * 4
    assert len(count_working_days(none, none)[0]) == 0
    with pytest.raises(CalendarError, match="missing"):
        working_days(np.array(["2026-01-01", "NaT"], dtype="datetime64[D]"))


@given(DAYS, st.integers(-300, 300), OVERRIDES)
def test_adding_lands_on_a_working_day_and_counting_undoes_it(day: date, count: int, overrides: Overrides) -> None:
    last, basis = add_working_days(day, count, overrides)
    assert is_working_day(last, overrides)[0]
    if count:
        assert working_days_between(day, last, overrides) == (count, basis)


@given(DAYS, st.integers(0, 400), OVERRIDES)
def test_a_count_is_the_sum_of_its_days(start: date, length: int, overrides: Overrides) -> None:
    end = start + timedelta(days=length)
    days = np.arange(start, end + timedelta(days=1), dtype="datetime64[D]")
    worked, rank = working_days(days, overrides)
    count, basis = working_days_between(start, end, overrides)
    assert (count, basis) == (worked[1:].sum(), BASES[rank.max()])
    assert -working_days_between(end, start, overrides)[0] == worked[:-1].sum()


@given(st.lists(st.tuples(DAYS, st.integers(-50, 50)), min_size=1, max_size=20), OVERRIDES)
def test_many_at_once_are_as_each_alone(rows: list[tuple[date, int]], overrides: Overrides) -> None:
    days = np.array([day for day, _ in rows], dtype="datetime64[D]")
    counts = np.array([count for _, count in rows])
    found, rank = shift_working_days(days, counts, overrides)
    alone = [add_working_days(day, count, overrides) for day, count in rows]
    assert [(day, BASES[place]) for day, place in zip(found.tolist(), rank, strict=True)] == alone
