"""Frames: typed columns from what the database holds."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.building import build_frame, dependants_of
from profiles.columns import MISSING_DATE
from profiles.errors import ProfilesError
from profiles.facts import DERIVED, FACTS, LISTS, SENSITIVE, STORED
from profiles.ragged import max_per_row, ragged
from tests.profiles.making import frame_of

words = st.lists(st.lists(st.sampled_from("甲乙丙丁"), max_size=3, unique=True), max_size=8)


def test_every_fact_is_stored_sensitive_a_list_or_derived_and_only_one_of_them() -> None:
    assert sorted((*STORED, *SENSITIVE, *LISTS, *DERIVED)) == sorted(FACTS)


def test_a_missing_value_has_the_mark_of_its_type() -> None:
    frame = frame_of([{"revenue": None, "owns_home": None, "birth_date": None, "sex": None}])
    assert np.isnan(frame.columns["revenue"].values[0])
    assert frame.columns["owns_home"].values.tolist() == [-1]
    assert frame.columns["birth_date"].values[0] == MISSING_DATE
    assert frame.columns["sex"].values.tolist() == [-1]
    assert not any(column.known().any() for column in frame.columns.values())


def test_values_keep_their_meaning() -> None:
    frame = frame_of([{"revenue": 3, "owns_home": False, "birth_date": date(1970, 1, 2), "sex": "male"}])
    assert frame.columns["revenue"].values.tolist() == [3.0]
    assert frame.columns["owns_home"].values.tolist() == [0]
    assert frame.columns["birth_date"].values.tolist() == [1]
    assert frame.columns["sex"].levels[frame.columns["sex"].values[0]] == "male"


def test_a_fact_without_a_column_is_missing_for_all() -> None:
    assert not frame_of([{"kind": "citizen"}]).column("revenue").known().any()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"shoe_size": [1]}, "unknown_fact"),
        ({"age": [1]}, "unknown_fact"),
        ({"revenue": [1, 2]}, "length"),
        ({"revenue": ["many"]}, "wrong_type"),
        ({"birth_date": ["2020-01-01"]}, "wrong_type"),
        ({"sex": ["unknown"]}, "unknown_level"),
    ],
)
def test_a_wrong_column_is_an_error_with_its_place(raw: dict[str, list[object]], code: str) -> None:
    with pytest.raises(ProfilesError) as caught:
        build_frame([1], raw)
    assert (caught.value.code, caught.value.place) == (code, next(iter(raw)))


def test_interests_of_another_length_are_an_error() -> None:
    with pytest.raises(ProfilesError, match="2 values for 1"):
        build_frame([1], {}, interests=[["甲"], ["乙"]])


def test_family_members_find_their_profile_in_any_order() -> None:
    ids = np.array([7, 5])
    rows = [(5, date(2020, 1, 1), None), (7, None, "990101"), (5, None, None), (9, None, None)]
    family = dependants_of(ids, rows)
    assert family.offsets.tolist() == [0, 1, 3]
    assert family.columns["birth_date"].known().tolist() == [False, True, False]


def test_an_empty_frame_is_a_frame() -> None:
    frame = build_frame([], {"revenue": [], "region": []})
    assert len(frame) == 0
    assert len(frame.take(np.array([], dtype=np.int64))) == 0


@given(words, st.data())
def test_sets_taken_by_row_are_the_rows_sets(rows: list[list[str]], data: st.DataObject) -> None:
    sets = ragged(rows)
    picked = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=6)) if rows else []
    taken = sets.take(np.array(picked, dtype=np.int64))
    assert [taken.words(i) for i in range(len(taken))] == [tuple(rows[i]) for i in picked]


@given(words, st.sampled_from("甲乙丙丁戊"))
def test_has_finds_the_rows_with_the_word(rows: list[list[str]], word: str) -> None:
    assert ragged(rows).has(word).tolist() == [word in row for row in rows]


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=8))
def test_the_largest_of_each_row_is_found(rows: list[list[int]]) -> None:
    flat = np.array([v for row in rows for v in row], dtype=np.int64)
    offsets = np.cumsum([0, *map(len, rows)])
    assert max_per_row(flat, offsets, -5).tolist() == [max(row, default=-5) for row in rows]


@given(st.integers(0, 30), st.integers(1, 7))
def test_chunks_are_the_frame_in_order(n: int, size: int) -> None:
    frame = frame_of(
        [{"revenue": i, "interests": [str(i)], "dependants": [(None, "990101")] * (i % 3)} for i in range(n)]
    )
    parts = list(frame.chunks(size))
    assert [v for part in parts for v in part.ids] == frame.ids.tolist()
    assert [w for part in parts for i in range(len(part)) for w in part.tags.words(i)] == [str(i) for i in range(n)]
    assert sum(len(part.dependants.columns["birth_date"]) for part in parts) == sum(i % 3 for i in range(n))
