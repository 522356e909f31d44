"""Each member of the edge cast stands on the boundary it was made for."""

from __future__ import annotations

import pytest

from tests.sample.conftest import City

# policy, profile, what the criteria say
TABLE = [
    ("p04-renewal-guide", "edge-expired-hightech", 0),
    ("p01-rd-subsidy", "edge-expired-hightech", 0),
    ("p04-renewal-guide", "demo-enterprise", 1),
    ("p04-renewal-guide", "edge-branch", 0),
    ("p01-rd-subsidy", "edge-repaired-dishonesty", 1),
    ("p02-rd-window", "edge-repaired-dishonesty", 1),
    ("p01-rd-subsidy", "edge-cancelled-firm", 0),
    ("p03-first-software", "edge-headquarters", 1),
    ("p03-first-software", "edge-branch", 0),
    ("p06-stable-jobs", "edge-firm-1", 1),
    ("p06-stable-jobs", "edge-firm-2", 1),
    ("p06-stable-jobs", "edge-firm-3", 1),
    ("p07-talent-housing", "edge-recycled-phone-a", 1),
    ("p07-talent-housing", "edge-recycled-phone-b", 1),
    ("p08-newborn-care", "edge-twins", 1),
    ("p09-newborn-joint", "edge-twins", 1),
    ("p11-elder-checkup", "auntie-wang", 1),
    ("p10-elder-allowance", "auntie-wang", 0),
    ("p12-home-refit", "edge-sixty-on-deadline", 1),
    ("p17-red-rain", "newborn-family", 1),
]
_CERTIFIED = "'qualification': 'national_hnte', 'on': 'deadline'"


@pytest.mark.parametrize(("policy", "profile", "state"), TABLE)
def test_the_cast_is_decided_as_the_table_says(city: City, policy: str, profile: str, state: int):
    assert city.decide(policy, profile) == state


def test_who_turns_60_on_the_deadline_is_not_yet_60_today(city: City):
    assert city.decide("p12-home-refit", "edge-sixty-on-deadline", on_deadline=False) == 0


def test_a_family_without_a_child_in_the_register_does_not_match_yet(city: City):
    assert city.decide("p08-newborn-care", "newborn-family") != 1


def test_an_expired_certificate_is_not_valid_where_one_is_asked_for(city: City):
    lapsed = next(one for one in city.records["edge-expired-hightech"].qualifications if one.key == "national_hnte")
    assert lapsed.valid_until < city.files.on
    closes = {ref: p["window_closes"] for ref, p in city.policies.items() if _CERTIFIED in str(p["criteria"])}
    late = {ref for ref, day in closes.items() if day > lapsed.valid_until.isoformat()}
    assert late
    assert {city.decide(ref, "edge-expired-hightech") for ref in late} == {0}
    assert 1 in {city.decide(ref, "edge-expired-hightech") for ref in closes.keys() - late}  # while it still held


def test_the_firm_that_moved_in_mid_year_is_new_here(city: City):
    asking = [
        ref for ref, p in city.policies.items() if "moved_in_on" in str(p["criteria"]) and p["date_published"] >= "2026"
    ]
    assert {city.decide(ref, "edge-moved-in-midyear") for ref in asking} == {1}


def test_the_recycled_number_stands_with_both(city: City):
    a, b = (city.records[f"edge-recycled-phone-{who}"].addresses for who in "ab")
    assert a == b


def test_twins_are_two_children_of_one_day(city: City):
    first, second = city.records["edge-twins"].dependants
    assert first.ref != second.ref
    assert first.birth_date == second.birth_date


def test_one_person_has_three_firms(city: City):
    firms = [r.ref for r in city.records.values() if ("edge-three-firms", "admin") in r.members]
    assert firms == ["edge-firm-1", "edge-firm-2", "edge-firm-3"]


def test_a_birth_in_the_family_meets_four_policies_in_force(city: City):
    of_births = [
        p
        for p in city.policies.values()
        if "any_dependant" in str(p["criteria"]) and p["valid_to"] >= str(city.files.on)
    ]
    newborn = [p["ref"] for p in of_births if city.decide(p["ref"], "edge-twins") == 1]
    assert len(newborn) >= 4
