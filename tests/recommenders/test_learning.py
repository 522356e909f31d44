"""From a log to a model: the same bytes from the same log, only those who could have seen it, members averaged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recommenders.artifact import dump, load
from recommenders.audience import scores
from recommenders.errors import InteractionError
from recommenders.exposure import OPEN, Spans
from recommenders.features import profile_rows
from recommenders.interactions import Interactions, activity
from recommenders.learning import learn, prepare
from recommenders.recipe import Blend, Recipe
from recommenders.setting import Days, Setting
from tests.recommenders.city import LEARNT, QUICK, can_train, city, trained

NOTHING = np.zeros(0, dtype=np.int64)


def test_the_same_seed_gives_the_same_bytes_whatever_the_order_of_the_input() -> None:
    if not can_train():
        return
    people, offered, pairs = city()
    lot = np.random.default_rng(1)
    mixed = pairs.take(lot.permutation(len(pairs)))
    shuffled = people.take(lot.permutation(len(people))), offered[::-1], mixed
    assert dump(learn(*shuffled, recipe=LEARNT, config=QUICK)) == dump(trained())


def test_another_seed_gives_another_model_in_both_directions() -> None:
    if not can_train():
        return
    other = learn(*city(), recipe=LEARNT, config=replace(QUICK, seed=8))
    assert not np.array_equal(other.audience.E_profile, trained().audience.E_profile)
    assert not np.array_equal(other.feed.E_profile, trained().feed.E_profile)


def test_scores_of_several_members_are_the_mean_of_theirs() -> None:
    if not can_train():
        return
    people, offered, _ = city()

    def model(seed: int, members: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        blend = Blend(lightfm=1.0, declared=0.0, epochs=3, members=members)
        made = load(dump(learn(*city(), recipe=Recipe(blend, Blend()), config=replace(QUICK, seed=seed))))
        rows = profile_rows(people, made.profile_vocab)
        return np.array([scores(made, one.tokens, rows, people.ids) for one in offered[:5]])

    assert np.allclose(model(7, 2), (model(7, 1) + model(8, 1)) / 2, atol=1e-5)


def test_only_exposed_profiles_are_in_the_training() -> None:
    people, offered, pairs = city()
    exposed = people.ids[:50]
    ready = prepare(people, offered, pairs, config=QUICK, setting=Setting(exposed=exposed))
    assert ready.profile_ids.tolist() == np.union1d(exposed, pairs.profile_ids).tolist()


def test_who_came_after_a_policy_had_ended_is_no_negative_for_it() -> None:
    people, offered, pairs = city()
    first, last = np.full(len(people), 10), np.full(len(people), OPEN)
    policies = Spans(np.zeros(len(offered), np.int64), np.full(len(offered), 5))
    setting = Setting(
        policy_days=Days(np.array([one.id for one in offered]), policies),
        profile_days=Days(people.ids, Spans(first, last)),
    )
    ready = prepare(people, offered, pairs, config=QUICK, setting=setting)
    assert ready.pairs.unseen is not None
    assert len(ready.pairs.unseen[0]) == len(ready.profile_ids) * len(ready.policy_ids) - len(ready.pairs.anchor)
    assert ready.card["unseen_pairs"] == len(ready.pairs.unseen[0])


def test_only_profiles_with_enough_pairs_get_a_column_of_their_own() -> None:
    people, offered, pairs = city()
    ready = prepare(people, offered, pairs, config=QUICK)
    assert ready.own_ids.tolist() == people.ids[activity(pairs, people.ids) >= QUICK.warm].tolist()


def test_pairs_of_strangers_are_dropped_and_counted() -> None:
    people, offered, pairs = city()
    more = Interactions(np.append(pairs.profile_ids, 9999), np.append(pairs.policy_ids, 1))
    assert prepare(people, offered, more, config=QUICK).card["interactions_dropped"] == 1


def test_an_empty_log_is_refused() -> None:
    with pytest.raises(InteractionError) as error:
        learn(city()[0], city()[1], Interactions(NOTHING, NOTHING), recipe=LEARNT, config=QUICK)
    assert error.value.code == "no_interactions"
