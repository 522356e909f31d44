"""Profile rows: good ones become records, bad ones are reported with line, column, code and sentence."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.records import (
    COLUMNS,
    ProfileRecord,
    RowError,
    parse_profile,
    parse_subscription,
    read_profiles,
    read_subscriptions,
)

BASE = {"ref": "c1", "kind": "citizen", "as_of": "2026-06-24"}


def record(**cells: Any) -> ProfileRecord:
    found = parse_profile({**BASE, **cells}, 2)
    assert isinstance(found, ProfileRecord), found
    return found


def codes(**cells: Any) -> list[tuple[str, str]]:
    found = parse_profile({**BASE, **cells}, 7)
    assert isinstance(found, list)
    assert all(error.line == 7 and error.sentence for error in found)
    return [(error.column, error.code) for error in found]


def test_a_whole_row_is_read() -> None:
    found = record(
        name="张三",
        region="990101",
        birth_date="1966年6月30日",
        owns_home="否",
        insurance_months="１２",
        interests="租房| 养老 |租房",
        phone="１３８００１３０２１７",
        email="a@x.cn",
        consents="notify:sms|recommend:any",
        personalised="no",
        dependants="b1@2026-03-01@990101|b2@2026-03-01@",
        members="c2:admin|c:3:member",
        hardship="yes",
        source="社保局",
    )
    assert found.facts == {
        "region": "990101",
        "birth_date": date(1966, 6, 30),
        "insurance_months": 12.0,
        "owns_home": False,
    }
    assert found.sensitive == {"hardship": True}
    assert found.interests == ("租房", "养老")
    assert [a.channel for a in found.addresses] == ["sms", "email"]
    assert found.consents == (("notify", "sms"), ("recommend", "any"))
    assert found.personalised is False
    assert [(d.ref, d.household_region) for d in found.dependants] == [("b1", "990101"), ("b2", None)]
    assert found.members == (("c2", "admin"), ("c:3", "member"))
    assert (found.source, found.as_of) == ("社保局", date(2026, 6, 24))


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("ref", "", "missing"),
        ("ref", "a b", "bad_ref"),
        ("kind", "person", "unknown_level"),
        ("region", "990199", "unknown_region"),
        ("birth_date", "1966-02-30", "not_date"),
        ("birth_date", "30/06/1966", "not_date"),
        ("birth_date", "2026-06-25", "future"),
        ("birth_date", "0001-01-01", "out_of_range"),
        ("insurance_months", "12个月", "not_number"),
        ("insurance_months", "1e400", "not_number"),
        ("insurance_months", "1.5", "not_whole"),
        ("insurance_months", "-1", "out_of_range"),
        ("owns_home", "maybe", "not_flag"),
        ("sex", "x", "unknown_level"),
        ("revenue", "5", "not_for_kind"),
        ("phone", "010-62345678", "not_mobile"),
        ("email", "nobody", "bad_email"),
        ("app_token", "x", "bad_token"),
        ("zone", "Asia/Atlantis", "unknown_zone"),
        ("zone", "../etc/passwd", "unknown_zone"),
        ("locale", "fr", "unknown_level"),
        ("interests", "残疾人", "sensitive_tag"),
        ("interests", "x" * 41, "too_long"),
        ("consents", "notify:fax", "unknown_level"),
        ("consents", "notify", "unknown_level"),
        ("dependants", "b@2026-03-01@990101@x", "bad_dependant"),
        ("dependants", "b@2026-03-01|b@2026-03-02", "twice"),
        ("members", "c2:boss", "unknown_level"),
        ("name", "a\x07b", "control_character"),
        ("as_of", "yesterday", "not_date"),
        ("shoe_size", "42", "unknown_column"),
    ],
)
def test_a_bad_cell_is_reported(column: str, text: str, code: str) -> None:
    assert (column, code) in codes(**{column: text})


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    assert len(codes(region="x", phone="y", sex="z")) == 3


def test_a_stale_district_is_kept_for_the_person_to_confirm() -> None:
    assert record(region="990114").facts["region"] == "990114"
    assert record(region="330110", as_of="2020-05-01").facts["region"] == "330110.old"
    assert record(region="330103").facts["region"] == "330105"


@pytest.mark.parametrize("text", ["I6513", "6513", "ｉ6513", "应用软件开发"])
def test_an_industry_is_kept_in_one_shape(text: str) -> None:
    assert record(kind="enterprise", industry=text).facts["industry"] == "I6513"


@pytest.mark.parametrize(("text", "value"), [("1,234.5", 1234.5), ("１２", 12.0), (" 3 ", 3.0)])
def test_figures_are_read_as_people_write_them(text: str, value: float) -> None:
    assert record(kind="enterprise", revenue=text).facts["revenue"] == value


def test_an_api_may_send_numbers_and_booleans() -> None:
    found = record(kind="enterprise", revenue=12.5, is_branch=True, employees=None, dishonest=False)
    assert found.facts == {"revenue": 12.5, "is_branch": True, "dishonest": False}


def test_a_row_without_a_date_takes_the_days() -> None:
    found = parse_profile({"ref": "c1", "kind": "citizen"}, as_of=date(2026, 1, 1))
    assert isinstance(found, ProfileRecord)
    assert found.as_of == date(2026, 1, 1)


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=30) | st.integers() | st.booleans() | st.none()))
def test_no_row_crashes_the_parser(row: dict[str, Any]) -> None:
    found = parse_profile(row, 1)
    assert isinstance(found, ProfileRecord) or all(isinstance(error, RowError) for error in found)


def test_a_file_comes_in_chunks_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text('ref,kind,name\nc1,citizen,"two\nlines"\n\nc2,alien,\nc3,citizen\nc1,citizen,again\nc4,citizen,\n')
    seen: list[tuple[int, int]] = []
    chunks = list(read_profiles(path, chunk_rows=2, progress=lambda done, total: seen.append((done, total))))
    errors = [(e.line, e.column, e.code) for chunk in chunks for e in chunk.errors]
    assert [r.ref for chunk in chunks for r in chunk.records] == ["c1", "c4"]
    assert errors == [(2, "name", "control_character"), (5, "kind", "unknown_level"), (6, "", "wrong_cells")]
    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_the_same_reference_twice_is_an_error_even_in_another_chunk(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("ref,kind\nc1,citizen\nc2,citizen\nc1,enterprise\n")
    chunks = list(read_profiles(path, chunk_rows=1))
    assert [(e.line, e.code) for chunk in chunks for e in chunk.errors] == [(4, "twice")]
    assert sum(len(chunk.records) for chunk in chunks) == 2


def test_wishes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "wishes.csv"
    path.write_text("profile,ref,industries,regions,keyword,cadence\ne1,w1,6513|I6513,990101,研发,daily\ne1,w2,,,,\n")
    (chunk,) = read_subscriptions(path)
    (wish,) = chunk.records
    assert (wish.industries, wish.regions, wish.keyword, wish.cadence) == (("I6513",), ("990101",), "研发", "daily")
    assert [(e.line, e.code) for e in chunk.errors] == [(3, "empty_wish")]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"ref": "w"}, "missing"),
        ({"profile": "e", "ref": "w", "cadence": "hourly", "themes": "a"}, "unknown_level"),
        ({"profile": "e", "ref": "w", "regions": "x"}, "unknown_region"),
        ({"profile": "e", "ref": "w", "industries": "x"}, "unknown_industry"),
        ({"profile": "e", "ref": "w", "themes": "a|b&c"}, "mixed_marks"),
        ({"profile": "e", "ref": "w", "regions": "990101｜990102＆990103"}, "mixed_marks"),
        ({"profile": "e", "ref": "w", "keyword": "a|"}, "empty_alternative"),
        ({"profile": "e", "ref": "w", "keyword": "a| ｜b"}, "empty_alternative"),
        ({"profile": "e", "ref": "w", "keyword": "a" * 61}, "too_long"),
        ({"profile": "e", "ref": "w", "themes": "a", "mood": "b"}, "unknown_column"),
    ],
)
def test_a_bad_wish_is_reported(cells: dict[str, object], code: str) -> None:
    found = parse_subscription(cells, 3)
    assert isinstance(found, list)
    assert code in [error.code for error in found]


@pytest.mark.parametrize(
    ("cell", "values", "every"),
    [
        ("租房|社保", ("租房", "社保"), ()),
        ("租房&社保", ("租房", "社保"), ("themes",)),
        ("租房 ＆ 社保", ("租房", "社保"), ("themes",)),
        ("租房&租房", ("租房",), ()),  # all of one is any of one
        ("租房&", ("租房",), ()),
    ],
)
def test_values_are_asked_for_as_any_or_as_all(cell: str, values: tuple[str, ...], every: tuple[str, ...]) -> None:
    found = parse_subscription({"profile": "e", "ref": "w", "themes": cell, "keyword": "a b|c"})
    assert not isinstance(found, list)
    assert (found.themes, found.all_of, found.keyword) == (values, every, "a b|c")


def test_each_key_says_for_itself_whether_all_are_asked() -> None:
    found = parse_subscription({"profile": "e", "ref": "w", "industries": "6513&H62", "regions": "990101|990102"})
    assert not isinstance(found, list)
    assert (found.all_of, found.industries) == (("industries",), ("I6513", "H62"))


@pytest.mark.parametrize(
    ("cell", "names", "every"),
    [
        ("云湾区人社局|财政部", ("云湾区人力资源和社会保障局", "财政部"), ()),
        ("云湾区人社局&云湾区人力资源和社会保障局", ("云湾区人力资源和社会保障局",), ("agencies",)),  # of one agency
        ("工商总局 & 财政部", ("国家工商行政管理总局", "财政部"), ("agencies",)),
    ],
)
def test_agencies_are_kept_by_their_names_in_full(cell: str, names: tuple[str, ...], every: tuple[str, ...]) -> None:
    found = parse_subscription({"profile": "e", "ref": "w", "agencies": cell})
    assert not isinstance(found, list)
    assert found.agencies == names
    assert found.all_of == (every if len(names) > 1 else ())


@pytest.mark.parametrize("cell", ["甲局、乙局", "局" * 61])
def test_a_cell_that_names_no_agency_is_an_error(cell: str) -> None:
    found = parse_subscription({"profile": "e", "ref": "w", "agencies": cell}, 7)
    assert isinstance(found, list)
    assert [(error.line, error.column) for error in found] == [(7, "agencies")]


def test_no_file_may_say_that_an_office_accepted_a_correction(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("ref,kind,source\na,citizen,correction\nb,citizen,tax\n", encoding="utf-8")
    chunks = list(read_profiles(path))
    assert [(error.line, error.column, error.code) for chunk in chunks for error in chunk.errors] == [
        (2, "source", "reserved")
    ]
    assert [record.ref for chunk in chunks for record in chunk.records] == ["b"]
