"""Rows of profiles as columns: many at once are read as each alone, whatever they hold; the newer columns."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.people import rows
from profiles.lifecycle import derive
from profiles.profile_cells import COLUMNS
from profiles.profile_rows import parse_rows, spoken
from profiles.records import CertificateRecord, ProfileRecord, RowError, parse_profile, read_profiles
from profiles.said_frame import frame_of
from profiles.tables import Stretch, stretch_of
from tests.draws import DRAWS
from tests.registering import csv_file

FIRM = {"ref": "f", "kind": "enterprise", "as_of": "2026-06-24"}
USUAL = [
    *("", "c1", "citizen", "enterprise", "990105", "330110", "1950-05-01", "2026-07-01", "yes", "12", "1e9", "none"),
    *(
        "a|b",
        "13800130217",
        "a@x.cn",
        "notify:sms",
        "k@2026-01-01@990101",
        "national_hnte@2024-01-01@",
        "中",
        "\u3000x",
    ),
]
CELLS = st.sampled_from(USUAL) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
ROWS = st.dictionaries(st.sampled_from((*COLUMNS, "revenue@2025")), CELLS, max_size=8)


def stretch(given_rows: list[dict[str, str]]) -> Stretch:
    names = {name for row in given_rows for name in row}
    columns = {name: pa.array([row.get(name) for row in given_rows], pa.string()) for name in sorted(names)}
    return stretch_of(np.arange(1, len(given_rows) + 1, dtype=np.int64), columns)


def firm(**cells: Any) -> ProfileRecord:
    found = parse_profile({**FIRM, **cells})
    assert isinstance(found, ProfileRecord), found
    return found


def codes(**cells: Any) -> list[tuple[str, str]]:
    found = parse_profile({**FIRM, **cells})
    assert isinstance(found, list)
    return [(error.column, error.code) for error in found]


@settings(max_examples=150, deadline=None)
@given(st.lists(ROWS, max_size=12))
def test_many_rows_are_read_as_each_alone(given_rows: list[dict[str, str]]) -> None:
    padded = [*given_rows, *[{"ref": f"pad{n}", "kind": "citizen"} for n in range(40)]]  # enough for the kernels
    said, wrong = parse_rows(stretch(padded))
    by_line = {record.line: record for record in said.records()}
    for line, row in enumerate(given_rows, 1):
        alone = parse_profile(row, line)
        together = by_line.get(line) or [error for error in wrong if error.line == line]
        assert together == alone


@settings(max_examples=DRAWS // 100, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_none_of_20_000_rows_crashes_the_reader(cells: list[str], draw: Random) -> None:
    names = (*COLUMNS, "revenue@2025")
    given_rows = [{name: draw.choice(cells) for name in draw.sample(names, 8)} for _ in range(100)]
    said, wrong = parse_rows(stretch(given_rows))
    assert len(said) + len({error.line for error in wrong}) == len(given_rows)
    assert all(isinstance(error, RowError) and error.code and error.sentence for error in wrong)


def test_the_rows_of_a_register_are_good_and_keep_their_order(tmp_path: Path) -> None:
    (chunk,) = read_profiles(csv_file(tmp_path / "p.csv", rows(300)))
    assert chunk.errors == ()
    assert [record.ref for record in chunk.records] == [f"p{number:08d}" for number in range(300)]


def test_yearly_facts_and_the_latest_stands_for_the_present() -> None:
    found = firm(**{"revenue@2024": "5", "revenue@2025": "7.5", "employees@2025": "3", "employees": "4"})
    assert found.yearly == {"revenue@2024": 5.0, "revenue@2025": 7.5, "employees@2025": 3.0}
    assert (found.facts["revenue"], found.facts["employees"]) == (7.5, 4.0)
    assert codes(**{"revenue@2025": "much", "layoff_rate@2025": "3"}) == [
        ("layoff_rate@2025", "unknown_column"), ("revenue@2025", "not_number"),
    ]  # fmt: skip


def test_certificates_with_their_own_days() -> None:
    found = firm(qualifications="national_hnte@2023-12-08@2026-12-07| 科技型中小企业 @2025-03-01@2026-02-28")
    assert found.qualifications == (
        CertificateRecord("national_hnte", date(2023, 12, 8), date(2026, 12, 7)),
        CertificateRecord("tech_sme", date(2025, 3, 1), date(2026, 2, 28)),
    )
    assert firm(qualifications="none").qualifications == ()
    assert firm().qualifications is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("national_hnte", "bad_qualification"),
        ("national_hnte@2023-12-08@2026-12-07@x", "bad_qualification"),
        ("national_hnte@2023-12-08@2023-12-07", "empty_range"),
        ("national_hnte@2023-13-08@", "not_date"),
        ("knighthood@2023-12-08@", "unknown_qualification"),
        ("tech_sme@2025-03-01@|tech_sme@2025-03-01@2026-01-01", "twice"),
    ],
)
def test_a_bad_certificate_is_reported(text: str, code: str) -> None:
    assert codes(qualifications=text) == [("qualifications", code)]


def test_a_list_nobody_told_is_not_an_empty_one() -> None:
    assert (firm(benefits="none").benefits, firm(benefits="").benefits) == ((), None)
    assert firm(objectives="扩产|上市").objectives == ("扩产", "上市")


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("rd_skilled_share", "101", "out_of_range"),
        ("layoff_rate", "-1", "out_of_range"),
        ("patent_invention", "1.5", "not_whole"),
        ("rd_institution", "planet", "unknown_level"),
        ("school_level", "master", "not_for_kind"),
        ("legal_form", "guild", "unknown_level"),
    ],
)
def test_the_newer_facts_have_their_bounds(column: str, text: str, code: str) -> None:
    assert codes(**{column: text}) == [(column, code)]


def test_half_a_letter_and_a_nul_are_refused_by_name() -> None:
    assert codes(name="a\ud800") == [("name", "control_character")]
    assert codes(interests="a\0b") == [("interests", "control_character")]


def test_equal_words_come_to_one_text_whatever_the_order_of_columns() -> None:
    one, other = (
        {"ref": "a", "kind": "citizen", "name": "x"},
        {"name": " x", "kind": "citizen", "ref": "a", "email": ""},
    )
    assert spoken(stretch([one])) == spoken(stretch([other]))
    assert spoken(stretch([one])) != spoken(stretch([{**one, "name": "y"}]))


def test_what_is_said_is_a_frame_without_a_database(tmp_path: Path) -> None:
    (chunk,) = read_profiles(csv_file(tmp_path / "p.csv", rows(50)))
    frame = derive(frame_of(chunk.said), date(2026, 6, 24))
    firms = [row for row, record in enumerate(chunk.records) if record.kind == "enterprise"]
    assert all("经营发展" in frame.stages.words(row) or "准入准营" in frame.stages.words(row) for row in firms)
    assert frame.column("revenue@2025").known()[firms].all()
