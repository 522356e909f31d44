"""Stages of life as the person reads them: which hold, by which facts, and what would tell."""

from __future__ import annotations

from datetime import date

import pytest

from profiles.facts import KINDS
from profiles.stages import STAGES, stages_of
from pushsvc.context import Context
from pushsvc.pipeline.corrections import Wish
from pushsvc.pipeline.own_word import say
from pushsvc.pipeline.stages_said import StageSaid, stages_for
from tests.registering import ask, register


def stage(ctx: Context, person: int, name: str) -> StageSaid:
    """One of the stages."""
    return next(one for one in stages_for(ctx, person) if one.stage == name)


def test_each_kind_has_its_stages_and_nobody_those_after_death() -> None:
    assert {name for kind in KINDS for name in stages_of(kind)} == set(STAGES) - {"身后"}
    assert set(stages_of("citizen")).isdisjoint(stages_of("enterprise"))
    assert set(stages_of("self_employed")) == {*stages_of("citizen"), *stages_of("enterprise")}


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"birth_date": "1950-01-01", "insurance_months": "3"},
        {"birth_date": "2024-01-01"},
        {"birth_date": "1990-01-01", "employment": "unemployed", "owns_home": "no"},
        {"birth_date": "1990-01-01", "dependants": "a@2026-01-01@"},
    ],
)
def test_what_is_said_is_what_is_stored(ctx: Context, facts: dict[str, str]) -> None:
    me = register(ctx, "me", **facts)
    said = {one.stage for one in stages_for(ctx, me) if one.state == 1}
    assert said == set(ask(ctx, "select stages from profile")[0][0])


def test_a_stage_names_the_facts_it_follows_from(ctx: Context) -> None:
    me = register(ctx, "me", birth_date="1990-01-01", owns_home="no", source="housing", as_of="2026-01-01")
    found = stage(ctx, me, "置业")
    assert [(one.fact, one.state) for one in found.grounds] == [("birth_date", 1), ("owns_home", 1)]
    assert found.grounds[1].held is not None
    assert found.grounds[1].held.source_words == "住房登记"


def test_what_would_tell_is_named_and_telling_it_settles_the_stage(ctx: Context) -> None:
    me = register(ctx, "me", birth_date="1990-01-01")
    assert (stage(ctx, me, "置业").state, stage(ctx, me, "置业").lacking) == (-1, ("owns_home",))
    say(ctx, me, Wish("owns_home", "否"))
    assert stage(ctx, me, "置业").state == 1
    say(ctx, me, Wish("owns_home", "是"))
    assert stage(ctx, me, "置业").state == 0


def test_a_condition_that_is_turned_round_counts_so(ctx: Context) -> None:
    firm = register(ctx, "firm", kind="enterprise", founded_on="2018-03-01", legal_status="active")
    found = stage(ctx, firm, "经营发展")
    assert found.state == 1
    assert {one.fact: one.state for one in found.grounds} == {"legal_status": 1, "founded_on": 1}


def test_children_count_without_their_values(ctx: Context) -> None:
    me = register(ctx, "me", birth_date="1990-01-01", dependants="a@2026-01-02@")
    found = stage(ctx, me, "出生")
    assert [(one.fact, one.state) for one in found.grounds] == [("dependants", 1), ("birth_date", 0)]
    assert found.choice
    assert stage(ctx, me, "教育").grounds[0].asks.count("年龄") <= 2
    assert date(2026, 1, 2).isoformat() not in str(found)


def test_of_nobody_there_are_none(ctx: Context) -> None:
    assert stages_for(ctx, 999) == ()
