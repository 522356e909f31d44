"""`pushsvc facts`: what is held, from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_library import Run, run
from tests.registering import csv_file

__all__ = ["run"]  # a fixture, used by its name

ROW = {
    "ref": "firm", "kind": "enterprise", "name": "星渡", "revenue": "2000", "employees": "60", "industry": "I6513",
    "revenue@2025": "2000", "qualifications": "national_hnte@2023-12-08@2026-12-07", "source": "tax",
    "as_of": "2026-04-01",
}  # fmt: skip


@pytest.fixture
def city(run: Run, tmp_path: Path) -> None:
    """A firm and a person with a sensitive fact."""
    people = [ROW, {"ref": "a", "kind": "citizen", "hardship": "yes", "consents": "sensitive:any"}]
    assert run("import", "profiles", csv_file(tmp_path / "people.csv", people)).exit_code == 0


@pytest.mark.usefixtures("city")
def test_each_fact_is_a_line_with_its_source(run: Run) -> None:
    said = run("facts", "firm").output
    assert "营业收入: 2,000万元 · 税务 2026-04-01 · 核对经营数据 · 税收征收管理法" in said
    assert "营业收入 2025: 2,000万元" in said
    assert "高新技术企业" in said
    assert "revenue: 20,000,000 yuan · tax office 2026-04-01" in run("facts", "firm", "--locale", "en").output


@pytest.mark.usefixtures("city")
def test_json_is_one_object_with_the_inputs_of_what_was_computed(run: Run) -> None:
    held = json.loads(run("facts", "firm", "--json").output)
    assert held["facts"]["revenue"]["value"] == 2000
    assert held["yearly_facts"][0]["year"] == 2025
    assert held["qualifications"][0]["valid_until"] == "2026-12-07"
    assert set(held["derived_facts"]["size"]["inputs"]) == {"industry", "employees", "revenue"}


@pytest.mark.usefixtures("city")
def test_a_command_never_opens_what_is_sensitive(run: Run) -> None:
    held = json.loads(run("facts", "a", "--json").output)
    assert [(one["fact"], one["open"], one["value"]) for one in held["sensitive_facts"]] == [("hardship", False, None)]


def test_nobody_is_one_sentence(run: Run) -> None:
    found = run("facts", "nobody")
    assert found.exit_code == 1
    assert "There is no profile 'nobody'" in f"{found.output}{found.exception}"
