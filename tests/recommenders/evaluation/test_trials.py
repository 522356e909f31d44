"""A trial over random crowds: the trap that LightFM's own predict is, and data with holes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recommenders.evaluation.judging import DIRECTIONS, judge
from recommenders.evaluation.metrics import mean
from recommenders.evaluation.scorers import Vectors
from recommenders.evaluation.tasks import Task
from recommenders.evaluation.trials import STEPS, trial
from recommenders.recipe import PARTS
from recommenders.training import Config, Pairs, job_of
from tests.recommenders.city import QUICK, can_train
from tests.recommenders.evaluation.publishing import crowd


def predicted(task: Task) -> tuple[Vectors, Vectors]:
    """LightFM trained for feeds, as its own `predict` scores, and without the users' bias."""
    from recommenders.trainer import fit

    held, entries = task.contents["raw"], task.log.tocoo()
    pairs = Pairs(entries.col.astype(np.int64), entries.row.astype(np.int64), entries.data)
    *_, (_, model) = fit(job_of(pairs, task.users, held.warm, config=Config(seed=3, dim=16), snapshots=(20,)))
    products = Vectors(
        held.cold @ model.item_embeddings, task.users @ model.user_embeddings, by_item=held.cold @ model.item_biases
    )
    return replace(products, by_user=task.users @ model.user_biases), products


def test_users_ranked_by_predict_stand_on_their_heads() -> None:
    """Training for feeds leaves "minus activity" in the users' bias: an audience is then worse than by activity."""
    if not can_train():
        return
    task = crowd(160, 140, seed=4)
    activity = np.bincount(task.log.indices, minlength=160)
    trap, without = predicted(task)
    found = {
        name: mean(judge(task.truth, one, "audience").rows["auc"]) for name, one in (("trap", trap), ("not", without))
    }
    assert trap.by_user is not None
    assert np.corrcoef(trap.by_user, np.log1p(activity))[0, 1] < -0.8
    assert found["trap"] < found["not"] - 0.05
    by_activity = Vectors(
        np.zeros((20, 0), np.float32), np.zeros((160, 0), np.float32), by_user=activity.astype(np.float32)
    )
    assert found["trap"] < mean(judge(task.truth, by_activity, "audience").rows["auc"])
    both = (mean(judge(task.truth, one, "feed").rows["auc"]) for one in (trap, without))
    assert len(set(both)) == 1  # in a feed it is the same for all candidates, which is why few notice


def test_items_without_features_and_users_without_a_log_are_no_obstacle() -> None:
    if not can_train():
        return
    steps: list[str] = []
    found = trial(crowd(40, 50, empty=6), config=QUICK, step=steps.append)
    assert len(steps) == STEPS
    assert set(found.chosen["feed"]["shares"]) == set(PARTS) - {"declared"}  # type: ignore[call-overload]  # JSON
    for side in DIRECTIONS:
        ours = mean(found.ours[side].rows["auc"])
        assert ours > mean(found.baselines["random"][side].rows["auc"])
        assert getattr(found.recipe, side).declared == 0
