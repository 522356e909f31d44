"""Size classes at their bounds."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.columns import Column
from profiles.facts import SIZES
from profiles.standards import industries, sizes

SHARED = Path(__file__).parents[4] / "shared" / "data" / "cases" / "sme_size_cases.csv"
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


def test_the_shared_cases_hold() -> None:
    if not SHARED.exists():
        warnings.warn("the shared size cases are not on this machine: only our own ran", stacklevel=1)
        return
    for row in csv.DictReader(SHARED.read_text(encoding="utf-8-sig").splitlines()):
        names = {"X_employees": "employees", "Y_revenue_wan": "revenue", "Z_assets_wan": "assets"}
        given_ = {name: float(row[column]) for column, name in names.items() if row[column]}
        assert size(example(row["industry"]), **given_) == row["expected"], row


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
