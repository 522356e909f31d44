"""Figures with days: bound to the value in force, at both ends of its days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from profiles.criteria import CriteriaError, Parameters, decide, parse, read_parameters
from tests.profiles.making import TODAY, frame_of

TABLE: dict[str, Any] = {
    "low_income": {
        "zh": "最低生活保障标准",
        "en": "minimum living allowance",
        "unit": "元/月",
        "values": [
            {"value": 1135, "from": "2024-07-01", "to": "2025-06-30", "source": "杭民发〔2024〕1号"},
            {"value": 1200, "from": "2025-07-01", "source": "杭民发〔2025〕1号"},
        ],
    }
}
TREE = {"fact": "household_income", "le": {"param": "low_income", "times": 12}}


def bound(tree: Any, on: date | None, table: Any = TABLE) -> Any:
    return parse(tree, parameters=read_parameters(table), on=on).root


@pytest.mark.parametrize(
    ("on", "value"),
    [
        (date(2024, 7, 1), 12 * 1135),
        (date(2025, 6, 30), 12 * 1135),
        (date(2025, 7, 1), 12 * 1200),
        (date(2099, 1, 1), 12 * 1200),
    ],
)
def test_a_parameter_has_its_value_from_the_first_day_to_the_last(on: date, value: float) -> None:
    assert bound(TREE, on).value == value


def test_what_is_bound_is_decided() -> None:
    criteria = parse(TREE, parameters=read_parameters(TABLE), on=TODAY)
    people = [{"kind": "citizen", "household_income": income} for income in (14_400, 14_401, None)]
    assert decide(criteria, frame_of(people), on=TODAY).state.tolist() == [1, 0, -1]


def test_figures_tiers_and_counts_take_parameters_too() -> None:
    ask = {"ge": {"param": "low_income"}}
    measure = {"fact": "household_income"}
    trees: list[Any] = [
        {"measure": measure, **ask},
        {"count_dependants": {"fact": "age", **ask}, **ask},
        {"tiers": [{"up_to": {"param": "low_income"}, **ask}, ask], "by": measure, "of": measure},
    ]
    assert bound({"all": trees}, TODAY).children[2].rows[0].bound == 1200
    assert "param" not in str(bound({"all": trees}, TODAY))


@pytest.mark.parametrize(
    ("tree", "on", "code", "place"),
    [
        (TREE, date(2024, 6, 30), "no_value_on_day", "le"),
        (TREE, None, "no_value_on_day", "le"),
        ({"all": [{"fact": "age", "ge": {"param": "age_of_wonder"}}]}, TODAY, "unknown_parameter", "all[0].ge"),
        ({"fact": "age", "ge": {"param": "low_income", "plus": 1}}, TODAY, "unknown_key", "ge"),
        ({"fact": "age", "ge": {"times": 2}}, TODAY, "missing_key", "ge"),
        ({"fact": "age", "eq": {"param": "low_income"}}, TODAY, "wrong_type", "eq"),
        ({"fact": "school_level", "ge": {"param": "low_income"}}, TODAY, "wrong_type", "ge"),
    ],
)
def test_a_wrong_use_is_an_error_with_its_place(tree: Any, on: date | None, code: str, place: str) -> None:
    with pytest.raises(CriteriaError) as caught:
        bound(tree, on)
    assert (caught.value.code, caught.value.place) == (code, place)


def _row(*values: Any) -> dict[str, Any]:
    return {"p": {"zh": "", "en": "", "unit": "", "values": list(values)}}


_OPEN = {"value": 1, "source": "x"}


@pytest.mark.parametrize(
    ("table", "code", "place"),
    [
        ({"p": {}}, "bad_value", "p"),
        ({"p": []}, "bad_value", "p"),
        (_row({"value": 1}), "bad_value", "p.values[0]"),
        (_row({"value": "much", "source": "x"}), "bad_value", "p.values[0]"),
        (_row({"value": "nan", "source": "x"}), "bad_value", "p.values[0]"),
        (_row({**_OPEN, "from": "2026-02-29"}), "bad_value", "p.values[0]"),
        (_row({**_OPEN, "from": 20260228}), "bad_value", "p.values[0]"),
        (_row({**_OPEN, "from": "2026-02-02", "to": "2026-02-01"}), "bad_value", "p.values[0]"),
        (_row(_OPEN, _OPEN), "overlap", "p.values[1]"),
        (_row({**_OPEN, "to": "2026-02-01"}, {**_OPEN, "from": "2026-02-01"}), "overlap", "p.values[1]"),
    ],
)
def test_a_wrong_table_is_an_error_with_its_place(table: Any, code: str, place: str) -> None:
    with pytest.raises(CriteriaError) as caught:
        read_parameters(table)
    assert (caught.value.code, caught.value.place) == (code, place)


def test_by_default_there_are_none() -> None:
    assert Parameters().by_name == {}
    with pytest.raises(CriteriaError, match="no known parameter"):
        parse(TREE, on=TODAY)
