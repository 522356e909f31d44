"""An operator's own calendar as a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given

from profiles.calendar_file import read_calendar_file
from profiles.csvfile import RecordsError
from profiles.errors import ProfilesError
from profiles.standards.calendar import is_working_day
from tests.texts.fuzzing import MANY, batches


def test_days_and_notes_are_read_in_the_shapes_people_write(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text(
        "day,working,note\n2026-06-24,no,台风停工\n2026年6月27日,是,\n２０２６/7/1,否,x\n", encoding="utf-8"
    )
    overrides, errors = read_calendar_file(path)
    assert not errors
    assert dict(overrides.days) == {date(2026, 6, 24): False, date(2026, 6, 27): True, date(2026, 7, 1): False}
    assert overrides.notes[date(2026, 6, 24)] == "台风停工"
    assert is_working_day(date(2026, 6, 27), overrides)[0]


def test_a_row_that_is_no_use_is_left_out_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text(
        "day,working\n2026-06-24,no\n2026-02-30,no\n2026-06-25,maybe\n2026-06-24,yes\n1,2,3\n", encoding="utf-8"
    )
    overrides, errors = read_calendar_file(path)
    assert [(error.line, error.code) for error in errors] == [
        (3, "not_date"),
        (4, "not_flag"),
        (5, "told_twice"),
        (6, "wrong_cells"),
    ]
    assert dict(overrides.days) == {date(2026, 6, 24): False}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "empty"),
        ("day\n2026-01-01\n", "wrong_column"),
        ("day,working,colour\n", "wrong_column"),
        ("a\x00", "nul_byte"),
        ("day,working\n" + "2026-01-01,no\n" * 5001, "too_many_rows"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_whole(tmp_path: Path, content: str, code: str) -> None:
    path = tmp_path / "days.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecordsError) as caught:
        read_calendar_file(path)
    assert caught.value.code == code


SIGNS = 'day,workingnote\n"2026-01年月日是否yes\0\u3000'


@MANY
@given(noises=batches(80, lambda raw: "".join(SIGNS[byte % len(SIGNS)] for byte in raw)))
def test_no_file_crashes_it(tmp_path_factory: pytest.TempPathFactory, noises: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.csv"
    for noise in noises:
        path.write_text(f"day,working\n{noise}", encoding="utf-8")
        try:
            overrides, errors = read_calendar_file(path)
        except ProfilesError:  # a refusal, with a code and a sentence
            continue
        assert all(row.line > 1 for row in errors)
        assert all(isinstance(day, date) for day in overrides.days)
