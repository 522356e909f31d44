"""Divisions: the tree, the sample city, and codes that died."""

from __future__ import annotations

from datetime import date

import pytest

from profiles.standards import regions
from profiles.standards.regions import (
    RegionError,
    needs_confirmation,
    parse_region,
    region_states,
    subtree_mask,
    within,
)


def test_every_parent_and_successor_is_in_the_table() -> None:
    table = regions.table()
    assert all(row.parent in table for row in table.values() if row.parent)
    assert all(code in table for row in table.values() for code in row.successors)


def test_the_sample_city_has_thirteen_districts_and_a_zone() -> None:
    inside = [r for r in regions.table().values() if r.parent == "990100" and not r.successors]
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


def test_a_merged_district_is_its_one_successor() -> None:
    assert parse_region("330103") == "330105"
    assert not needs_confirmation("330103")


@pytest.mark.parametrize(("as_of", "code"), [(date(2020, 5, 1), "330110.old"), (date(2022, 5, 1), "330110")])
def test_a_code_kept_by_one_part_is_stale_when_recorded_before_the_split(as_of: date, code: str) -> None:
    assert parse_region("330110", as_of) == code
    assert needs_confirmation(code) == (code != "330110")


@pytest.mark.parametrize("text", ["", "123456", "990199", "99010", "330110.old", "９９０１０１", "云湾区", "0" * 1000])
def test_an_unknown_region_is_an_error(text: str) -> None:
    with pytest.raises(RegionError) as caught:
        parse_region(text)
    assert caught.value.code == "unknown_region"


def test_a_level_nobody_knows_is_unknown_not_outside() -> None:
    assert region_states(["123456"], ["990100"]).tolist() == [-1]


def test_the_same_name_in_two_places_is_two_codes() -> None:
    assert regions.name_of("330106") == "西湖区"
    assert regions.name_of("nowhere") == "nowhere"
