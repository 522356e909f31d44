"""Flaws of trees that parse, and what may have been meant where they do not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.criteria import decide, parse
from profiles.criteria.leaves import Days
from profiles.criteria.linting import lint
from tests.draws import draws
from tests.profiles.criteria.strategies import DEADLINE, PUBLISHED, people, trees
from tests.profiles.making import TODAY, frame_of

DAYS = Days(TODAY, DEADLINE, PUBLISHED)


def _age(**bounds: float) -> list[dict[str, Any]]:
    return [{"fact": "age", op: value} for op, value in bounds.items()]


FLAWS: dict[str, tuple[Any, str, str]] = {
    "no age is at least 60 and below 60": ({"all": _age(ge=60, lt=60)}, "empty_range", ""),
    "no whole age lies between 59 and 60": ({"all": _age(gt=59, lt=60)}, "empty_range", ""),
    "no date lies between two days in a row": (
        {"all": [{"fact": "founded_on", "after": "2026-01-01"}, {"fact": "founded_on", "before": "2026-01-02"}]},
        "empty_range",
        "",
    ),
    "an age below 0": ({"any": [*_age(lt=0), {"fact": "owns_home", "eq": True}]}, "empty_range", "any[0]"),
    "every age is at least 0": ({"all": [*_age(ge=0), {"fact": "owns_home", "eq": True}]}, "always_true", "all[0]"),
    "below 60 or from 60 on": ({"any": _age(lt=60, ge=60)}, "always_true", ""),
    "both owner and not": (
        {"all": [{"fact": "owns_home", "eq": True}, {"fact": "owns_home", "eq": False}]},
        "empty_range",
        "",
    ),
    "two districts at once": (
        {"all": [{"fact": "region", "in_region": ["330106"]}, {"fact": "region", "in_region": ["330108"]}]},
        "contradictory",
        "",
    ),
    "a district outside its city": (
        {"all": [{"fact": "region", "in_region": ["330106"]}, {"not": {"fact": "region", "in_region": ["330100"]}}]},
        "contradictory",
        "",
    ),
    "an industry outside its section": (
        {"all": [{"fact": "industry", "in_industry": ["I65"]}, {"not": {"fact": "industry", "in_industry": ["I"]}}]},
        "contradictory",
        "",
    ),
    "one size and another": (
        {"all": [{"fact": "size", "eq": "micro"}, {"fact": "size", "in": ["large", "medium"]}]},
        "contradictory",
        "",
    ),
    "all sizes": ({"fact": "size", "in": ["large", "medium", "small", "micro"]}, "always_true", ""),
    "a qualification held and not held": (
        {"all": [{"qualification": "national_hnte"}, {"not": {"qualification": "national_hnte"}}]},
        "contradictory",
        "",
    ),
    "a benefit required and excluded": ({"all": [{"requires": ["a"]}, {"excludes": ["a"]}]}, "contradictory", ""),
    "from 60 on says what from 65 on says": ({"all": _age(ge=60, gt=64)}, "redundant", "all[0]"),
    "the same twice": ({"all": [*_age(ge=60), *_age(ge=60)]}, "redundant", "all[1]"),
    "a city beside its district": (
        {"any": [{"fact": "region", "in_region": ["330100"]}, {"fact": "region", "in_region": ["330106"]}]},
        "redundant",
        "any[1]",
    ),
    "a sum above and below": (
        {"all": [{"measure": {"sum": [{"fact": "revenue"}, {"fact": "assets"}]}, op: 5} for op in ("gt", "lt")]},
        "empty_range",
        "",
    ),
    "nobody among nobody": ({"any": []}, "contradictory", ""),
    "a child of no age": ({"any_dependant": {"all": _age(ge=3, lt=3)}}, "empty_range", "any_dependant"),
    "only the deepest is named": (
        {"all": [{"fact": "owns_home", "eq": True}, {"all": _age(ge=60, lt=60)}]},
        "empty_range",
        "all[1]",
    ),
}


@pytest.mark.parametrize(("tree", "code", "place"), FLAWS.values(), ids=FLAWS.keys())
def test_a_flaw_is_found_where_it_stands(tree: Any, code: str, place: str) -> None:
    assert [(flaw.code, flaw.place) for flaw in lint(tree, days=DAYS)] == [(code, place)]


SOUND: dict[str, Any] = {
    "everybody": {"all": []},
    "a range": {"all": _age(ge=60, le=69)},
    "one day": {"all": [{"fact": "founded_on", op: "2026-01-01"} for op in ("on_or_after", "on_or_before")]},
    "two ranges": {"any": [{"all": _age(lt=3)}, {"all": _age(ge=60)}]},
    "a city without a district": {
        "all": [{"fact": "region", "in_region": ["330100"]}, {"not": {"fact": "region", "in_region": ["330106"]}}]
    },
    "a section without a division": {
        "all": [{"fact": "industry", "in_industry": ["I"]}, {"not": {"fact": "industry", "in_industry": ["I65"]}}]
    },
    "a share above the whole": {"all": [{"fact": "rd_ratio", "gt": 100}]},
    "a qualification on two days": {
        "all": [{"qualification": "national_hnte"}, {"qualification": "national_hnte", "on": "deadline"}]
    },
    "two children": {"all": [{"any_dependant": {"fact": "age", "lt": 3}}, {"any_dependant": {"fact": "age", "ge": 3}}]},
}


@pytest.mark.parametrize("tree", SOUND.values(), ids=SOUND.keys())
def test_a_sound_tree_has_no_flaw(tree: Any) -> None:
    assert lint(tree, days=DAYS) == ()


def test_a_misspelt_fact_is_an_error_with_what_may_be_meant() -> None:
    (flaw,) = lint({"all": [{"fact": "revenu", "ge": 1}]}, days=DAYS)
    assert (flaw.code, flaw.place, flaw.harmful) == ("unknown_fact", "all[0].fact", True)
    assert "revenue" in flaw.close


@pytest.mark.parametrize(
    ("leaf", "meant"),
    [
        ({"fact": "industry", "in_industry": ["I65133"]}, "I6513"),
        ({"fact": "region", "in_region": ["330160"]}, "330106"),
        ({"fact": "size", "eq": "mirco"}, "micro"),
        ({"fact": "stage", "has": "养劳"}, "养老"),
        ({"qualification": "national_hnet"}, "national_hnte"),
    ],
)
def test_a_misspelt_code_is_an_error_with_what_may_be_meant(leaf: Any, meant: str) -> None:
    (flaw,) = lint(leaf, days=DAYS)
    assert flaw.harmful
    assert meant in flaw.close


def test_a_tree_too_wide_to_try_is_not_judged() -> None:
    facts = (
        "revenue",
        "assets",
        "rd_spend",
        "employees",
        "registered_capital",
        "ic_layout",
        "patent_design",
        "rd_staff",
    )
    tree = {"all": [{"any": [{"fact": fact, "ge": bound} for bound in (1, 9)]} for fact in facts]}
    assert {flaw.code for flaw in lint(tree, days=DAYS)} <= {"redundant"}


@settings(max_examples=draws(400), deadline=None)
@given(tree=trees, crowd=st.lists(people, min_size=1, max_size=8))
def test_what_is_reported_is_so_for_everybody(tree: Any, crowd: list[dict[str, Any]]) -> None:
    flaws = {flaw.place: flaw.code for flaw in lint(tree, days=DAYS)}
    anybody = [{**one, "kind": None} for one in crowd]  # of no known kind: every fact may be asked of them
    decision = decide(parse(tree), frame_of(anybody), on=TODAY, deadline=DEADLINE, published=PUBLISHED)
    outer = dict(reversed(decision.nodes))  # "ne" on a code is two nodes at one place: the outer one is the author's
    for place, state in outer.items():
        if flaws.get(place) in ("contradictory", "empty_range"):
            assert not (state == 1).any()
        if flaws.get(place) == "always_true":
            assert not (state == 0).any()


def test_a_day_is_handed_in() -> None:
    tree = {"all": [{"fact": "birth_date", "on_or_after": "today"}, {"fact": "birth_date", "before": "2026-06-24"}]}
    assert [flaw.code for flaw in lint(tree, days=Days(date(2026, 6, 24)))] == ["empty_range"]
    assert lint(tree, days=Days(date(2026, 6, 23))) == ()


@pytest.mark.parametrize(
    ("leaf", "close"),
    [
        ({"fact": "region", "in_region": ["310104003", "330106"]}, [("310104",)]),
        ({"fact": "region", "in_region": ["310104003012"]}, [("310104",)]),
        ({"fact": "region", "eq": "330103001"}, [("330105",)]),
        ({"fact": "region", "in_region": ["330106011", "330106011002", "310104", "310104000000"]}, []),
    ],
)
def test_a_street_read_as_its_county_is_told(leaf: dict[str, Any], close: list[tuple[str, ...]]) -> None:
    flaws = lint({"all": [{"fact": "owns_home", "eq": True}, {"not": leaf}]}, days=DAYS)
    assert [flaw.close for flaw in flaws] == close
    assert all((flaw.code, flaw.place, flaw.harmful) == ("coarser_region", "all[1].not", False) for flaw in flaws)
