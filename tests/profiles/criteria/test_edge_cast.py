"""The awkward people every rule meets sooner or later, each against the criteria they are awkward for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from profiles.criteria import decide, parse, prove, say
from tests.profiles.making import TODAY, frame_of

RESEARCH: dict[str, Any] = {
    "all": [
        {"fact": "kind", "in": ["enterprise", "cooperative"], "clause": "2"},
        {"fact": "size", "in": ["medium", "small", "micro"], "clause": "3"},
        {"fact": "industry", "in_industry": ["I65", "M73"], "clause": "4"},
        {"fact": "rd_spend", "ge": 100, "clause": "5"},
        {"fact": "rd_ratio", "ge": 4, "clause": "6"},
        {"not": {"fact": "dishonest", "eq": True, "clause": "7"}},
        {"fact": "legal_status", "eq": "active", "clause": "8"},
        {"fact": "is_branch", "eq": False, "clause": "9"},
    ]
}
FIRM: dict[str, Any] = {
    "kind": "enterprise",
    "industry": "6513",
    "employees": 40,
    "revenue": 2500,
    "rd_spend": 100,
    "dishonest": False,
    "legal_status": "active",
    "is_branch": False,
    "region": "990101",
}


def answer(tree: Any, person: dict[str, Any], **days: date) -> int:
    return int(decide(parse(tree), frame_of([person]), **{"on": TODAY, **days}).state[0])


def test_the_firm_itself_fits_at_every_bound() -> None:
    assert answer(RESEARCH, FIRM) == 1


@pytest.mark.parametrize(
    ("change", "state", "clause"),
    [
        ({"dishonest": True}, 0, "第7条"),
        ({"legal_status": "cancelled"}, 0, "第8条"),
        ({"is_branch": True}, 0, "第9条"),
        ({"rd_spend": 99.99}, 0, "第5条"),
        ({"revenue": 2500.01}, 0, "第6条"),
        ({"industry": "I64"}, 0, "第4条"),
        ({"industry": "I"}, -1, "企业规模"),
        ({"employees": 300, "revenue": 10000, "rd_spend": 400}, 0, "第3条"),
        ({"kind": "self_employed"}, 0, "第2条"),
        ({"dishonest": None}, -1, "失信记录"),
        ({"revenue": None}, -1, "营业收入"),
    ],
)
def test_each_change_is_told_by_its_clause(change: dict[str, Any], state: int, clause: str) -> None:
    person = {**FIRM, **change}
    assert answer(RESEARCH, person) == state
    said = [say(one) for one in prove(parse(RESEARCH), frame_of([person]), 0, on=TODAY) if one.state == state]
    assert any(clause in sentence for sentence in said), said


def test_a_listing_repaired_yesterday_no_longer_counts() -> None:
    listed, repaired = {**FIRM, "dishonest": True}, {**FIRM, "dishonest": False}
    assert (answer(RESEARCH, listed), answer(RESEARCH, repaired)) == (0, 1)


def test_a_firm_that_moved_in_mid_year_is_asked_by_its_day() -> None:
    tree = {"fact": "moved_in_on", "on_or_before": "2026-01-01"}
    assert answer(tree, {**FIRM, "moved_in_on": date(2026, 1, 1)}) == 1
    assert answer(tree, {**FIRM, "moved_in_on": date(2026, 4, 15)}) == 0


def test_a_year_in_business_is_full_on_its_anniversary() -> None:
    tree = {"all": [{"fact": "kind", "eq": "self_employed"}, {"fact": "years_since_founded", "ge": 1}]}
    shop = {"kind": "self_employed", "founded_on": date(2025, 6, 25)}
    assert answer(tree, shop) == 0
    assert answer(tree, shop, on=date(2026, 6, 25)) == 1


@pytest.mark.parametrize(("until", "state"), [(date(2026, 6, 23), 0), (date(2026, 6, 24), 1), (None, -1)])
def test_an_expired_certificate_fails_and_an_unknown_one_is_asked_for(until: date | None, state: int) -> None:
    papers = [("national_hnte", date(2020, 6, 24), until)] if until else []
    assert answer({"qualification": "national_hnte"}, {**FIRM, "qualifications": papers}) == state


@pytest.mark.parametrize(("born", "state"), [(date(2023, 6, 25), 1), (date(2023, 6, 24), 0), (date(2026, 6, 24), 1)])
def test_a_child_is_under_three_until_the_birthday(born: date, state: int) -> None:
    tree = {"any_dependant": {"fact": "age", "lt": 3}}
    assert answer(tree, {"kind": "citizen", "dependants": [(born, "990101")]}) == state


@pytest.mark.parametrize(
    "tree", [{"fact": "age", "ge": 60, "on": "deadline"}, {"fact": "age", "ge": 60, "on": "2026-07-01"}]
)
def test_sixty_on_the_last_day_is_sixty(tree: Any) -> None:
    last = date(2026, 7, 1)
    ages = [answer(tree, {"kind": "citizen", "birth_date": date(1966, 7, day)}, deadline=last) for day in (1, 2)]
    assert ages == [1, 0]


def test_a_person_in_a_split_district_is_asked_for_the_region_only_where_it_matters() -> None:
    person = {"kind": "citizen", "region": "990114"}
    city, district = ({"fact": "region", "in_region": [code]} for code in ("990100", "990103"))
    assert (answer(city, person), answer(district, person)) == (1, -1)


def test_hardship_without_its_own_consent_is_unknown_never_no() -> None:
    tree = {"all": [{"fact": "age", "ge": 60}, {"fact": "hardship", "eq": True}]}
    found = decide(parse(tree), frame_of([{"kind": "citizen", "birth_date": date(1950, 1, 1)}]), on=TODAY)
    assert (found.state.tolist(), found.missing) == ([-1], {"hardship": 1})


def test_a_consultation_draft_is_matched_with_nobody() -> None:
    assert decide(None, frame_of([FIRM]), on=TODAY).missing == {}
