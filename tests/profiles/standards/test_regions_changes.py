"""Codes over time: each change on the day before, the day itself, and the day after."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from profiles.standards.regions import Region, needs_confirmation, parse_region, region_states, table, within

DAY = timedelta(days=1)
HANGZHOU = date(2021, 5, 1)  # the change was in April: its month is over
KEPT = [row for row in table().values() if row.code.endswith(".old")]
DEAD = [row for row in table().values() if row.until and row.successors and not row.code.endswith(".old")]


def _after(row: Region) -> date:
    assert row.until is not None
    return row.until


@pytest.mark.parametrize("row", KEPT, ids=lambda row: row.code)
def test_a_kept_code_is_asked_before_its_day_and_itself_from_it_on(row: Region) -> None:
    code, until = row.code.removesuffix(".old"), _after(row)
    assert parse_region(code, until - DAY) == row.code
    assert needs_confirmation(row.code)
    county = table().get(f"{code[:6]}.old") if len(code) == 9 else None
    if county is None or county.until is None or until >= county.until:
        assert [parse_region(code, day) for day in (until, until + DAY)] == [code, code]
    assert parse_region(code) == code
    assert not needs_confirmation(code)


def test_a_dead_code_means_the_same_on_every_day() -> None:
    for row in DEAD:
        until = _after(row)
        found = {parse_region(row.code, day) for day in (None, until - DAY, until, until + DAY)}
        if len(row.code) == 9:  # a street of before its county's change is cut to the county
            found = {parse_region(row.code)}
        sure = len(row.successors) == 1 and not row.ask
        assert found == {row.successors[0] if sure else row.code}
        assert needs_confirmation(row.code) != sure


def test_what_must_be_asked_is_never_surely_in_one_of_its_parts() -> None:
    for row in (row for row in (*KEPT, *DEAD) if needs_confirmation(row.code)):
        parts = [part for part in row.successors if part not in _above(row)]
        assert all(region_states([row.code], [part])[0] == -1 for part in parts)
        assert within(row.code, row.parent)


def _above(row: Region) -> set[str]:
    found, at = set(), row.parent
    while at:
        found.add(at)
        at = table()[at].parent
    return found


@pytest.mark.parametrize("code", ["330102", "330105", "330109", "330110"])
def test_hangzhou_of_april_2021_asks_for_codes_that_were_kept(code: str) -> None:
    for as_of in (date(2020, 5, 1), date(2021, 4, 1), HANGZHOU - DAY):
        assert needs_confirmation(parse_region(code, as_of))
    assert parse_region(code, HANGZHOU) == parse_region(code, HANGZHOU + DAY) == code


def test_hangzhou_districts_that_died() -> None:
    assert parse_region("330103") == parse_region("330103", date(2019, 1, 1)) == "330105"
    assert not needs_confirmation("330103")
    assert table()[parse_region("330104", date(2020, 1, 1))].successors == ("330102", "330114")
    assert needs_confirmation("330104")
    assert parse_region("330185") == "330112"
    assert parse_region("330183") == "330111"


def test_districts_nobody_touched_stay_sure() -> None:
    for code in ("330106", "330108", "330111", "330112", "330122", "330127", "330182"):
        assert parse_region(code, HANGZHOU - DAY) == code
        assert not needs_confirmation(code)


def test_a_county_that_died_before_a_later_split_is_asked_with_all_it_may_be() -> None:
    assert table()["330184"].successors == ("330110", "330113")
    assert needs_confirmation(parse_region("330184", date(1999, 1, 1)))


def test_a_street_of_before_its_countys_change_is_cut_to_the_county() -> None:
    assert parse_region("330110012", HANGZHOU - DAY) == "330110.old"
    assert parse_region("330106011", date(2024, 10, 1)) == "330106011"


def test_where_two_books_give_one_street_code_to_two_streets_the_day_decides() -> None:
    assert parse_region("330106011", date(2024, 9, 30)) == "330106011.old"
    assert table()["330106011.old"].successors == ("330106011", "330106012")
    assert within("330106011.old", "330106")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("310103", "310101"),
        ("310108", "310106"),
        ("310119", "310115"),
        ("110104", "110102"),
        ("320502", "320508"),
        ("350402", "350404"),
        ("540422", "540481"),
        ("431121", "431181"),
        ("339002", "330481"),
        ("330204", "330212"),
    ],
)
def test_a_code_whose_whole_territory_went_to_one_is_mapped(old: str, new: str) -> None:
    assert parse_region(old) == new


@pytest.mark.parametrize("code", ["500112", "130521", "341400", "371200", "330621", "330721", "330327.old", "450104"])
def test_a_split_or_doubtful_code_is_asked(code: str) -> None:
    assert needs_confirmation(code)


@pytest.mark.parametrize("as_of", [date(2020, 5, 1), None, date(2022, 5, 1)])
def test_a_code_kept_by_one_part_is_stale_when_recorded_before_the_split(as_of: date | None) -> None:
    stale = as_of is not None and as_of < HANGZHOU
    assert parse_region("330110", as_of) == ("330110.old" if stale else "330110")
