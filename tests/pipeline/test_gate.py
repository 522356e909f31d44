"""The gate: every bar is asked for by itself, what was not measured is not passed, and each answer has words."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.pipeline.gate import WORDS, Check, baseline, check_of, is_learnt, judge, passed, said
from pushsvc.store.assessments import Assessment

DAY = date(2026, 6, 24)
PIA = Assessment(
    "PIA-1", "2", "影响评估", date(2026, 1, 1), date(2026, 12, 31), "沈祺", datetime(2026, 1, 1, tzinfo=UTC)
)
FIGURES: dict[str, Any] = {
    "audience_auc_cold": 0.8,
    "audience_auc_interval": [0.76, 0.84],
    "audience_auc_activity": 0.64,
    "audience_auc_deciles": [None, 0.71, 0.55],
    "audience_auc_declared": 0.7,
    "data": "one log",
}
BLEND = {"lightfm": 1.0, "other": 0.0, "nearest": 0.2, "ridge": 0.0, "declared": 1.0}
CARD = {"algorithm": "2", "recipe": {"audience": BLEND, "feed": BLEND}, "evaluation": FIGURES}
DECLARED = {"algorithm": "2", "recipe": {"audience": {"declared": 1.0}, "feed": {"declared": 1.0}}}


def failed(card: dict[str, Any] = CARD, **more: Any) -> list[str]:
    """The checks that this card does not pass."""
    asked: dict[str, Any] = {"assessment": PIA, "on": DAY} | more
    return [check.check for check in judge(card, **asked) if not check.passed]


def measured(**figures: Any) -> dict[str, Any]:
    """The card with other figures."""
    return CARD | {"evaluation": FIGURES | figures}


def test_a_good_model_passes_with_each_value_and_bar_told() -> None:
    checks = judge(CARD, assessment=PIA, on=DAY, serving=measured(audience_auc_cold=0.83))
    assert passed(checks)
    assert [(one.check, one.value, one.bar) for one in checks] == [
        ("arrays", "ok", "ok"),
        ("assessment", "PIA-1", "2 @ 2026-06-24"),
        ("above_chance", 0.8, 0.5),
        ("above_activity", 0.8, 0.64),
        ("every_decile", 0.55, 0.5),
        ("not_below_declared", 0.8, 0.7),
        ("not_below_serving", 0.84, 0.83),
    ]


@pytest.mark.parametrize(
    ("card", "check"),
    [
        (measured(audience_auc_cold=0.5, audience_auc_activity=0.4, audience_auc_declared=0.4), "above_chance"),
        (measured(audience_auc_activity=0.8), "above_activity"),
        (measured(audience_auc_activity=None), "above_activity"),
        (measured(audience_auc_deciles=[0.7, 0.5, 0.9]), "every_decile"),
        (measured(audience_auc_deciles=[None, math.nan]), "every_decile"),
        (measured(audience_auc_deciles=None), "every_decile"),
        (measured(audience_auc_declared=0.81), "not_below_declared"),
    ],
)
def test_each_bar_is_asked_for_by_itself(card: dict[str, Any], check: str) -> None:
    assert failed(card) == [check]


@pytest.mark.parametrize("auc", [None, math.nan, math.inf, "0.9", True, 10**400])
def test_a_figure_that_is_no_number_passes_nothing(auc: object) -> None:
    assert failed(measured(audience_auc_cold=auc)) == ["above_chance", "above_activity", "not_below_declared"]


@pytest.mark.parametrize("figures", [None, "0.99", 0.99, [0.99]])
def test_a_model_without_figures_fails(figures: object) -> None:
    assert failed(CARD | {"evaluation": figures}) == ["above_chance", "above_activity", "every_decile"]
    assert failed(serving=CARD | {"evaluation": figures}) == []


def test_a_baseline_is_found_in_the_table_too() -> None:
    table = {"declared": {"audience": {"auc": 0.9}, "feed": {"auc": 0.6}}, "odd": None}
    assert failed(measured(audience_auc_declared=None, feed_auc_cold=0.7, baselines=table)) == ["not_below_declared"]
    assert (baseline({"baselines": table}, "declared", "feed"), baseline({"baselines": table}, "odd")) == (0.6, None)


@pytest.mark.parametrize(
    ("auc", "interval", "passes"),
    [
        (0.7, None, True),
        (0.6, None, False),
        (0.6, [0.55, 0.66], True),
        (0.6, [0.55, 0.64], False),
        (None, [0.5, 0.9], False),
    ],
)
def test_feeds_are_not_worse_than_what_people_declared(auc: float | None, interval: object, passes: bool) -> None:
    table = {"declared": {"audience": {"auc": 0.6}, "feed": {"auc": 0.65}}}
    card = measured(feed_auc_cold=auc, interval={"feed": {"auc": interval}}, baselines=table)
    assert failed(card) == ([] if passes else ["feed_not_below_declared"])


def test_the_serving_model_is_a_bar_on_the_same_evaluation_only() -> None:
    better = measured(audience_auc_cold=0.85)
    assert failed(serving=better) == ["not_below_serving"]
    assert failed(serving=CARD | {"evaluation": better["evaluation"] | {"data": "another log"}}) == []
    assert failed(measured(audience_auc_interval=None), serving=measured(audience_auc_cold=0.81)) == [
        "not_below_serving"
    ]


@pytest.mark.parametrize(
    ("card", "assessment", "on"),
    [
        (CARD, None, DAY),
        (CARD | {"algorithm": "3"}, PIA, DAY),
        ({name: value for name, value in CARD.items() if name != "algorithm"}, PIA, DAY),
        (CARD, PIA, date(2027, 1, 1)),
        (CARD, PIA, date(2025, 12, 31)),
    ],
    ids=["none", "another version", "no version", "lapsed", "not yet"],
)
def test_without_an_assessment_that_covers_it_nothing_passes(
    card: dict[str, Any], assessment: Assessment | None, on: date
) -> None:
    assert failed(card, assessment=assessment, on=on) == ["assessment"]


def test_a_model_of_declared_interests_needs_the_assessment_alone() -> None:
    assert failed(DECLARED) == []
    assert failed(DECLARED, assessment=None) == ["assessment"]
    assert failed(DECLARED, serving=DECLARED) == []
    assert failed(DECLARED, serving=CARD) == ["not_unlearnt"]


@pytest.mark.parametrize("part", ["lightfm", "other", "nearest", "ridge"])
def test_whoever_says_that_nothing_was_learnt_is_not_believed_against_the_recipe(part: str) -> None:
    card = {"learnt": False, "recipe": {"audience": {"declared": 1.0}, "feed": {part: 0.1}}}
    assert is_learnt(card)
    assert not is_learnt({"learnt": False})
    assert is_learnt({})


def test_damage_is_told() -> None:
    (check, *_) = judge(CARD, assessment=PIA, on=DAY, damage="The stored model is damaged.")
    assert (check.check, check.passed, check.value) == ("arrays", False, "The stored model is damaged.")


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_auc_never_fails_what_less_passes(one: float, other: float) -> None:
    worse, better = (set(failed(measured(audience_auc_cold=auc))) for auc in sorted((one, other)))
    assert better <= worse


@pytest.mark.parametrize("code", WORDS)
def test_each_check_has_words_in_both_languages(code: str) -> None:
    stored = {"check": code, "passed": False, "value": 0.123456, "bar": None}
    zh, en = (said(check_of(stored), locale) for locale in ("zh", "en"))
    assert any("\u4e00" <= char <= "\u9fff" for char in zh)
    assert not any("\u4e00" <= char <= "\u9fff" for char in en)
    assert "None" not in zh + en


def test_nothing_asked_is_nothing_passed() -> None:
    assert not passed([])
    assert said(Check("from_another_time", True, 1.0, 2.0), "en") == "from_another_time 1.0000 / 2.0000"
