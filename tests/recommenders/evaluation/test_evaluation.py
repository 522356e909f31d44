"""Evaluations: of the city's own log, and of data sets in the published format."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommenders.errors import DataError, InteractionError
from recommenders.evaluation import evaluate, evaluate_dir
from recommenders.evaluation.datasets import read
from recommenders.interactions import Interactions
from recommenders.recipe import PARTS
from recommenders.setting import Setting
from recommenders.training import Config
from tests.recommenders.city import QUICK, can_train, city
from tests.recommenders.evaluation.publishing import small, write

PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / "recsys" / "ml-100k"
BASELINES = {"random", "activity", "popularity", "centroid", "knn", "ridge", "lightfm_audience", "lightfm_feed"}
FIGURES = {"auc", "ndcg@20", "recall@20", "precision@20", "coverage"}
DAYS = {number: date(2026, 1, 1) + timedelta(days=number) for number in range(1, 49)}


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return small(tmp_path)


def timeless(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "seconds"}


def test_the_city_is_judged_on_policies_that_training_did_not_see() -> None:
    if not can_train():
        return
    seen: list[tuple[int, int, str]] = []
    judged = evaluate(*city(), config=QUICK, setting=Setting(published=DAYS), progress=lambda *step: seen.append(step))
    found = judged.figures
    assert json.loads(json.dumps(found)) == found
    assert found["audience_auc_cold"] > found["audience_auc_activity"] > found["audience_auc_random"]
    assert (
        found["splits"]["time"]["audience"]["auc"] > found["splits"]["time"]["baselines"]["activity"]["audience"]["auc"]
    )
    assert set(found["baselines"]) >= BASELINES | {"declared"}
    assert found["recipe"]["cold"]["audience"]["epochs"] == judged.recipe.audience.epochs == found["epochs"]
    assert seen[-1][:2] == (len(seen), len(seen))


def test_the_same_seed_gives_the_same_figures_and_recipe() -> None:
    if not can_train():
        return
    first, again = (evaluate(*city(), config=QUICK) for _ in range(2))
    assert first == again
    assert first.figures["splits"]["time"] is None


def test_an_empty_log_cannot_be_judged() -> None:
    people, offered, _ = city()
    with pytest.raises(InteractionError) as error:
        evaluate(people, offered, Interactions(np.zeros(0, np.int64), np.zeros(0, np.int64)))
    assert error.value.code == "no_interactions"


def test_a_log_of_three_policies_cannot_be_judged() -> None:
    people, offered, log = city()
    with pytest.raises(InteractionError) as error:
        evaluate(people, offered[:3], log)
    assert error.value.code == "too_few_policies"


def test_a_folder_is_judged_over_all_its_splits(folder: Path) -> None:
    if not can_train():
        return
    steps: list[tuple[int, int, str]] = []
    found = evaluate_dir(folder, config=QUICK, progress=lambda *step: steps.append(step))
    assert (found["users"], found["items"], found["pairs"], found["splits"]) == (12, 20, 120, ["1", "2"])
    assert set(found["baselines"]) >= BASELINES
    for side in ("feed", "audience"):
        assert set(found[side]) >= FIGURES
        assert (found[side]["auc"], found["sd"][side]["auc"]) == (1.0, 0.0)
        assert found["interval"][side]["auc"] == [1.0, 1.0]
        assert set(found["ablations"]) <= {*PARTS, "both_lightfm"}
    assert found["baselines"]["activity"]["audience"]["auc"] == 0.5
    assert [step[0] for step in steps] == list(range(1, 9))


def test_several_data_sets_are_told_by_name(tmp_path: Path) -> None:
    if not can_train():
        return
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        small(tmp_path / name)
        (tmp_path / name / "split-2.csv").unlink()
    found = evaluate_dir(tmp_path, config=QUICK, clock=lambda: 0.0)  # twice the same data: twice the same figures
    assert (list(found["datasets"]), found["seconds"]) == (["a", "b"], 0.0)
    assert timeless(found["datasets"]["a"]) | {"name": "b"} == timeless(found["datasets"]["b"])


@pytest.mark.long
def test_movielens_meets_its_bars_where_it_is_present(tmp_path: Path) -> None:
    """The first published split: we stand above every baseline, and above activity among the equally active."""
    if not PUBLISHED.is_dir():
        warnings.warn("The MovieLens data are not here: nothing was judged.", stacklevel=1)
        return
    if not can_train():
        return
    for name in ("interactions.csv", "item_features.csv", "user_features.csv", "split-1.csv"):
        (tmp_path / name).symlink_to(PUBLISHED / name)
    found = evaluate_dir(tmp_path, config=Config(dim=16))
    audience, others = found["audience"], found["baselines"]
    assert audience["auc"] > others["activity"]["audience"]["auc"] + 0.03
    assert audience["auc_lowest_decile"] > 0.5
    assert others["lightfm_audience"]["audience"]["auc"] > others["lightfm_feed"]["audience"]["auc"] + 0.1
    assert audience["auc"] >= max(one["audience"]["auc"] for one in others.values())
    assert found["feed"]["auc"] > 0.74


@pytest.mark.parametrize(
    ("file", "text", "code", "place"),
    [
        ("interactions", "who,item\n0,0", "wrong_column", "interactions.csv:1"),
        ("interactions", "user,item\n0,0,0", "wrong_column", "interactions.csv:2"),
        ("interactions", "user,item\n0,x", "bad_id", "interactions.csv:2"),
        ("interactions", "user,item\n0,-1", "bad_id", "interactions.csv:2"),
        ("interactions", "user,item\n", "no_interactions", "interactions.csv"),
        ("item_features", "item,feature,weight\n0,0,nan", "bad_weight", "item_features.csv:2"),
        ("item_features", "item,feature,weight\n0,0,1e300", "bad_weight", "item_features.csv:2"),
        ("item_features", "item,feature,weight\n0,0,", "bad_weight", "item_features.csv:2"),
        ("split__1", "item,fold\n0,train\n1,tset", "bad_fold", "split-1.csv:3"),
        ("split__1", "item,fold\n0,train\n1,val\n0,test", "repeated_item", "split-1.csv:4"),
        ("interactions", "", "wrong_column", "interactions.csv:1"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(folder: Path, file: str, text: str, code: str, place: str) -> None:
    write(folder, **{file: text})
    with pytest.raises(DataError) as error:
        read(folder)
    assert (error.value.code, error.value.place) == (code, str(folder / place))


def test_ids_may_have_gaps_as_large_as_they_like(folder: Path) -> None:
    """Rows are made of what is named, so one large number costs no memory, and changes nothing but its own row."""
    before = read(folder)
    files = {path: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    for name, more in (("interactions", "99999999,99999998"), ("item_features", "99999997,99999999,1")):
        path = folder / f"{name}.csv"
        path.write_text(f"{files[path]}\n{more}", encoding="utf-8")
    found = read(folder)
    assert (found.shape, found.item_features.shape[1]) == ((before.shape[0] + 2, before.shape[1] + 1), 3)
    assert (found.item_features[:20, :2] != before.item_features).nnz == 0
    assert (found.users[-1], found.items[-1]) == (12, 21)
    assert np.array_equal(found.splits["1"], [*before.splits["1"], -1, -1])


def test_bytes_that_are_no_text_are_an_error(folder: Path) -> None:
    (folder / "interactions.csv").write_bytes(b"user,item\n\xff\xfe")
    with pytest.raises(DataError) as error:
        read(folder)
    assert error.value.code == "unreadable"


@pytest.mark.parametrize("fold", ["train", "val", "test"])
def test_a_split_without_a_fold_is_an_error(folder: Path, fold: str) -> None:
    kinds = [kind for kind in ("train", "val", "test") if kind != fold]
    write(folder, split__1="\n".join(["item,fold", *(f"{i},{kinds[i % 2]}" for i in range(20))]))
    with pytest.raises(DataError) as error:
        evaluate_dir(folder)
    assert error.value.code == "empty_fold"


def test_a_folder_without_data_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        evaluate_dir(tmp_path)
    assert error.value.code == "no_data"
    with pytest.raises(DataError) as error:
        read(write(tmp_path, interactions="user,item\n0,0", item_features="item,feature,weight\n0,0,1"))
    assert error.value.code == "no_split"
