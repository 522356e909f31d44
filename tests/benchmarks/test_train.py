"""The training benchmark on a small town: the same matrices are learnt all three ways; nothing is timed here."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.readers import Readers, readers
from benchmarks.train import marked, matrices, measure, whole
from recommenders.interactions import activity, positions
from recommenders.training import Config
from tests.recommenders.city import can_train

CONFIG = Config(epochs=2, dim=8)


@pytest.fixture(scope="module")
def town() -> Readers:
    return readers(2_000, 60, 5_000)


def test_the_log_is_of_distinct_pairs_and_tells_of_wishes_and_habits(town: Readers) -> None:
    keys = town.log.policy_ids * (len(town.frame) + 1) + town.log.profile_ids
    assert len(np.unique(keys)) == len(keys) == 5_000
    counts = np.sort(activity(town.log, town.frame.ids))[::-1]
    assert counts[:200].sum() > len(keys) / 3  # a tenth of them
    rows = positions(town.log.profile_ids, town.frame.ids)
    wished = np.zeros(len(rows), dtype=np.bool_)
    for one in town.policies:
        mine = town.log.policy_ids == one.id
        theme = next(name.removeprefix("theme=") for name in one.tokens if name.startswith("theme="))
        wished[mine] = town.frame.tags.has(theme)[rows[mine]]
    everybody = np.mean([town.frame.tags.has(level).mean() for level in town.frame.tags.levels])
    assert wished.mean() > everybody * 2


def test_the_town_is_the_same_each_time(town: Readers) -> None:
    again = readers(2_000, 60, 5_000)
    assert np.array_equal(again.log.profile_ids, town.log.profile_ids)
    assert again.policies == town.policies


def test_every_profile_of_every_kind_has_features_and_the_active_a_column(town: Readers) -> None:
    pairs, policies, profiles = matrices(town, CONFIG)
    assert (policies.shape[0], profiles.shape[0]) == (60, 2_000)
    assert (np.diff(profiles.indptr) > 0).all()
    assert len(pairs.anchor) == len(town.log)
    assert set(town.frame.columns["kind"].levels) >= {"citizen", "enterprise"}


def test_marked_pairs_are_none_that_met(town: Readers) -> None:
    pairs, _, _ = marked(matrices(town, CONFIG), 60, 2_000)
    assert pairs.unseen is not None
    away = set((pairs.unseen[0].astype(np.int64) * 2_000 + pairs.unseen[1]).tolist())
    assert len(away) > 0.1 * 60 * 2_000
    assert not away & set((pairs.anchor * 2_000 + pairs.ranked).tolist())


def test_the_object_has_what_is_promised(town: Readers) -> None:
    if not can_train():
        return
    result = measure(town, 1, CONFIG)
    promised = {"name", "n", "unit", "ours", "baseline", "limit", "to_baseline", "to_limit", "spread", "seconds"}
    assert promised | {"peak_mb", "profiles", "policies", "epochs", "feed", "with_unseen_s"} <= set(result)
    assert (result["name"], result["n"]) == ("train", 5_000)
    assert result["unseen"] > 0


def test_a_whole_model_is_learnt_from_the_town(town: Readers) -> None:
    assert not can_train() or whole(town)["full"] == {"profiles": 2_000, "policies": 60, "pairs": 5_000}
