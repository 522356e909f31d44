"""Every bound: the value itself, the nearest on either side; the first and last day, ends of months, 29 February."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.criteria import decide, parse, prove, say
from tests.profiles.criteria.reference_figures import month_later, months_from
from tests.profiles.making import TODAY, frame_of

DAY = timedelta(days=1)
days = st.dates(date(1950, 1, 1), date(2100, 12, 31))
HELD = {"qualification": "tech_sme"}


def state(tree: Any, on: date = TODAY, **facts: Any) -> int:
    return int(decide(parse(tree), frame_of([facts]), on=on).state[0])


def paper(*rows: tuple[date | None, date | None]) -> list[tuple[str, date | None, date | None]]:
    return [("tech_sme", start, end) for start, end in rows]


@given(days, st.integers(1, 300))
def test_months_are_full_on_the_same_day_or_the_months_last(start: date, months: int) -> None:
    tree = {"measure": {"months_since": "resident_since"}, "ge": months}
    full = month_later(start, months)
    assert state(tree, full, resident_since=start) == 1
    assert state(tree, full - DAY, resident_since=start) == 0


@pytest.mark.parametrize(
    ("start", "on", "months"),
    [
        (date(2024, 2, 29), date(2025, 2, 27), 11),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2024, 2, 29), date(2028, 2, 28), 47),
        (date(2024, 2, 29), date(2028, 2, 29), 48),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2026, 1, 30), date(2026, 2, 28), 1),
        (date(2026, 3, 31), date(2026, 4, 30), 1),
        (date(2026, 4, 30), date(2026, 5, 30), 1),
        (date(2026, 4, 30), date(2026, 5, 29), 0),
        (date(2026, 6, 25), date(2026, 6, 24), -1),
    ],
)
def test_the_ends_of_months(start: date, on: date, months: int) -> None:
    assert state({"measure": {"months_since": "resident_since"}, "eq": months}, on, resident_since=start) == 1


@given(days, days)
def test_days_since_and_until_mirror_each_other(then: date, on: date) -> None:
    gap = (on - then).days
    assert state({"measure": {"days_since": "activity_to"}, "eq": gap}, on, activity_to=then) == 1
    assert state({"measure": {"days_until": "activity_to"}, "eq": -gap}, on, activity_to=then) == 1


@given(days, st.integers(0, 3000))
def test_a_certificate_holds_on_its_first_and_last_day(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    found = [state(HELD, on, qualifications=paper((start, end))) for on in (start - DAY, start, end, end + DAY)]
    assert found == [0, 1, 1, 0]


@given(days, st.integers(1, 60), st.integers(-3, 3))
def test_a_certificate_is_held_so_many_months_without_a_gap(start: date, months: int, gap: int) -> None:
    """`gap`: days between the end of the first certificate and the start of its renewal; below 0 they overlap."""
    renewed = start + timedelta(days=40)
    rows = paper((start, renewed - timedelta(days=gap + 1)), (renewed, None))
    since = start if gap <= 0 else renewed
    full = max(month_later(since, months), renewed)
    tree = {**HELD, "held_months": months}
    assert state(tree, full, qualifications=rows) == int(months_from(since, full) >= months)
    if full - DAY >= renewed:
        assert state(tree, full - DAY, qualifications=rows) == int(months_from(since, full - DAY) >= months)


@given(days, st.integers(0, 400))
def test_a_certificate_lapses_within_the_days_the_last_included(end: date, within: int) -> None:
    tree, rows = {**HELD, "lapses_within": within}, paper((date(1940, 1, 1), end))
    first = end - timedelta(days=within)
    assert [state(tree, on, qualifications=rows) for on in (first - DAY, first, end, end + DAY)] == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("rows", "state_"),
    [
        ([(date(2024, 1, 1), date(2026, 7, 1)), (date(2026, 7, 2), date(2029, 7, 1))], 0),  # already renewed
        ([(date(2024, 1, 1), date(2026, 7, 1)), (date(2026, 7, 3), date(2029, 7, 1))], 1),
        ([(date(2024, 1, 1), None)], 0),
        ([(None, date(2026, 7, 1))], 1),
    ],
)
def test_a_certificate_that_is_renewed_or_open_does_not_lapse(rows: Any, state_: int) -> None:
    assert state({**HELD, "lapses_within": 30}, qualifications=paper(*rows)) == state_


def test_of_whom_no_register_spoke_a_certificate_is_unknown_but_not_of_a_resident() -> None:
    assert state(HELD, kind="enterprise") == -1
    assert state(HELD, kind="enterprise", qualifications_listed_on=TODAY) == 0
    assert state(HELD, kind="citizen") == 0
    assert state(HELD, kind="enterprise", qualifications=[("champion", None, None)]) == -1


@given(days, days, days)
def test_a_window_holds_from_its_first_to_its_last_day(start: date, end: date, on: date) -> None:
    tree = {"during": {"from": start.isoformat(), "to": end.isoformat()}}
    assert state(tree, on) == int(start <= on <= end)


@given(st.integers(1, 10_000), st.integers(1, 99))
def test_a_share_at_its_bound_is_reached_whatever_binary_makes_of_it(cents: int, percent: int) -> None:
    whole, part = cents / 100, cents * percent / 10_000
    share = {"percent": [{"fact": "rd_spend"}, {"fact": "revenue"}]}
    facts = {"rd_spend": part, "revenue": whole}
    assert [state({"measure": share, op: percent}, **facts) for op in ("ge", "gt", "le", "lt", "eq")] == [1, 0, 1, 0, 1]
    assert state({"fact": "rd_ratio", "ge": percent}, **facts) == 1
    assert state({"measure": share, "ge": percent}, rd_spend=part - 0.0001, revenue=whole) == 0


@pytest.mark.parametrize(
    ("revenue", "spend", "found"),
    [
        (3000, 150, 1),
        (3000, 149, 0),
        (3000.01, 149, 1),
        (9999, 400, 1),
        (10_000, 400, 1),  # below: the bound belongs to the next row
        (10_000, 300, 1),
        (None, 150, -1),
        (3000, None, -1),
    ],
)
def test_the_first_row_whose_bound_holds_decides(revenue: float | None, spend: float | None, found: int) -> None:
    tree = {
        "tiers": [{"up_to": 3000, "ge": 150}, {"below": 10_000, "ge": 130}, {"ge": 300}],
        "by": {"fact": "revenue"},
        "of": {"fact": "rd_spend"},
    }
    assert state(tree, kind="enterprise", revenue=revenue, rd_spend=spend) == found


def test_where_the_row_is_unknown_what_all_rows_say_holds() -> None:
    tree = {"tiers": [{"up_to": 3, "ge": 5}, {"ge": 3}], "by": {"fact": "revenue"}, "of": {"fact": "rd_spend"}}
    assert [state(tree, rd_spend=spend) for spend in (5, 4, 3, 2)] == [1, -1, -1, 0]


@pytest.mark.parametrize("year", [-1, 2025])
def test_a_yearly_fact_is_asked_of_its_year_and_missing_by_it(year: int) -> None:
    tree = {"fact": "revenue", "ge": 100, "year": year}
    held: list[dict[str, Any]] = [{"revenue@2025": 100}, {"revenue@2025": 99, "revenue": 500}, {"revenue": 500}]
    found = decide(parse(tree), frame_of(held), on=TODAY)
    assert (found.state.tolist(), found.missing) == ([1, 0, -1], {"revenue@2025": 1})
    clause = prove(parse(tree), frame_of(held), 2, on=TODAY)[0]
    assert say(clause, "zh") == "可能符合:补充1项信息即可判断(2025年营业收入)"
    assert say(clause, "en") == "Possibly: 1 fact would tell (revenue of 2025)"


def test_the_year_before_is_that_before_the_asked_day() -> None:
    tree = {"fact": "revenue", "ge": 100, "year": -1, "on": "2026-01-01"}
    assert state(tree, date(2026, 12, 31), **{"revenue@2025": 100}) == 1
    assert state({**tree, "on": "2025-12-31"}, **{"revenue@2024": 100, "revenue@2025": 0}) == 1


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 8), st.sampled_from(["ge", "gt", "le", "lt", "eq", "ne"]))
def test_a_count_is_known_once_no_unknown_member_could_change_it(yes: int, open_: int, asked: int, op: str) -> None:
    child, stranger = (date(2020, 1, 1), None), (None, None)
    tree = {"count_dependants": {"fact": "age", "lt": 18}, op: asked}
    answers = {
        state(tree, dependants=[child] * (yes + more) + [(date(1980, 1, 1), None)] * (open_ - more))
        for more in range(open_ + 1)
    }
    expected = answers.pop() if len(answers) == 1 else -1
    assert state(tree, kind="citizen", dependants=[child] * yes + [stranger] * open_) == expected


@pytest.mark.parametrize("op", ["ge", "gt", "le", "lt", "eq", "ne"])
def test_levels_are_compared_from_the_least_to_the_most(op: str) -> None:
    held = [state({"fact": "school_level", op: "bachelor"}, school_level=level) for level in ("college", "bachelor")]
    above = state({"fact": "school_level", op: "bachelor"}, school_level="doctor")
    expected = {"ge": [0, 1, 1], "gt": [0, 0, 1], "le": [1, 1, 0], "lt": [1, 0, 0], "eq": [0, 1, 0], "ne": [1, 0, 1]}
    assert [*held, above] == expected[op]


def test_what_nobody_told_of_benefits_is_unknown_and_an_empty_list_is_none() -> None:
    tree = {"excludes": ["低保"]}
    assert [state(tree, benefits=held) for held in (None, [], ["低保"], ["公租房"])] == [-1, 1, 0, 1]
