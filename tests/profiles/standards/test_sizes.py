"""Size classes at their bounds."""

from __future__ import annotations

import csv
import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.columns import Column
from profiles.facts import SIZES
from profiles.standards import industries, sizes
from tests.shared import shared_file

NAN = float("nan")


def size(industry: str, employees: float = NAN, revenue: float = NAN, assets: float = NAN) -> str | None:
    column = Column("code", np.zeros(1, np.int32), (industry,))
    code = sizes.size_classes(column, *(np.array([v], dtype=np.float64) for v in (employees, revenue, assets))).values[
        0
    ]
    return None if code < 0 else SIZES[code]


def example(key: str) -> str:
    """An industry of a group, as a full code."""
    index = [group.key for group in sizes.groups()].index(key)
    return next(code for code in industries.table() if len(code) == 5 and sizes.group_of(code) == index)


@pytest.mark.parametrize(
    ("industry", "given_", "expected"),
    [
        ("A0111", {"revenue": 20000}, "large"),
        ("A0111", {"revenue": 19999}, "medium"),
        ("C13", {"employees": 5000, "revenue": 299}, "micro"),
        ("C13", {"employees": 1000, "revenue": 40000}, "large"),
        ("I65", {"employees": 299, "revenue": 10000}, "medium"),
        ("6513", {"employees": 100, "revenue": 1000}, "medium"),
        ("H62", {"employees": 10, "revenue": 100}, "small"),
        ("H62", {"employees": 9, "revenue": 1e6}, "micro"),
        ("E47", {"revenue": 80000, "assets": 79999}, "medium"),
        ("K701", {"revenue": 1000, "assets": 5000}, "medium"),
        ("L72", {"employees": 300, "assets": 120000}, "large"),
        ("M73", {"employees": 10}, "small"),
    ],
)
def test_the_bounds_are_inclusive(industry: str, given_: dict[str, float], expected: str) -> None:
    assert size(industry, **given_) == expected


def test_a_missing_indicator_is_unknown_never_micro() -> None:
    assert size("I65", employees=1) is None
    assert size("I65", revenue=1) is None


@pytest.mark.parametrize("industry", ["J66", "P83", "Q84", "S91", "G53", "7040", "I", "K70", "?"])
def test_what_the_method_leaves_out_or_cannot_tell_has_no_class(industry: str) -> None:
    if industry != "I":
        assert size(industry, 10, 1000, 1000) is None
    assert sizes.group_of("I") == -1


def test_every_class_has_one_group_or_is_left_out() -> None:
    classes = [code for code in industries.table() if len(code) == 5]
    assert sum(sizes.group_of(code) < 0 for code in classes) == 129


def test_what_is_left_out_is_what_the_method_names() -> None:
    outside = {code for code in industries.table() if len(code) == 5 and sizes.group_of(code) < 0}
    named = ("G53", "J", "P", "Q84", "S", "T", "K704")
    assert outside == {code for code in industries.table() if len(code) == 5 and code.startswith(named)}


def test_the_shared_cases_hold() -> None:
    if (path := shared_file("cases/sme_size_cases.csv")) is None:
        return
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    lines = np.array([sizes.group_line(row["industry"]) for row in rows])
    assert (lines >= 0).all()
    given_ = [
        np.array([float(row[name] or "nan") for row in rows])
        for name in ("X_employees", "Y_revenue_wan", "Z_assets_wan")
    ]
    codes = sizes.size_classes_of(lines, *given_).values
    assert [SIZES[code] for code in codes] == [row["expected"] for row in rows]


def test_our_bounds_are_the_shared_tables() -> None:
    if (path := shared_file("standards/sme_thresholds_2017.json")) is None:
        return
    names = {"X": "employees", "Y": "revenue", "Z": "assets"}
    told = {
        row["key"]: {names[axis]: tuple(bounds) for axis, bounds in row["lower_bounds"].items()}
        for row in json.loads(path.read_text(encoding="utf-8"))["industries"]
    }
    assert {group.key: group.bounds for group in sizes.groups()} == told


