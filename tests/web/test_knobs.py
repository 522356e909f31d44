"""What of a tree can be turned: every knob shows its own value, and turning it changes that value and nothing else."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.criteria import CriteriaError, parse
from profiles.criteria.outline import outline
from pushsvc.web.console.knobs import Knob, knobs_of, turned
from pushsvc.web.console.scales import Scale
from pushsvc.web.console.siblings import near_industries, near_regions
from pushsvc.web.console.tree import nearest

LEAVES: list[dict[str, Any]] = [
    {"fact": "age", "ge": 60},
    {"fact": "insurance_months", "lt": 12.5},
    {"fact": "revenue", "year": 2025, "le": 2000},
    {"fact": "region", "in_region": ["990105"]},
    {"fact": "region", "eq": "990100"},
    {"fact": "industry", "in_industry": ["I65"]},
    {"fact": "school_level", "ge": "bachelor"},
    {"fact": "size", "in": ["micro"]},
    {"fact": "owns_home", "eq": False},
    {"fact": "founded_on", "on_or_after": "2024-01-01"},
    {"fact": "activity_to", "within_days": 30},
    {"qualification": "national_hnte", "lapses_within": 90},
    {"qualification": "national_hnte", "held_months": 12},
    {"measure": {"percent": [{"fact": "rd_spend"}, {"fact": "revenue"}]}, "ge": 5},
    {"count_dependants": {"fact": "age", "lt": 18}, "ge": 2},
    {"any_dependant": {"all": [{"fact": "age_days", "lt": 60}]}},
]
FIXED: list[dict[str, Any]] = [
    {"fact": "size", "in": ["micro", "small"]},
    {"fact": "age", "in": [60, 61]},
    {"fact": "founded_on", "before": "deadline"},
    {"fact": "stage", "has": "养老"},
    {"requires": ["低保"]},
    {"all": []},
]
TREES = st.recursive(
    st.sampled_from(LEAVES + FIXED),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda some: {"all": some})
        | st.lists(inner, max_size=3).map(lambda some: {"any": some})
        | inner.map(lambda one: {"not": one})
    ),
    max_leaves=6,
)


def knobs(tree: Any) -> list[Knob]:
    """All knobs of a tree."""
    return [one for row in knobs_of(tree, parse(tree)).values() for one in row]


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_value_that_people_set_has_a_knob(leaf: dict[str, Any]) -> None:
    assert knobs(leaf)


@pytest.mark.parametrize("leaf", FIXED)
def test_a_list_a_word_and_a_day_that_moves_have_none(leaf: dict[str, Any]) -> None:
    assert knobs(leaf) == []


@given(tree=TREES)
def test_knobs_left_alone_leave_the_tree(tree: Any) -> None:
    kept, found = copy.deepcopy(tree), knobs_of(tree, parse(tree))
    given = {one.at: one.value for row in found.values() for one in row}
    assert turned(tree, found, given) == kept
    assert tree == kept


@given(tree=TREES)
def test_every_knob_stands_at_a_line_and_holds_its_value(tree: Any) -> None:
    places = {line.place for line in outline(parse(tree))}
    for place, row in knobs_of(tree, parse(tree)).items():
        assert nearest(place, places) in places
        for one in row:
            assert one.at.startswith(place)
            assert one.form != "choice" or one.value in [code for code, _, _ in one.options]
            assert one.form != "range" or one.scale.low <= float(one.value) <= one.scale.high


@given(tree=TREES, number=st.integers(0, 40))
def test_a_turned_number_is_the_only_change(tree: Any, number: int) -> None:
    found = knobs_of(tree, parse(tree))
    for one in (one for row in found.values() for one in row if one.form == "range"):
        value = str(max(number, int(one.scale.low)))  # as far as its slider goes
        again = turned(tree, found, {one.at: value})
        values = {other.at: other.value for row in knobs_of(again, parse(again)).values() for other in row}
        before = {other.at: other.value for row in found.values() for other in row}
        assert values == before | {one.at: value}


@pytest.mark.parametrize("value", ["", "many", "nan", "inf", "1e999", "０x"])
def test_what_is_no_number_is_refused_with_its_place(value: str) -> None:
    tree = {"all": [{"fact": "age", "ge": 60}]}
    with pytest.raises(CriteriaError) as caught:
        turned(tree, knobs_of(tree, parse(tree)), {"all[0].ge": value})
    assert (caught.value.code, caught.value.place) == ("wrong_type", "all[0].ge")


@given(value=st.floats(-1e9, 1e9).map(lambda number: round(number, 2)))
def test_a_scale_stretches_to_hold_its_value(value: float) -> None:
    scale = Scale(0, 100, 1).holding(value)
    assert scale.low <= value <= scale.high
    assert (scale.low, scale.high) == (0, 100) or not 0 <= value <= 100


def test_a_region_is_offered_with_what_holds_it_and_its_neighbours() -> None:
    codes = [code for code, _, _ in near_regions("990105")]
    assert codes.index("990100") < codes.index("990105")
    assert "990101" in codes
    assert near_regions("nowhere") == ()


def test_an_industry_is_offered_with_all_sections() -> None:
    codes = [code for code, _, _ in near_industries("I65")]
    assert {"A", "C", "I", "I65", "T"} <= set(codes)
    assert ("65", "65 软件和信息技术服务业", "65 软件和信息技术服务业") in near_industries("65")
