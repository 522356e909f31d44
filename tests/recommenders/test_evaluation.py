"""Evaluations: of the city's own log, and of data sets in the published format."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from recommenders import baselines, judging
from recommenders.datasets import read
from recommenders.errors import DataError, InteractionError
from recommenders.evaluation import evaluate, evaluate_dir
from recommenders.interactions import Interactions
from recommenders.judging import Cold
from recommenders.matrix import from_parts
from tests.recommenders.city import QUICK, can_train, city

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "recsys" / "ml-100k"
BASELINES = {"random", "activity", "popularity", "knn_audience", "knn_feed"}


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name.replace('__', '-')}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Two tastes: even users take items of feature 0, odd ones those of feature 1. Two splits."""
    pairs = [f"{u},{i}" for u in range(12) for i in range(20) if (u + i) % 2 == 0]
    features = [f"{i},{i % 2},1" for i in range(20)]
    fold = {name: [f"{i},{kind}" for i, kind in enumerate(kinds)] for name, kinds in _FOLDS.items()}
    return write(
        tmp_path,
        interactions="\n".join(["user,item", *pairs]),
        item_features="\n".join(["item,feature,weight", *features]),
        split__1="\n".join(["item,fold", *fold["1"]]),
        split__2="\n".join(["item,fold", *fold["2"]]),
    )


_FOLDS = {"1": ["train"] * 16 + ["val", "val", "test", "test"], "2": ["test", "test", "val", "val"] + ["train"] * 16}


def test_the_city_is_judged_on_policies_that_training_did_not_see() -> None:
    if not can_train():
        return
    seen: list[tuple[int, int, str]] = []
    found = evaluate(*city(), config=QUICK, progress=lambda *step: seen.append(step))
    assert json.loads(json.dumps(found)) == found
    assert found["audience_auc_cold"] > found["audience_auc_activity"] > found["audience_auc_random"]
    assert seen[-1][:2] == (len(seen), len(seen))
    assert evaluate(*city(), config=QUICK) == found


def test_an_empty_log_cannot_be_judged() -> None:
    people, offered, _ = city()
    with pytest.raises(InteractionError) as error:
        evaluate(people, offered, Interactions(np.zeros(0, np.int64), np.zeros(0, np.int64)))
    assert error.value.code == "no_interactions"


def test_a_folder_is_judged_over_all_its_splits(small: Path) -> None:
    if not can_train():
        return
    steps: list[tuple[int, int, str]] = []
    [found] = evaluate_dir(small, config=QUICK, progress=lambda *step: steps.append(step))["datasets"]
    assert (found["users"], found["items"], found["pairs"], found["splits"]) == (12, 20, 120, ["1", "2"])
    assert set(found["feed"]) == BASELINES | {"lightfm_audience", "lightfm_feed", "blend_audience", "blend_feed"}
    assert found["audience"]["lightfm_audience"]["auc"] == {"mean": 1.0, "sd": 0.0}
    assert found["audience"]["activity"]["auc"] == {"mean": 0.5, "sd": 0.0}
    assert [step[0] for step in steps] == list(range(1, 9))


def test_movielens_meets_its_bars_where_it_is_present(tmp_path: Path) -> None:
    """The first published split: trained for the audience it beats activity, also among the equally active."""
    if not PUBLISHED.is_dir():
        warnings.warn("The MovieLens data are not here: nothing was judged.", stacklevel=1)
        return
    if not can_train():
        return
    for name in ("interactions.csv", "item_features.csv", "user_features.csv", "split-1.csv"):
        (tmp_path / name).symlink_to(PUBLISHED / name)
    [found] = evaluate_dir(tmp_path, snapshots=(5, 10))["datasets"]
    audience, feed = found["audience"], found["feed"]
    assert audience["lightfm_audience"]["auc"]["mean"] > max(0.8, audience["activity"]["auc"]["mean"] + 0.03)
    assert audience["lightfm_audience"]["auc_lowest_decile"]["mean"] > 0.5
    assert audience["lightfm_audience"]["auc"]["mean"] > audience["lightfm_feed"]["auc"]["mean"] + 0.1
    assert feed["lightfm_feed"]["auc"]["mean"] > 0.72


def test_a_feed_masks_the_positives_of_the_other_fold() -> None:
    positive = np.array([[True], [True], [False]])
    cold = Cold(positive, is_test=np.array([True, False, True]), groups=np.zeros(1, np.int64))
    scores = np.array([[2], [3], [1]], dtype=np.float32)  # the validation item stands above the test item
    assert judging.feed(cold, scores) == {"auc": 1.0, "ndcg@20": 1.0, "recall@20": 1.0}


def test_neighbours_are_the_readers_of_the_most_similar_items() -> None:
    warm = from_parts(np.arange(2), np.arange(2), np.ones(2, np.float32), (2, 2))
    log = from_parts(np.array([0, 1]), np.array([0, 1]), np.ones(2, np.float32), (2, 2))
    cold = from_parts(np.array([0]), np.array([0]), np.ones(1, np.float32), (1, 2))
    assert baselines.neighbours(cold, warm, log, k=1).tolist() == [[1, 0]]
    assert baselines.popularity(cold, warm, log).tolist() == [[1, 1]]


@pytest.mark.parametrize(
    ("file", "text", "code", "place"),
    [
        ("interactions", "who,item\n0,0", "wrong_column", "interactions.csv:1"),
        ("interactions", "user,item\n0,0,0", "wrong_column", "interactions.csv:2"),
        ("interactions", "user,item\n0,x", "bad_id", "interactions.csv:2"),
        ("interactions", "user,item\n0,-1", "bad_id", "interactions.csv:2"),
        ("interactions", "user,item\n", "no_interactions", "interactions.csv"),
        ("item_features", "item,feature,weight\n0,0,nan", "bad_weight", "item_features.csv:2"),
        ("item_features", "item,feature,weight\n0,0,", "bad_weight", "item_features.csv:2"),
        ("split__1", "item,fold\n0,train\n1,tset", "bad_fold", "split-1.csv:3"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(small: Path, file: str, text: str, code: str, place: str) -> None:
    write(small, **{file: text})
    with pytest.raises(DataError) as error:
        read(small)
    assert (error.value.code, error.value.place) == (code, str(small / place))


def test_bytes_that_are_no_text_are_an_error(small: Path) -> None:
    (small / "interactions.csv").write_bytes(b"user,item\n\xff\xfe")
    with pytest.raises(DataError) as error:
        read(small)
    assert error.value.code == "unreadable"


def test_a_folder_without_data_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        evaluate_dir(tmp_path)
    assert error.value.code == "no_data"
    with pytest.raises(DataError) as error:
        read(write(tmp_path, interactions="user,item\n0,0", item_features="item,feature,weight\n0,0,1"))
    assert error.value.code == "no_split"
