"""Stages of life, computed from facts as of a day."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from profiles.facts import SENSITIVE
from profiles.lifecycle import derive
from profiles.stages import RULES, STAGES
from tests.profiles.making import TODAY, frame_of


def stages(**facts: object) -> set[str]:
    return set(derive(frame_of([facts]), TODAY).stages.words(0))


def test_a_parent_of_a_newborn_is_in_the_stage_of_birth() -> None:
    assert "出生" in stages(kind="citizen", birth_date=date(1996, 1, 1), dependants=[(date(2026, 6, 1), None)])


def test_a_pensioner_is_in_old_age() -> None:
    found = stages(kind="citizen", birth_date=date(1950, 1, 1), employment="retired")
    assert {"养老", "就医"} <= found
    assert "就业" not in found


def test_a_young_firm_is_entering_and_an_old_one_is_running() -> None:
    assert "准入准营" in stages(kind="enterprise", founded_on=date(2026, 1, 1), legal_status="active")
    assert "经营发展" in stages(kind="enterprise", founded_on=date(2020, 1, 1), legal_status="active")


def test_a_cancelled_firm_is_only_leaving() -> None:
    facts = {"founded_on": date(2020, 1, 1), "revenue": 100, "employees": 3}
    assert stages(kind="enterprise", legal_status="cancelled", **facts) == {"注销退出"}


def test_nothing_known_is_no_stage() -> None:
    assert stages(kind="citizen") == set()


@pytest.mark.parametrize("name", SENSITIVE)
def test_no_stage_tells_a_sensitive_fact(name: str) -> None:
    assert name not in str(RULES)


def test_the_sixteen_stages_are_all_there() -> None:
    assert len(STAGES) == 16


def test_derived_again_for_another_day_nothing_old_is_left() -> None:
    frame = frame_of([{"kind": "citizen", "birth_date": date(1966, 6, 25)}])
    early, late = derive(frame, TODAY), derive(derive(frame, TODAY), date(2026, 6, 25))
    assert early.columns["age"].values.tolist() == [59]
    assert late.columns["age"].values.tolist() == [60]
    assert "养老" not in early.stages.words(0)
    assert "养老" in late.stages.words(0)


def test_many_profiles_are_derived_as_each_alone() -> None:
    people = [{"kind": "citizen", "birth_date": date(1940 + i, 1, 1)} for i in range(80)]
    together = derive(frame_of(people), TODAY)
    for row in (0, 17, 79):
        alone = derive(frame_of([people[row]]), TODAY)
        assert together.stages.words(row) == alone.stages.words(0)
        assert np.array_equal(together.columns["age"].values[row], alone.columns["age"].values[0])
