"""`pushsvc match`: a table of conditions in words, what is missing, who is eligible; or the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from profiles.criteria import parse
from profiles.criteria.outline import outline
from pushsvc.cli.match_table import match_table
from tests.cli.test_library import Run, library, run

__all__ = ["library", "run"]  # fixtures, used by their names

FIGURES = {
    "profiles": 1_200,
    "eligible": 1_000,
    "unknown": 150,
    "no": 50,
    "missing": {"birth_date": 150},
    "nodes": [{"place": "", "yes": 1_000, "no": 50, "unknown": 150}],
    "eligible_by": {
        "kind": {"citizen": 1_000},
        "district": {"990105": 400, "990101": 300, "990102": 100, "990103": 50, "990104": 50, "990106": 60, "": 40},
        "section": {},
        "size": {},
        "stage": {"就业": 900, "养老": 700},
        "age": {"60-79": 1_000},
    },
    "selected": {"entitled": 1_000},
    "people": 990,
}


def test_every_block_lines_up_and_adds_up() -> None:
    lines = match_table(FIGURES, outline(parse({"all": [{"fact": "age", "ge": 60}]})))
    assert lines[:12] == [
        "matched 1,000 | unknown 150 (150 lack 出生日期) | no 50 of 1,200",
        "chosen: entitled 1,000",
        "people: 990 once those reached at one address are merged",
        "",
        "condition           yes  maybe  no",
        "以下全部满足      1,000    150  50",
        "  年龄不少于60岁",
        "",
        "missing, of the unknown  profiles",
        "出生日期                      150",
        "",
        "eligible by district  profiles    share",
    ]
    assert "2 others                   100   10.0 %" in lines
    assert "total                    1,000  100.0 %" in lines


def test_stages_overlap_and_have_no_total() -> None:
    lines = match_table(FIGURES, ())
    at = lines.index("eligible by stage  profiles   share")
    assert lines[at + 1 : at + 4] == ["就业                    900  90.0 %", "养老                    700  70.0 %", ""]


def test_nobody_eligible_has_no_breakdown() -> None:
    nobody = FIGURES | {"eligible": 0, "eligible_by": {"kind": {}}, "missing": {}, "selected": {}}
    assert match_table(nobody, ())[1] == "chosen: nobody"
    assert not any("eligible by" in line for line in match_table(nobody, ()))


def test_coverage_stands_beside_the_eligible_and_small_groups_together() -> None:
    by = {"district": {"990105": 400, "990101": 590, "990102": 3, "990103": 4}, "age": {}, "size": {}, "stage": {}}
    chosen = {**by, "district": {"990105": 100, "990101": 2}}
    floor = {"share": 0.25, "raised": 7, "over": 3}
    more = {"eligible_by": {**FIGURES["eligible_by"], **by}, "selected_by": chosen, "covered_by": chosen}
    lines = match_table(FIGURES | more | {"recommended": {"floor": floor}}, ())
    at = lines.index("floor 25 % of each group: 7 chosen for it alone, 3 more than top_n")
    assert lines[at + 2 : at + 7] == [
        "eligible by district                     profiles  chosen   share",
        "云湾区 990101 (below the floor)               590      <5      <5",
        "桂塘区 990105                                 400     100  25.0 %",
        "small groups together (below the floor)         7      <5      <5",
        "total                                         997     102  10.2 %",
    ]
    assert "eligible by kind  profiles    share" in lines


@pytest.mark.usefixtures("library")
def test_the_command_prints_it_in_both_languages(run: Run) -> None:
    zh, en = run("match", "p").output, run("match", "p", "--locale", "en").output
    assert "  年龄不少于60岁(第三条)    1      1   0" in zh
    assert "age at least 60 years" in en
    assert "date of birth" in en


def test_json_keeps_its_keys_and_has_the_new_ones(run: Run, library: Path) -> None:
    figures = json.loads(run("match", "p", "--json").output)
    assert {"on", "profiles", "eligible", "unknown", "no", "missing", "selected", "recommended"} <= set(figures)
    assert {"nodes", "eligible_by", "people"} <= set(figures)


@pytest.mark.usefixtures("library")
def test_an_unknown_policy_is_one_sentence(run: Run) -> None:
    assert "There is no policy 'nothing'." in str(run("match", "nothing").exception)
