"""The commands of the library and its people, from the outside: files in, sentences and JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from profiles.records import RecordsError
from pushsvc.cli.main import cli
from pushsvc.settings import Settings
from tests.registering import OLD_ENOUGH, POLICY, csv_file, json_file

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs one command on the test's own servers."""
    for name, value in (
        ("DATABASE_URL", settings.database_url),
        ("REDIS_URL", settings.redis_url),
        ("VAR", settings.var),
    ):
        monkeypatch.setenv(f"PUSHSVC_{name}", str(value))
    monkeypatch.setenv("PUSHSVC_SECRET_KEY", "tests")
    monkeypatch.setenv("PUSHSVC_DATA_KEYS", "A" * 43 + "=")
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture
def library(run: Run, tmp_path: Path) -> Path:
    """One policy for those over sixty, and two people, imported."""
    policies = json_file(tmp_path / "policies.jsonl", [{"ref": "p", **POLICY, "criteria": OLD_ENOUGH}])
    people = [{"ref": "a", "kind": "citizen", "birth_date": "1950-05-01"}, {"ref": "b", "kind": "citizen"}]
    assert run("import", "policies", policies).exit_code == 0
    assert run("import", "profiles", csv_file(tmp_path / "people.csv", people)).exit_code == 0
    return tmp_path


def test_bad_rows_are_printed_with_their_place_and_the_good_ones_load(run: Run, tmp_path: Path) -> None:
    rows = [
        {"ref": "a", "kind": "citizen"},
        {"ref": "b", "kind": "martian"},
        {"ref": "c", "kind": "citizen", "region": "1"},
    ]
    found = run("import", "profiles", csv_file(tmp_path / "people.csv", rows))
    assert found.exit_code == 2
    assert "profiles: 1 new, 0 changed, 0 unchanged" in found.output
    assert "line 3, kind: unknown_level" in found.output
    assert "line 4, region: unknown_region" in found.output


@pytest.mark.usefixtures("library")
def test_matching_counts_and_publishing_drafts_a_campaign(run: Run) -> None:
    figures = json.loads(run("match", "p", "--json").output)
    assert (figures["eligible"], figures["unknown"], figures["missing"]) == (1, 1, {"birth_date": 1})
    assert "matched 1 | unknown 1 (1 lack 出生日期) | no 0 of 2" in run("match", "p").output
    assert "campaign 1 is a draft" in run("publish", "p", "--author", "李萌", "--reviewer", "周岚").output


@pytest.mark.usefixtures("library")
def test_an_author_who_reviews_gets_one_sentence(run: Run) -> None:
    found = run("publish", "p", "--author", "李萌", "--reviewer", "李萌")
    assert found.exit_code != 0
    assert getattr(found.exception, "code", "") == "same_person"


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(("locale", "words"), [("zh", "补充1项信息即可判断"), ("en", "Possibly: 1 fact would tell")])
def test_an_explanation_is_printed_in_both_languages(run: Run, locale: str, words: str) -> None:
    assert words in run("explain", "p", "b", "--locale", locale).output


def test_criteria_subscriptions_and_interactions_load_from_files(run: Run, library: Path) -> None:
    criteria = json_file(library / "c.jsonl", [{"ref": "p", "criteria": {"all": []}, "kind": "fund"}])
    assert "1 changed" in run("import", "criteria", criteria).output
    wishes = csv_file(library / "s.csv", [{"profile": "a", "ref": "w", "themes": "talent"}])
    assert "1 new" in run("import", "subscriptions", wishes).output
    log = csv_file(library / "i.csv", [{"profile": "a", "policy": "p", "kind": "opened", "at": "2026-06-01T08:00:00Z"}])
    assert "1 new" in run("import", "interactions", log).output
    assert "1 unchanged" in run("import", "interactions", log).output


@pytest.mark.usefixtures("library")
def test_without_interactions_training_says_that_nothing_was_learnt_and_there_is_nothing_to_evaluate(run: Run) -> None:
    assert "model 1: of what people declared, without figures (no_interactions)" in run("train").output
    assert getattr(run("evaluate", "--json").exception, "code", "") == "no_interactions"


def test_criteria_are_read_in_words_and_their_flaws_named_before_anything_runs(run: Run, tmp_path: Path) -> None:
    tree = {"all": [{"fact": "age", "ge": 60}, {"fact": "age", "lt": 60}]}
    found = run("lint", json_file(tmp_path / "tree.json", [tree]), "--locale", "en")
    assert found.exit_code == 2
    assert "    age at least 60 years" in found.output.splitlines()
    assert "✗ .: empty_range: No value lies in this range." in found.output
    assert run("lint", json_file(tmp_path / "sound.json", [OLD_ENOUGH])).exit_code == 0


def test_a_misspelt_fact_is_named_with_what_is_meant(run: Run, tmp_path: Path) -> None:
    rows = [{"ref": "p", "criteria": {"fact": "revenu", "ge": 1}}, {"ref": "q", "criteria": None}]
    found = run("lint", json_file(tmp_path / "policies.jsonl", rows), "--locale", "zh")
    assert found.exit_code == 2
    assert "unknown_fact" in found.output
    assert "revenue" in found.output


FIGURES = {
    "minimum_wage": {
        "zh": "最低工资",
        "en": "minimum wage",
        "unit": "元",
        "values": [
            {"value": 2490, "to": "2026-06-24", "source": "市府令第1号"},
            {"value": 2660, "from": "2026-06-25", "source": "市府令第2号"},
        ],
    }
}


def test_shared_figures_are_loaded_once_and_bound_on_the_day(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    file.write_text(json.dumps(FIGURES), encoding="utf-8")
    assert "1 new, 0 changed, 0 unchanged" in run("import", "parameters", file).output
    assert "0 new, 0 changed, 1 unchanged" in run("import", "parameters", file).output
    tree = {"fact": "household_income", "lt": {"param": "minimum_wage", "times": 12}}
    policies = json_file(tmp_path / "p.jsonl", [{"ref": "p", **POLICY, "criteria": tree}])
    assert run("import", "policies", policies).exit_code == 0
    people = [{"ref": "a", "kind": "citizen", "household_income": "30000"}, {"ref": "b", "kind": "citizen"}]
    run("import", "profiles", csv_file(tmp_path / "people.csv", people))
    figures = json.loads(run("match", "p", "--json").output)
    assert (figures["eligible"], figures["missing"]) == (1, {"household_income": 1})


def test_criteria_on_a_figure_nobody_loaded_are_refused(run: Run, tmp_path: Path) -> None:
    tree = {"fact": "household_income", "lt": {"param": "minimum_wag"}}
    found = run("import", "policies", json_file(tmp_path / "p.jsonl", [{"ref": "p", **POLICY, "criteria": tree}]))
    assert found.exit_code == 2
    assert "unknown_parameter" in found.output


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", "not_json"),
        ("{", "not_json"),
        ('{"a": 1}', "not_json"),
        ('{"a": {"zh": "甲"}}', "bad_value"),
        (json.dumps({"a": {**FIGURES["minimum_wage"], "values": [{"value": 1, "source": "甲"}] * 2}}), "overlap"),
    ],
)
def test_a_wrong_file_of_figures_changes_nothing(run: Run, tmp_path: Path, text: str, code: str) -> None:
    file = tmp_path / "figures.json"
    file.write_text(text, encoding="utf-8")
    found = run("import", "parameters", file)
    assert isinstance(found.exception, RecordsError)
    assert found.exception.code == code
