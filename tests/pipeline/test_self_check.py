"""The self-check asks what is missing and no more, in the ranges that the policy tells apart, and keeps nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.building import build_frame
from profiles.criteria import parse
from profiles.criteria.deciding import judge
from profiles.criteria.leaves import Days
from pushsvc.context import Context
from pushsvc.pipeline.check_bands import bands_of
from pushsvc.pipeline.feed import policy_for
from pushsvc.pipeline.preferences import give_consent
from pushsvc.pipeline.self_check import Checked, self_check
from tests.registering import issue, register
from tests.web.making import snapshot

ON = date(2026, 6, 24)
FIRM = {"kind": "enterprise", "region": "990105"}


def check(ctx: Context, person: int, **given: str) -> Checked:
    fields = {name.replace("__", "@").replace("_", ".", 1): value for name, value in given.items()}
    found = self_check(ctx, person, 1, "zh", fields)
    assert found is not None
    return found


def asked(found: Checked) -> dict[str, list[str]]:
    return {one.key: [choice.words for choice in one.choices] for one in found.questions}


def test_it_asks_for_what_is_missing_and_nothing_else(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "p", criteria={"all": [{"fact": "age", "ge": 60}, {"fact": "owns_home", "eq": False}]})
    found = check(ctx, person)
    assert asked(found) == {"owns_home": ["名下有住房", "名下无住房"]}
    assert found.fit.state == -1
    assert check(ctx, person, a_owns_home="no").fit.state == 1
    assert check(ctx, person, a_owns_home="yes").fit.state == 0
    assert check(ctx, person, a_owns_home="").fit.state == -1
    assert check(ctx, person, a_owns_home="nonsense", a_birth_date="b0").fit.state == -1


def test_nothing_of_it_is_kept(ctx: Context) -> None:
    person = register(ctx, "a")
    issue(ctx, "p", criteria={"fact": "owns_home", "eq": False})
    before = snapshot(ctx)
    assert check(ctx, person, a_owns_home="no").fit.state == 1
    assert snapshot(ctx) == before
    item = policy_for(ctx, person, 1)
    assert item is not None
    assert item.fit.state == -1


def test_a_threshold_is_asked_for_as_ranges(ctx: Context) -> None:
    firm = register(ctx, "f", **FIRM)
    tree = {"all": [{"fact": "rd_spend", "ge": 100, "year": 2025}, {"fact": "rd_spend", "lt": 500, "year": 2025}]}
    issue(ctx, "p", criteria=tree)
    found = check(ctx, firm)
    assert asked(found) == {"rd_spend@2025": ["不足100万元", "100万元及以上，不足500万元", "500万元及以上"]}
    states = [check(ctx, firm, a_rd_spend__2025=f"b{n}").fit.state for n in range(3)]
    assert states == [0, 1, 0]
    assert check(ctx, firm, x_rd_spend__2025="499.99").fit.state == 1
    said = check(ctx, firm, a_rd_spend__2025="b1").said
    assert [[one.words for one in clause] for clause in said] == [["100万元及以上，不足500万元"]] * 2


def test_an_age_is_asked_for_without_the_birthday(ctx: Context) -> None:
    person = register(ctx, "a")
    issue(ctx, "p", criteria={"fact": "age", "ge": 60})
    found = check(ctx, person)
    assert asked(found) == {"birth_date": ["不足60岁", "60岁及以上"]}
    assert [check(ctx, person, a_birth_date=code).fit.state for code in ("b0", "b1")] == [0, 1]
    assert found.questions[0].shape == "date"
    assert all(choice.text is None for choice in found.questions[0].choices), "a range is no birthday to be kept"


def test_a_day_is_asked_for_as_before_or_after(ctx: Context) -> None:
    firm = register(ctx, "f", **FIRM)
    issue(ctx, "p", criteria={"fact": "founded_on", "on_or_after": "2020-09-21"})
    assert asked(check(ctx, firm)) == {"founded_on": ["2020年9月21日之前", "2020年9月21日及以后"]}
    assert [check(ctx, firm, a_founded_on=code).fit.state for code in ("b0", "b1")] == [0, 1]


def test_a_place_is_asked_for_as_that_place_or_another(ctx: Context) -> None:
    person = register(ctx, "a")
    issue(ctx, "p", criteria={"fact": "region", "in_region": ["990105"]})
    (words,) = asked(check(ctx, person)).values()
    assert words[-1] == "以上都不是"
    assert [check(ctx, person, a_region=code).fit.state for code in ("b0", "b1")] == [1, 0]


def test_what_an_answer_shows_to_be_missing_is_asked_next(ctx: Context) -> None:
    firm = register(ctx, "f", **FIRM)
    issue(ctx, "p", criteria={"fact": "size", "in": ["small", "micro"]})
    first = check(ctx, firm)
    assert list(asked(first)) == ["industry"]
    then = check(ctx, firm, x_industry="I6513")
    assert list(asked(then)) == ["industry", "employees", "revenue"]
    whole = check(ctx, firm, x_industry="I6513", x_employees="5", x_revenue="30")
    assert whole.fit.state == 1


def test_a_certificate_is_asked_for_with_what_the_policy_asks_of_it(ctx: Context) -> None:
    firm = register(ctx, "f", **FIRM)
    issue(ctx, "p", criteria={"qualification": "national_hnte", "lapses_within": 90})
    found = check(ctx, firm)
    ((key, words),) = asked(found).items()
    assert key == "qualifications:national_hnte"
    states = {one.words: check(ctx, firm, **{f"a_{key}": one.code}).fit.state for one in found.questions[0].choices}
    assert states == {"有，到期还早": 0, "有，90天内到期": 1, "没有": 0}, words


def test_half_a_list_says_nothing_of_the_other_half(ctx: Context) -> None:
    person = register(ctx, "a")
    issue(ctx, "p", criteria={"excludes": ["低保", "租房补贴"]})
    found = check(ctx, person)
    assert list(asked(found)) == ["benefits:低保", "benefits:租房补贴"]
    assert check(ctx, person, **{"a_benefits:低保": "0"}).fit.state == -1
    assert check(ctx, person, **{"a_benefits:低保": "0", "a_benefits:租房补贴": "0"}).fit.state == 1
    assert check(ctx, person, **{"a_benefits:低保": "0", "a_benefits:租房补贴": "1"}).fit.state == 0


def test_what_is_sensitive_is_read_under_its_own_consent_alone(ctx: Context) -> None:
    """个人信息保护法 28、29: it is asked for, marked as sensitive; what is held is used where that was agreed to."""
    person = register(ctx, "a", hardship="yes")
    issue(ctx, "p", criteria={"fact": "hardship", "eq": True})
    found = check(ctx, person)
    assert [(one.key, one.sensitive) for one in found.questions] == [("hardship", True)]
    give_consent(ctx, person, "sensitive")
    assert not check(ctx, person).questions


@pytest.mark.parametrize("typed", ["many", "-1", "1e999", "１２３x", "9" * 300])
def test_what_cannot_be_read_is_said_and_decides_nothing(ctx: Context, typed: str) -> None:
    firm = register(ctx, "f", **FIRM)
    issue(ctx, "p", criteria={"fact": "employees", "le": 20})
    found = check(ctx, firm, x_employees=typed)
    assert found.wrong == {"employees"}
    assert found.fit.state == -1


def test_of_nobody_and_of_no_policy_there_is_no_check(ctx: Context) -> None:
    person = register(ctx, "a")
    issue(ctx, "p", criteria={"fact": "owns_home", "eq": False})
    assert self_check(ctx, 999, 1, "zh", {}) is None
    assert self_check(ctx, person, 999, "zh", {}) is None


# --- the ranges ------------------------------------------------------------------------------------------------------
NUMBERS = st.integers(0, 1000).map(float)
LEAF = st.one_of(
    st.tuples(st.sampled_from(["lt", "le", "gt", "ge", "eq", "ne"]), NUMBERS),
    st.tuples(st.just("in"), st.lists(NUMBERS, min_size=1, max_size=2, unique=True)),
)


def _tree(fact: str, leaves: list[tuple[str, Any]]) -> dict[str, Any]:
    return {"any": [{"fact": fact, op: value} for op, value in leaves]}


@given(leaves=st.lists(LEAF, min_size=1, max_size=3), value=st.floats(0, 2500, allow_nan=False))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_of_a_range_every_figure_is_judged_alike(leaves: list[tuple[str, Any]], value: float) -> None:
    """Whatever is true of the figure a range stands for is true of every figure in it, and every figure is in one."""
    root, days = parse(_tree("revenue", leaves)).root, Days(ON)
    bands = bands_of(root, "revenue", "enterprise", days)
    if not bands:
        return
    inside = [
        band
        for band in bands
        if (band.low is None or value > band.low or (band.low_in and value == band.low))
        and (band.high is None or value < band.high or (band.high_in and value == band.high))
    ]
    assert len(inside) == 1
    frame = build_frame([0, 1], {"kind": ["enterprise"] * 2, "revenue": [value, inside[0].value]})
    near = np.min([abs(value - edge) for band in bands for edge in (band.low, band.high) if edge is not None])
    if near == 0 or near > 1e-6:
        state = judge(root, frame, days).state
        assert state[0] == state[1]


@given(ages=st.lists(st.integers(1, 90), min_size=1, max_size=3), born=st.dates(date(1930, 1, 1), ON))
@settings(deadline=None)
def test_of_a_range_of_ages_every_birthday_is_judged_alike(ages: list[int], born: date) -> None:
    root, days = parse({"any": [{"fact": "age", "ge": age} for age in ages]}).root, Days(ON)
    bands = bands_of(root, "birth_date", "citizen", days)
    age = ON.year - born.year - ((ON.month, ON.day) < (born.month, born.day))
    (band,) = (one for one in bands if (one.low is None or age >= one.low) and (one.high is None or age < one.high))
    frame = build_frame([0, 1], {"kind": ["citizen"] * 2, "birth_date": [born, band.value]})
    state = judge(root, frame, days).state
    assert state[0] == state[1]


def test_a_figure_that_a_share_is_made_of_is_asked_for_itself() -> None:
    root = parse({"all": [{"fact": "revenue", "ge": 100}, {"fact": "rd_ratio", "ge": 4}]}).root
    assert bands_of(root, "revenue", "enterprise", Days(ON)) == []
