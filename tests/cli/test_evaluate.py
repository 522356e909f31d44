"""`pushsvc evaluate --data`: one JSON object, or tables that a person reads, and charts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pushsvc.cli.evaluate import evaluate, tables
from tests.recommenders.city import can_train
from tests.recommenders.evaluation.publishing import small
from tests.recommenders.evaluation.test_charts import result


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    small(tmp_path)
    (tmp_path / "split-2.csv").unlink()
    return tmp_path


def run(*words: object) -> Result:
    return CliRunner().invoke(evaluate, [str(word) for word in words], catch_exceptions=True)


def test_json_is_one_object_with_both_directions_and_the_charts_are_told_beside_it(
    folder: Path, tmp_path: Path
) -> None:
    if not can_train():
        return
    done = run("--data", folder, "--json", "--charts", tmp_path / "charts")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    for side in ("feed", "audience"):
        assert {"recall@20", "ndcg@20", "auc"} <= set(found[side])
    assert all({"feed", "audience"} <= set(one) for one in found["baselines"].values())
    assert found["seconds"] >= 0
    assert "3 charts in" in done.stderr
    assert len(list((tmp_path / "charts").glob("*.svg"))) == 3


def test_our_score_stands_first_and_the_best_is_marked() -> None:
    shown = result("knn", "random")
    row = {"auc": 0.6, "ndcg@20": 0.1, "recall@20": 0.1, "precision@20": None, "coverage": 1.0}
    best = {**row, "auc": 0.9}
    shown |= {"feed": row, "audience": best, "ablations": {"ridge": {"feed": row, "audience": row}}}
    shown["baselines"] = {"knn": {"feed": best, "audience": row}}
    feed, audience = (block.splitlines() for block in tables("city", shown))
    assert [line.split()[0] for line in feed[1:3]] == ["ours", "knn"]
    assert ("0.9000*" in feed[1], "0.9000*" in feed[2]) == (False, True)
    assert "0.9000*" in audience[1]
    assert feed[3].startswith("ours without ridge")
    assert "-" in feed[1]


def test_a_folder_without_data_is_one_sentence(tmp_path: Path) -> None:
    done = run("--data", tmp_path)
    assert getattr(done.exception, "code", "") == "no_data"


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("--data", tmp_path, "--charts", tmp_path / "file" / "charts")
    assert (done.exit_code, "cannot be written to: Not a directory." in done.stderr) == (2, True)
