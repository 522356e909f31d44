"""Divisions: the tree, the sample city, parsing, and membership in subtrees."""

from __future__ import annotations

import csv
import pickle
import time
from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.errors import ProfilesError
from profiles.standards import regions
from profiles.standards.regions import (
    RegionError,
    lineage,
    needs_confirmation,
    parse_region,
    region_states,
    subtree_mask,
    table,
    within,
)
from tests.shared import shared_file

CODES = sorted(table())


def _states_one_by_one(level: str, asked: list[str]) -> int:
    """The meaning of region_states, place by place, without anything prepared."""
    region = table().get(level)
    if region is None:
        return -1
    states = {_place(place, asked) for place in region.successors or (level,)}
    if len(states) > 1:
        return -1
    sure = any(one in lineage(region.parent) for one in asked)
    return -1 if region.ask and states == {1} and not sure else states.pop()


def _place(place: str, asked: list[str]) -> int:
    if any(one in lineage(place) for one in asked):
        return 1
    divisions = [one for one in asked if one in table() and table()[one].level != "zone"]
    zones = [table()[one] for one in asked if one in table() and table()[one].level == "zone"]
    if any(place in lineage(one) for one in asked):
        return -1
    if table()[place].level == "zone":
        return -1 if any(table()[place].parent in lineage(one) for one in divisions) else 0
    return -1 if any(zone.parent in lineage(place) for zone in zones) else 0


def test_every_parent_and_successor_is_in_the_table() -> None:
    assert all(row.parent in table() for row in table().values() if row.parent)
    assert all(code in table() for row in table().values() for code in row.successors)


def test_no_successor_is_itself_stale() -> None:
    ends = {code for row in table().values() for code in row.successors}
    assert not [code for code in ends if table()[code].until or needs_confirmation(code)]


def test_the_whole_country_is_there_to_county_level() -> None:
    today = [row for row in table().values() if not row.until and not row.code.startswith("99")]
    levels = Counter(row.level for row in today if not row.successors)
    assert (levels["nation"], levels["province"], levels["city"], levels["county"]) == (1, 34, 333, 2847)
    assert levels["street"] > 1300


def test_every_level_hangs_under_a_wider_one() -> None:
    order = ("nation", "province", "city", "county", "street")
    for row in table().values():
        if row.parent and row.level != "zone" and not row.until and not row.successors:
            assert order.index(table()[row.parent].level) < order.index(row.level), row


def test_zhejiang_is_the_same_as_in_the_table_beside_the_project() -> None:
    for row in _beside("standards/regions_zhejiang.csv"):
        held = table()[row["code"]]
        assert (held.level, held.parent or "", held.name) == (row["level"], row["parent"] or "000000", row["name"])


def test_every_street_code_beside_the_project_is_read() -> None:
    for row in _beside("standards/regions_zhejiang_townships.csv"):
        for code in filter(None, (row["mca_code12"], row["nbs_code9"])):
            assert within(parse_region(code), row["county_code"])


def test_the_sample_city_has_thirteen_districts_and_a_zone() -> None:
    inside = [r for r in table().values() if r.parent == "990100" and not r.successors]
    assert [r.level for r in inside].count("county") == 13
    assert [r.level for r in inside].count("zone") == 1


def test_a_district_lies_within_its_city_province_and_the_nation() -> None:
    assert all(within("990101", ancestor) for ancestor in ("990101", "990100", "990000", "000000"))
    assert not within("990100", "990101")
    assert not within("330106", "990100")


def test_a_split_district_needs_confirmation_but_its_city_is_sure() -> None:
    assert needs_confirmation("990114")
    assert region_states(["990114"], ["990102"]).tolist() == [-1]
    assert region_states(["990114"], ["990102", "990103"]).tolist() == [1]
    assert region_states(["990114"], ["990104"]).tolist() == [0]
    assert subtree_mask(["990114"], ["990100"]).tolist() == [True]


