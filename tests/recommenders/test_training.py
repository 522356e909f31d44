"""Real trainings on a small log: the direction, the seed, and every way it can be refused."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recommenders import metrics
from recommenders.artifact import dump
from recommenders.audience import scores
from recommenders.content import policy_features
from recommenders.errors import FeatureError, InteractionError, TrainingFailed, TrainingUnavailable
from recommenders.features import profile_features
from recommenders.interactions import Interactions, activity, positions
from recommenders.learning import Prepared, assemble, learn, prepare
from recommenders.matrix import Csr, diagonal, entry_rows, from_parts
from recommenders.training import Arrays, Config, Pairs, fit, train
from tests.recommenders.city import QUICK, can_train, city, policies, trained

WITHOUT_LIGHTFM = "import sys; sys.modules['lightfm'] = None; from recommenders.training import main; exit(main([]))"
ONE = np.zeros(1, dtype=np.int64)
PAIR = Pairs(ONE, ONE, np.ones(1, dtype=np.float32))
COLD = 8  # the last policies of the city are kept from training


def warm_half() -> Prepared:
    people, offered, pairs = city()
    return prepare(people, offered, pairs.take(pairs.policy_ids <= len(offered) - COLD), config=QUICK)


def job(ready: Prepared, *, swapped: bool = False, epochs: tuple[int, ...] = (QUICK.epochs,)) -> dict[str, Any]:
    """What the child is handed; `swapped` trains the other direction, profiles as anchors."""
    sides = {"anchor": ready.anchor, "ranked": ready.ranked}
    rows = {"rows": ready.pairs.anchor, "cols": ready.pairs.ranked}
    if swapped:
        sides = {"anchor": ready.ranked, "ranked": ready.anchor}
        rows = {"rows": ready.pairs.ranked, "cols": ready.pairs.anchor}
    parts = {f"{name}_{part}": getattr(side, part) for name, side in sides.items() for part in _PARTS}
    numbers = {"seed": QUICK.seed, "dim": QUICK.dim, "rate": QUICK.rate, "epochs": np.array(epochs)}
    return {**rows, **parts, **numbers, "weight": ready.pairs.weight}


_PARTS = ("data", "indices", "indptr", "shape")


def cold_auc(found: np.ndarray[Any, Any]) -> float:
    """Mean audience AUC of the cold policies; `found` is cold policies × profiles."""
    people, offered, pairs = city()
    positive = np.zeros((COLD, len(people)), dtype=np.bool_)
    late = pairs.take(pairs.policy_ids > len(offered) - COLD)
    positive[late.policy_ids - (len(offered) - COLD) - 1, positions(late.profile_ids, people.ids)] = True
    return metrics.mean(metrics.auc(found, positive))


def ours(ready: Prepared) -> np.ndarray[Any, Any]:
    people, offered, _ = city()
    learnt = train(ready.pairs, ready.anchor, ready.ranked, config=QUICK)[QUICK.epochs]
    model = assemble(ready, learnt, config=QUICK)
    rows = profile_features(people, model.profile_vocab)
    return np.array([scores(model, one.tokens, rows, people.ids) for one in offered[-COLD:]])


def cold_rows(ready: Prepared) -> Csr:
    """The cold policies as rows of the training matrix: features, and no column of their own."""
    rows = policy_features([one.tokens for one in policies()[-COLD:]], ready.space)
    wide = (COLD, ready.anchor.shape[1])
    return from_parts(entry_rows(rows), rows.indices.astype(np.int64), rows.data, wide)


def test_ranking_profiles_for_a_new_policy_beats_telling_the_active() -> None:
    people, offered, pairs = city()
    seen = pairs.take(pairs.policy_ids <= len(offered) - COLD)
    bar = cold_auc(np.repeat(activity(seen, people.ids)[None], COLD, axis=0))
    assert not can_train() or cold_auc(ours(warm_half())) > bar + 0.02 > 0.5


def test_lightfm_predict_ranks_people_worse_than_our_direction() -> None:
    """Its score of a person holds the anchor's bias, which the pairwise loss leaves as "minus activity"."""
    if not can_train():
        return
    ready, count = warm_half(), len(city()[0])
    everyone = diagonal(np.arange(count), 1.0, count)
    [(_, model)] = fit(job(replace(ready, ranked=everyone), swapped=True))
    line, sides = np.arange(count, dtype=np.int32), {"user_features": everyone, "item_features": cold_rows(ready)}
    trap = np.array([model.predict(line, np.full(count, item, np.int32), **sides) for item in range(COLD)])
    bias = model.get_user_representations(everyone)[0]
    active = np.bincount(ready.pairs.ranked, minlength=count)
    assert np.corrcoef(bias, np.log1p(active))[0, 1] < -0.9
    assert cold_auc(trap) + 0.1 < cold_auc(trap - bias) < cold_auc(ours(ready))


