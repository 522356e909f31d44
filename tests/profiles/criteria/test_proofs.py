"""Clause by clause: the same answer as the decision, in words people read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from profiles.criteria import decide, parse, prove, say, say_state
from tests.profiles.criteria.strategies import people, trees
from tests.profiles.making import TODAY, frame_of


def sentences(tree: object, locale: str = "zh", **facts: Any) -> list[str]:
    return [say(clause, locale) for clause in prove(parse(tree), frame_of([facts]), 0, on=TODAY)]


@settings(max_examples=200, deadline=None)
@given(trees, people)
def test_the_clauses_together_are_the_decision(tree: Any, person: dict[str, Any]) -> None:
    criteria, frame = parse(tree), frame_of([{}, person])
    states = {clause.state for clause in prove(criteria, frame, 1, on=TODAY)}
    together = 0 if 0 in states else -1 if -1 in states else 1
    assert together == decide(criteria, frame, on=TODAY).state[1]


@settings(max_examples=60, deadline=None)
@given(trees, people)
def test_every_clause_can_be_said(tree: Any, person: dict[str, Any]) -> None:
    for clause in prove(parse(tree), frame_of([person]), 0, on=TODAY):
        assert say(clause, "zh")
        assert say(clause, "en")
        assert bool(clause.missing) == (clause.state == -1)


def test_a_clause_that_holds_says_why() -> None:
    tree = {"fact": "age", "ge": 60, "clause": "3"}
    assert sentences(tree, birth_date=date(1950, 1, 1)) == ["因您的年龄符合第3条"]
    assert sentences(tree, "en", birth_date=date(1950, 1, 1)) == ["Your age meets clause 3"]


def test_a_clause_that_fails_says_what_is_asked_and_what_is_held() -> None:
    tree = {"fact": "insurance_months", "ge": 6, "clause": "第三条第二项"}
    assert sentences(tree, kind="citizen", insurance_months=4.0) == [
        "目前不符合第三条第二项:要求社保缴纳月数不少于6个月,登记为4个月。有误?更正"
    ]
    assert sentences({**tree, "clause": "3"}, "en", insurance_months=4) == [
        "Not now: clause 3 asks months of social insurance at least 6 months; we hold 4 months. Wrong? Correct it"
    ]


def test_an_unknown_clause_says_how_many_facts_would_tell() -> None:
    tree = {"fact": "owns_home", "eq": False}
    assert sentences(tree) == ["可能符合:补充1项信息即可判断(住房)"]
    assert sentences(tree, "en") == ["Possibly: 1 fact would tell (home ownership)"]
    assert say_state(-1, 1, "en") == "Possibly: 1 fact would tell"


def test_alternatives_are_one_clause() -> None:
    tree = {"any": [{"fact": "talent_class", "in": ["A", "B"]}, {"fact": "age", "lt": 35}]}
    (found,) = sentences(tree, kind="citizen", talent_class="C", birth_date=date(1980, 1, 1))
    assert found == "目前不符合:要求人才类别为A或B或年龄少于35岁,登记为C;46岁。有误?更正"


def test_not_any_is_said_one_by_one() -> None:
    tree = {"not": {"any": [{"fact": "dishonest", "eq": True}, {"fact": "is_branch", "eq": True}]}}
    found = sentences(tree, kind="enterprise", dishonest=True, is_branch=False)
    assert found == ["目前不符合:要求无失信记录,登记为有失信记录。有误?更正", "因您的分支机构符合要求"]


def test_a_sensitive_value_is_never_said() -> None:
    (found,) = sentences({"fact": "hardship", "eq": True}, kind="citizen", hardship=False)
    assert "登记为已登记" in found


def test_regions_and_industries_are_said_by_name() -> None:
    tree = {"all": [{"fact": "region", "in_region": ["990101"]}, {"fact": "industry", "in_industry": ["65"]}]}
    found = sentences(tree, kind="enterprise", region="990102", industry="H6210")
    assert found[0] == "目前不符合:要求所在地区在云湾区,登记为澜江区。有误?更正"
    assert "软件和信息技术服务业(I65)" in found[1]


def test_what_does_not_apply_is_said_so() -> None:
    (found,) = sentences({"fact": "revenue", "ge": 1}, kind="citizen")
    assert "登记为不适用" in found


def test_no_criteria_have_no_clauses() -> None:
    assert prove(None, frame_of([{}]), 0, on=TODAY) == []


@pytest.mark.parametrize(
    ("state", "zh", "en"),
    [
        (1, "初步符合,以受理部门审核为准", "Looks eligible; the office decides"),
        (-1, "可能符合:补充2项信息即可判断", "Possibly: 2 facts would tell"),
        (0, "目前不符合", "Not now"),
    ],
)
def test_the_whole_answer_in_one_line(state: int, zh: str, en: str) -> None:
    assert (say_state(state, 2, "zh"), say_state(state, 2, "en")) == (zh, en)
