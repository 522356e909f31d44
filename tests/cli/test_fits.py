"""`pushsvc fits`: everything in force for one profile, from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pushsvc.cli.main import is_ours
from tests.cli.test_library import Run, run
from tests.registering import OLD_ENOUGH, POLICY, csv_file, json_file

__all__ = ["run"]  # a fixture, used by its name

HOMELESS = {"fact": "owns_home", "eq": False}


@pytest.fixture
def city(run: Run, tmp_path: Path) -> None:
    """One policy that fits, three that might, and a person."""
    rows = [{"ref": "old", **POLICY, "criteria": OLD_ENOUGH, "window_closes": "2999-07-01"}]
    rows += [{"ref": f"home{n}", **POLICY, "title": f"第{n}号住房补贴", "criteria": HOMELESS} for n in range(3)]
    assert run("import", "policies", json_file(tmp_path / "p.jsonl", rows)).exit_code == 0
    people = [{"ref": "a", "kind": "citizen", "birth_date": "1950-05-01"}]
    assert run("import", "profiles", csv_file(tmp_path / "people.csv", people)).exit_code == 0
    for row in rows:
        assert run("publish", row["ref"], "--author", "李萌", "--reviewer", "周岚").exit_code == 0


@pytest.mark.usefixtures("city")
def test_it_prints_tables_and_the_questions_worth_asking(run: Run) -> None:
    said = run("fits", "a", "--limit", "2").output.splitlines()
    assert said[0] == "符合 1,可能符合 3,不符合 0,不作匹配 0;有效政策共 4"
    assert said[2:4] == ["符合:", "  old  2999-07-01  云湾区人才安居补贴"]
    assert said[5:9] == [
        "可能符合,还差:",
        "  home2  -  第2号住房补贴  住房",
        "  home1  -  第1号住房补贴  住房",
        "  ……另有 1 项",
    ]
    assert said[10:] == ["值得问:", "  回答「住房」可确定 3 项政策,涉及 3 项"]


@pytest.mark.usefixtures("city")
def test_it_speaks_english_and_json(run: Run) -> None:
    assert '"home ownership": would settle 3 (concerns 3)' in run("fits", "a", "--locale", "en").output
    found = json.loads(run("fits", "a", "--json").output)
    assert found["counts"] == {"fits": 1, "might": 3, "no": 0, "unmatched": 0, "total": 4}
    assert found["questions"] == [{"fact": "owns_home", "words": "住房", "settles": 3, "touches": 3}]


def test_a_profile_that_is_not_there_is_an_error_of_ours(run: Run) -> None:
    failed = run("fits", "nobody").exception
    assert failed is not None
    assert is_ours(failed)


def test_nothing_in_force_is_said(run: Run, tmp_path: Path) -> None:
    run("import", "profiles", csv_file(tmp_path / "people.csv", [{"ref": "a", "kind": "citizen"}]))
    assert run("fits", "a").output == "符合 0,可能符合 0,不符合 0,不作匹配 0;有效政策共 0\n"