# The method's table once more, from its text: a code, then lower bounds of large, medium and small.
METHOD: list[tuple[str, dict[str, tuple[int, int, int]]]] = [
    ("A0111", {"revenue": (20000, 500, 50)}),
    ("C1310", {"employees": (1000, 300, 20), "revenue": (40000, 2000, 300)}),
    ("E4710", {"revenue": (80000, 6000, 300), "assets": (80000, 5000, 300)}),
    ("F5111", {"employees": (200, 20, 5), "revenue": (40000, 5000, 1000)}),
    ("F5211", {"employees": (300, 50, 10), "revenue": (20000, 500, 100)}),
    ("G5411", {"employees": (1000, 300, 20), "revenue": (30000, 3000, 200)}),
    ("G5920", {"employees": (200, 100, 20), "revenue": (30000, 1000, 100)}),
    ("G6010", {"employees": (1000, 300, 20), "revenue": (30000, 2000, 100)}),
    ("H6110", {"employees": (300, 100, 10), "revenue": (10000, 2000, 100)}),
    ("H6210", {"employees": (300, 100, 10), "revenue": (10000, 2000, 100)}),
    ("I6311", {"employees": (2000, 100, 10), "revenue": (100000, 1000, 100)}),
    ("I6513", {"employees": (300, 100, 10), "revenue": (10000, 1000, 50)}),
    ("K7010", {"revenue": (200000, 1000, 100), "assets": (10000, 5000, 2000)}),
    ("K7020", {"employees": (1000, 300, 100), "revenue": (5000, 1000, 500)}),
    ("L7211", {"employees": (300, 100, 10), "assets": (120000, 8000, 100)}),
    ("M7310", {"employees": (300, 100, 10)}),
]


@pytest.mark.parametrize(("code", "bounds"), METHOD)
def test_every_pair_of_figures_about_the_bounds(code: str, bounds: dict[str, tuple[int, int, int]]) -> None:
    figures = [[NAN, 0, *(bound + step for bound in lower for step in (-1, 0, 1))] for lower in bounds.values()]
    for drawn in itertools.product(*figures):
        values = dict(zip(bounds, drawn, strict=True))
        bands = (all(values[name] >= bounds[name][band] for name in bounds) for band in range(3))
        band = next((place for place, met in enumerate(bands) if met), 3)
        assert size(code, **values) == (None if any(map(math.isnan, drawn)) else SIZES[band])


GROUPS = st.sampled_from(sizes.groups())


@given(GROUPS, st.data())
def test_huge_on_all_but_one_is_the_band_of_that_one(group: sizes.Group, data: st.DataObject) -> None:
    low = data.draw(st.sampled_from(sorted(group.bounds)))
    band = data.draw(st.integers(0, 2))
    values = {name: bounds[0] * 50 for name, bounds in group.bounds.items()} | {low: group.bounds[low][band] - 1}
    assert size(example(group.key), **values) == SIZES[band + 1]


@given(GROUPS, st.data())
def test_any_asked_indicator_missing_is_unknown(group: sizes.Group, data: st.DataObject) -> None:
    missing = data.draw(st.sampled_from(sorted(group.bounds)))
    values = {name: data.draw(st.sampled_from([0.0, 1e9])) for name in group.bounds} | {missing: NAN}
    assert size(example(group.key), **values) is None


@given(GROUPS, st.data())
def test_an_indicator_that_is_not_asked_changes_nothing(group: sizes.Group, data: st.DataObject) -> None:
    values = {name: data.draw(st.floats(0, 1e6)) for name in group.bounds}
    others = {name: data.draw(st.sampled_from([NAN, 0.0, 1e9])) for name in sizes.INDICATORS if name not in values}
    assert size(example(group.key), **values) == size(example(group.key), **values, **others)


@given(GROUPS, st.data())
def test_more_never_makes_smaller(group: sizes.Group, data: st.DataObject) -> None:
    values = {name: data.draw(st.floats(0, 3e5)) for name in group.bounds}
    more = {name: value + data.draw(st.floats(0, 1e5)) for name, value in values.items()}
    before, after = size(example(group.key), **values), size(example(group.key), **more)
    assert before
    assert after
    assert SIZES.index(after) <= SIZES.index(before)


def test_an_unknown_key_has_no_line() -> None:
    assert sizes.group_line("finance") == -1
    nothing = np.array([np.nan])
    assert sizes.size_classes_of(np.array([-1]), nothing, nothing, nothing).values.tolist() == [-1]


@given(st.sampled_from([group.key for group in sizes.groups()]), st.sampled_from([0, 1, 2]), st.sampled_from([-1, 0]))
def test_a_bound_met_by_all_gives_its_band_and_one_below_the_next(key: str, band: int, step: int) -> None:
    bounds = next(group.bounds for group in sizes.groups() if group.key == key)
    values = {name: lower[band] + step for name, lower in bounds.items()}
    assert size(example(key), **values) == SIZES[band - step]


@given(st.lists(st.tuples(st.sampled_from(["I65", "A01", "J66", "E47"]), *[st.floats(0, 1e6)] * 3), max_size=20))
def test_many_at_once_are_as_each_alone(rows: list[tuple[str, float, float, float]]) -> None:
    levels = ("I65", "A01", "J66", "E47")
    column = Column("code", np.array([levels.index(row[0]) for row in rows], dtype=np.int32), levels)
    numbers = [np.array([row[i] for row in rows], dtype=np.float64) for i in (1, 2, 3)]
    codes = sizes.size_classes(column, *numbers).values
    assert [None if c < 0 else SIZES[c] for c in codes] == [size(*row) for row in rows]