def test_a_place_known_only_as_the_city_may_lie_in_a_district() -> None:
    assert region_states(["990100", "330100"], ["990101"]).tolist() == [-1, 0]


def test_a_zone_is_a_scope_beside_the_divisions() -> None:
    assert table()["330171"].level == "zone"
    assert within("330171", "330100")
    assert region_states(["330171", "330106", "330106011", "330203"], ["330171"]).tolist() == [1, -1, -1, 0]
    assert region_states(["330171", "330175", "330203"], ["330106"]).tolist() == [-1, 0, 0]
    assert region_states(["330100", "330109", "330109001", "330106"], ["330175"]).tolist() == [-1, -1, -1, 0]


def test_every_code_is_placed_in_a_moment() -> None:
    region_states(CODES, ["330100"])
    began = time.process_time()
    region_states(CODES, ["330100", "330171"])
    assert time.process_time() - began < 0.1  # some 10 ms where nothing else runs


def test_a_level_nobody_knows_is_unknown_not_outside() -> None:
    assert region_states(["123456"], ["990100"]).tolist() == [-1]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(CODES) | st.just("123456"), max_size=30),
    st.lists(st.sampled_from(CODES), max_size=5),
)
def test_states_over_levels_are_those_found_one_by_one(levels: list[str], asked: list[str]) -> None:
    expected = [_states_one_by_one(level, asked) for level in levels]
    assert region_states(levels, asked).tolist() == expected
    assert subtree_mask(levels, asked).tolist() == [state == 1 for state in expected]


def test_states_of_one_city_over_every_code_are_those_found_one_by_one() -> None:
    for asked in (["330100"], ["330105"], ["330171", "330203"], ["330106011"], ["000000"], []):
        assert region_states(CODES, asked).tolist() == [_states_one_by_one(code, asked) for code in CODES]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("330106", "330106"),
        (" 330106000 ", "330106"),
        ("330106000000", "330106"),
        ("330106011000", "330106011"),
        ("330106011002", "330106011"),
        ("310104003", "310104"),
        ("330104001", "330104"),
        ("330103001", "330105"),
        ("330101", "330100"),
        ("110100", "110000"),
        ("419000", "410000"),
        ("500200", "500000"),
        ("330000000000", "330000"),
    ],
)
def test_a_code_of_six_nine_or_twelve_digits_is_read(text: str, code: str) -> None:
    assert parse_region(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123456",
        "990199",
        "99010",
        "330110.old",
        "９９０１０１",
        "云湾区",
        "0" * 1000,
        "330106999",
        "990101001",
        "33",
        "3301",
    ],
)
def test_an_unknown_region_is_an_error(text: str) -> None:
    with pytest.raises(RegionError) as caught:
        parse_region(text)
    assert caught.value.code == "unknown_region"


def test_an_error_keeps_its_candidates_between_processes() -> None:
    error = RegionError("ambiguous_region", "", "two", ("330106", "360103"))
    assert pickle.loads(pickle.dumps(error)).candidates == ("330106", "360103")


def test_names_are_those_of_the_table_or_the_code() -> None:
    assert regions.name_of("330106") == "西湖区"
    assert regions.name_of("nowhere") == "nowhere"


@settings(max_examples=1_000, deadline=None)
@given(st.sampled_from(CODES), st.sampled_from(["", "000", "001", "000000", "011000"]), st.none() | st.dates())
def test_every_code_longer_or_shorter_on_any_day_is_known_or_an_error(code: str, tail: str, as_of: date | None) -> None:
    found = _read(code + tail, as_of)
    assert found == "unknown_region" or regions.known(found)


def _read(text: str, as_of: date | None) -> str:
    try:
        return parse_region(text, as_of)
    except ProfilesError as exc:
        return exc.code


def _beside(name: str) -> list[dict[str, str]]:
    path = shared_file(name)
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) if path else []