def test_numpy_serves_the_scores_that_lightfm_predicts() -> None:
    if not can_train():
        return
    ready, found = warm_half(), ours(warm_half())
    [(_, model)] = fit(job(ready))
    count = ready.ranked.shape[0]
    rows = cold_rows(ready)
    junk = model.get_user_representations(rows)[0]
    for item in range(COLD):
        sides = {"user_features": rows, "item_features": ready.ranked}
        told = model.predict(np.full(count, item, np.int32), np.arange(count, dtype=np.int32), **sides)
        assert np.allclose(told - junk[item], found[item], atol=1e-5)


def test_the_same_seed_gives_the_same_bytes_whatever_the_order_of_the_input() -> None:
    if not can_train():
        return
    people, offered, pairs = city()
    lot = np.random.default_rng(1)
    mixed = pairs.take(lot.permutation(len(pairs)))
    again = learn(people.take(lot.permutation(len(people))), offered[::-1], mixed, config=QUICK)
    assert dump(again) == dump(trained())


def test_another_seed_gives_another_model() -> None:
    if not can_train():
        return
    other = learn(*city(), config=Config(seed=8, epochs=QUICK.epochs, dim=QUICK.dim))
    assert not np.array_equal(other.E_profile, trained().E_profile)


def test_a_snapshot_is_what_a_shorter_training_gives() -> None:
    if not can_train():
        return
    ready = warm_half()
    both = train(ready.pairs, ready.anchor, ready.ranked, config=QUICK, snapshots=(2, 4))
    short = train(ready.pairs, ready.anchor, ready.ranked, config=QUICK, snapshots=(2,))
    assert np.array_equal(both[2].ranked, short[2].ranked)
    assert not np.array_equal(both[2].ranked, both[4].ranked)


def test_only_exposed_profiles_are_in_the_training() -> None:
    people, offered, pairs = city()
    exposed = people.ids[:50]
    ready = prepare(people, offered, pairs, config=QUICK, exposed=exposed)
    assert ready.ranked.shape[0] == len(np.union1d(exposed, pairs.profile_ids)) < len(people)


def test_only_profiles_with_enough_pairs_get_a_column_of_their_own() -> None:
    people, offered, pairs = city()
    ready = prepare(people, offered, pairs, config=QUICK)
    assert ready.own_ids.tolist() == people.ids[activity(pairs, people.ids) >= QUICK.warm].tolist()


def test_pairs_of_strangers_are_dropped_and_counted() -> None:
    people, offered, pairs = city()
    more = Interactions(np.append(pairs.profile_ids, 9999), np.append(pairs.policy_ids, 1))
    assert prepare(people, offered, more, config=QUICK).card["interactions_dropped"] == 1


def matrix(values: list[list[float]]) -> Csr:
    table = np.array(values, dtype=np.float32)
    rows, columns = np.nonzero(table)
    return from_parts(rows.astype(np.int64), columns.astype(np.int64), table[rows, columns], (len(values), 1))


def refused(anchor: Csr, ranked: Csr, command: tuple[str, ...] = ("/bin/false",)) -> dict[int, Arrays]:
    return train(PAIR, anchor, ranked, config=QUICK, command=command)


def test_an_empty_log_is_refused() -> None:
    nothing = Interactions(ONE[:0], ONE[:0])
    with pytest.raises(InteractionError) as error:
        learn(city()[0], city()[1], nothing, config=QUICK)
    assert error.value.code == "no_interactions"


def test_features_that_are_no_numbers_are_refused_with_their_row() -> None:
    with pytest.raises(FeatureError) as error:
        refused(matrix([[1]]), matrix([[1], [float("nan")]]))
    assert (error.value.code, error.value.place) == ("not_finite", "ranked[1]")


def test_a_row_without_features_is_refused_with_its_place() -> None:
    with pytest.raises(FeatureError) as error:
        refused(matrix([[1], [0]]), matrix([[1]]))
    assert (error.value.code, error.value.place) == ("row_without_features", "anchor[1]")


def test_without_lightfm_training_says_so_in_a_sentence() -> None:
    with pytest.raises(TrainingUnavailable) as error:
        refused(matrix([[1]]), matrix([[1]]), (sys.executable, "-c", WITHOUT_LIGHTFM))
    assert (error.value.code, error.value.sentence[-1]) == ("lightfm_missing", ".")


def test_a_lightfm_that_does_not_load_is_named_apart() -> None:
    with pytest.raises(TrainingUnavailable) as error:
        refused(matrix([[1]]), matrix([[1]]), (sys.executable, "-c", "raise SystemExit(4)"))
    assert error.value.code == "lightfm_broken"


def test_a_training_that_dies_tells_its_last_words() -> None:
    with pytest.raises(TrainingFailed, match="parameters are not finite"):
        refused(matrix([[1]]), matrix([[1]]), (sys.executable, "-c", "raise ValueError('parameters are not finite')"))


def test_this_process_never_loads_lightfm_to_train_or_serve() -> None:
    lines = "import recommenders.evaluation, recommenders.explain, sys; sys.exit('lightfm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", lines], check=False).returncode == 0
