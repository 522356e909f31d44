"""What LightFM learns: the direction it is trained in, whom it ranks by activity, and which pairs it never draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recommenders.interactions import Ids
from recommenders.matrix import Csr, diagonal
from recommenders.trainer import fit
from recommenders.training import Arrays, Pairs, job_of, train
from tests.recommenders.city import QUICK, can_train
from tests.recommenders.halves import COLD, Half, cold_auc, half, scores


def learnt(pairs: Pairs, anchor: Csr, ranked: Csr) -> Arrays:
    return train(pairs, anchor, ranked, config=QUICK)[QUICK.epochs]


def model(pairs: Pairs, anchor: Csr, ranked: Csr) -> Any:
    """LightFM's own object, from the training that the child would do."""
    job = job_of(pairs, anchor, ranked, config=QUICK, snapshots=(QUICK.epochs,))
    *_, (_, found) = fit(job)
    return found


def ours(given: Half) -> NDArray[np.float32]:
    return scores(learnt(given.pairs, given.policies, given.profiles), given.cold, given.profiles)


def test_ranking_profiles_for_a_new_policy_beats_telling_the_active() -> None:
    bar = cold_auc(np.repeat(half().active[None], COLD, axis=0))
    assert not can_train() or cold_auc(ours(half())) > bar + 0.02 > 0.5


@pytest.mark.parametrize("by_habit", [False, True])
def test_lightfm_predict_ranks_people_worse_than_the_active_do(by_habit: bool) -> None:
    """Its score of a person holds the anchor's bias, which the pairwise loss leaves as "minus activity"."""
    if not can_train():
        return
    given = half(by_habit=by_habit)
    everyone = alone(len(given.active))
    found = model(given.pairs.swapped(), everyone, given.policies)
    line, sides = np.arange(len(given.active), dtype=np.int32), {"user_features": everyone, "item_features": given.cold}
    trap = np.array([found.predict(line, np.full_like(line, item), **sides) for item in range(COLD)])
    bias = found.get_user_representations(everyone)[0]
    active = cold_auc(np.repeat(given.active[None], COLD, axis=0), given)
    assert np.corrcoef(bias, np.log1p(given.active))[0, 1] < -0.9
    assert cold_auc(trap, given) + 0.1 < min(cold_auc(trap - bias, given), active, cold_auc(ours(given), given))
    if by_habit:  # where only activity tells: worse than chance, and the right direction knows of activity
        assert cold_auc(trap, given) < 0.45 < 0.75 < cold_auc(ours(given), given)


def test_numpy_serves_the_scores_that_lightfm_predicts() -> None:
    if not can_train():
        return
    given, served = half(), ours(half())
    found, count = model(given.pairs, given.policies, given.profiles), len(given.active)
    junk = found.get_user_representations(given.cold)[0]
    sides = {"user_features": given.cold, "item_features": given.profiles}
    for item in range(COLD):
        told = found.predict(np.full(count, item, np.int32), np.arange(count, dtype=np.int32), **sides)
        assert np.allclose(told - junk[item], served[item], atol=1e-5)


def alone(count: int) -> Csr:
    """Rows that share nothing: what happens to one is seen in its own column."""
    return diagonal(np.arange(count), 1.0, count)


@pytest.mark.parametrize("swapped", [False, True])
def test_whom_nothing_could_meet_keeps_the_vector_they_started_with(swapped: bool) -> None:
    if not can_train():
        return
    pairs = half().pairs.swapped() if swapped else half().pairs
    anchors, ranked = int(pairs.anchor.max()) + 1, int(pairs.ranked.max()) + 4  # three more that nobody took up
    everybody: Ids = np.arange(anchors)
    away = replace(pairs, unseen=(np.tile(everybody, 2), np.repeat([ranked - 3, ranked - 1], anchors)))
    apart, drawn = (learnt(one, alone(anchors), alone(ranked)) for one in (away, pairs))
    start = (np.random.RandomState(QUICK.seed).rand(ranked, QUICK.dim) - 0.5) / QUICK.dim
    kept = np.isclose(apart.ranked, start, atol=1e-7).all(axis=1)
    assert np.flatnonzero(kept).tolist() == [ranked - 3, ranked - 1]
    assert apart.bias[[ranked - 3, ranked - 1]].tolist() == [0, 0]
    assert (drawn.bias[-3:] < 0).all()  # without the mark all three were pushed down
    assert apart.bias[ranked - 2] < 0


def test_a_profile_that_one_policy_could_not_meet_is_still_a_negative_for_the_others() -> None:
    if not can_train():
        return
    nobody = np.zeros(6, dtype=np.int64)
    pairs = Pairs(np.array([0, 0, 0, 1, 1, 1]), nobody, np.ones(6, dtype=np.float32), (nobody[:1], nobody[:1] + 1))
    both = learnt(pairs, alone(2), alone(2))
    gain = scores(both, alone(2), alone(2))
    none = learnt(replace(pairs, unseen=(np.array([0, 1]), np.array([1, 1]))), alone(2), alone(2))
    assert gain[1, 0] > gain[1, 1]
    assert none.bias.tolist() == [0, 0]  # there was nobody to compare with


def test_pairs_that_could_not_meet_change_nothing_where_there_are_none() -> None:
    if not can_train():
        return
    given, none = half(), np.zeros(0, dtype=np.int64)
    plain = learnt(given.pairs, given.policies, given.profiles)
    marked = learnt(replace(given.pairs, unseen=(none, none)), given.policies, given.profiles)
    assert np.array_equal(plain.ranked, marked.ranked)
