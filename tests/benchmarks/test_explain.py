"""The benchmark of explanations on a small town: what it compares says the same; nothing is timed here."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.explain import ablated, explained, measure
from benchmarks.readers import Readers, readers
from recommenders.explain import Person, population_mean, terms
from recommenders.features import FeatureRows, profile_features
from recommenders.learning import learn
from recommenders.model import Model
from recommenders.training import Config
from tests.recommenders.city import can_train


@pytest.fixture(scope="module")
def learnt() -> tuple[Readers, Model] | None:
    """A small town and a model of it, where one can be trained."""
    town = readers(500, 40, 2_000)
    config = Config(epochs=1, dim=4)
    return (town, learn(town.frame, town.policies, town.log, config=config)) if can_train() else None


def test_the_slow_way_and_ours_take_the_same_score_apart(learnt: tuple[Readers, Model] | None) -> None:
    if learnt is None:
        return
    town, model = learnt
    features, tokens = profile_features(town.frame, model.profile_vocab), town.policies[0].tokens
    row, mean = FeatureRows(features[[3]], model.profile_vocab), population_mean(features)
    held = {model.profile_vocab.levels[column] for column in row.matrix.indices}
    told = [one.value for one in terms(model, tokens, Person(row), mean=mean) if one.feature in held]
    assert np.sum(told) == pytest.approx(sum(ablated(model, tokens, row)), abs=1e-3)
    assert all(explained(model, tokens, row, mean))


def test_the_object_has_what_is_promised(learnt: tuple[Readers, Model] | None) -> None:
    if learnt is None:
        return
    result = measure(*learnt, 5, 1)
    promised = {"name", "n", "unit", "ours", "baseline", "limit", "to_baseline", "to_limit", "spread", "seconds"}
    assert promised | {"peak_mb", "many", "features"} <= set(result)
    assert (result["name"], result["n"]) == ("explain", 5)
