"""Parquet files: typed or as text they say what a CSV says; damaged ones are refused whole."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.people import write_csv, write_parquet
from profiles.records import ProfileRecord, RecordsError, RowError, read_profiles
from tests.draws import DRAWS, draws
from tests.profiles.making import refusal


def save(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def read(path: Path) -> tuple[list[ProfileRecord], list[RowError]]:
    chunks = list(read_profiles(path, chunk_rows=50))
    return [one for chunk in chunks for one in chunk.records], [error for chunk in chunks for error in chunk.errors]


def refused(path: Path) -> tuple[str, str]:
    with pytest.raises(RecordsError) as caught:
        list(read_profiles(path))
    assert caught.value.sentence.endswith(".")
    return caught.value.code, caught.value.place


def test_a_typed_file_says_what_its_csv_says(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "p.csv", 120)
    assert read(write_parquet(tmp_path / "p.parquet", source)) == read(source)


def test_figures_days_flags_and_lists_come_in_their_types(tmp_path: Path) -> None:
    path = save(
        tmp_path / "p.parquet",
        ref=pa.array(["a", "b"]).dictionary_encode(),
        kind=["enterprise", "enterprise"],
        revenue=pa.array([12.0, float("nan")]),
        assets=pa.array([1e-7, 2.5]),
        employees=pa.array([3, None], pa.int16()),
        is_branch=[True, None],
        founded_on=pa.array([date(2020, 3, 1), None], pa.date64()),
        as_of=pa.array([datetime(2026, 6, 1, 12, tzinfo=UTC), None], pa.timestamp("ns")),
        objectives=[["扩产", "上市"], None],
        layoff_rate=pa.array(["１.5", None], pa.large_string()),
    )
    (one, other), errors = read(path)
    assert errors == []
    assert one.facts == {
        "revenue": 12.0, "assets": 1e-7, "employees": 3.0, "is_branch": True, "founded_on": date(2020, 3, 1),
        "layoff_rate": 1.5,
    }  # fmt: skip
    assert (one.as_of, one.objectives) == (date(2026, 6, 1), ("扩产", "上市"))
    assert other.facts == {"assets": 2.5}


def test_a_bad_row_is_named_by_the_line_it_would_have_under_a_header(tmp_path: Path) -> None:
    path = save(tmp_path / "p.parquet", ref=["a", "b", "a\0", None], kind=["citizen", "alien", "citizen", "citizen"])
    records, errors = read(path)
    assert [record.ref for record in records] == ["a"]
    found = {(error.line, error.column, error.code) for error in errors}
    assert found == {(3, "kind", "unknown_level"), (4, "ref", "control_character"), (5, "ref", "missing")}


def test_a_file_with_wrong_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    assert refused(save(path, ref=["a"], kind=["citizen"], shoe=[44]))[0] == "wrong_column"
    assert refused(save(path, ref=["a"]))[0] == "wrong_column"
    assert refused(save(path, ref=["a"], kind=["citizen"], name=[{"first": "x"}]))[0] == "wrong_column"
    wide = {f"revenue@{year}": [1.0] for year in range(1949, 2050)} | {
        f"assets@{year}": [1.0] for year in range(1949, 2050)
    }
    wide |= {f"employees@{year}": [1.0] for year in range(1949, 2121)} | {
        f"rd_spend@{year}": [1] for year in range(1949, 2121)
    }
    assert refused(save(path, ref=["a"], kind=["enterprise"], **wide))[0] == "wrong_column"


def test_a_file_cut_short_or_of_no_text_is_refused(tmp_path: Path) -> None:
    whole = save(tmp_path / "p.parquet", ref=["a"] * 100, kind=["citizen"] * 100).read_bytes()
    path = tmp_path / "cut.parquet"
    for end in (4, 40, len(whole) - 1):
        path.write_bytes(whole[:end])
        assert refused(path) == ("unreadable", "cut.parquet")
    assert refused(save(path, ref=pa.array([b"\xff\xfe"]), kind=["citizen"]))[0] == "unreadable"


def test_a_long_text_repeated_a_million_times_is_seen_before_it_is_written_out(tmp_path: Path) -> None:
    name = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), pa.array(["x" * 5_000_000]))
    path = save(tmp_path / "p.parquet", ref=[f"c{n}" for n in range(20_000)], kind=["citizen"] * 20_000, name=name)
    assert path.stat().st_size < 1_000_000
    assert refused(path)[0] == "unreadable"


CELLS = (
    st.none() | st.text(max_size=6) | st.sampled_from(["c1", "citizen", "990105", "2020-01-01", "13800130217", "yes"])
)


@settings(max_examples=DRAWS // 200, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_none_of_20_000_rows_crashes_the_reader(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str | None], draw: Random
) -> None:
    names = ("ref", "kind", "region", "birth_date", "phone")
    columns = {name: pa.array([draw.choice(cells) for _ in range(200)], pa.string()) for name in names}
    records, errors = read(save(tmp_path_factory.getbasetemp() / "fuzz.parquet", **columns))
    assert len(records) + len({error.line for error in errors}) == 200


@settings(max_examples=draws(500), deadline=None)
@given(st.integers(4, 900), st.integers(0, 255))
def test_a_damaged_byte_crashes_nothing(tmp_path_factory: pytest.TempPathFactory, place: int, byte: int) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.parquet"
    whole = bytearray(save(path, ref=["a", "b"], kind=["citizen", "citizen"]).read_bytes())
    whole[place % len(whole)] = byte
    path.write_bytes(bytes(whole))
    error = refusal(lambda: list(read_profiles(path)))
    assert error is None or isinstance(error, RecordsError)
