"""The log: checked, deduplicated, counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders.errors import InteractionError
from recommenders.interactions import Interactions, activity, positions

PAIRS = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6), st.sampled_from([0.25, 0.5, 1.0])), max_size=30)


def made(rows: list[tuple[int, int, float]]) -> Interactions:
    profiles, policies, weights = ([row[i] for row in rows] for i in range(3))
    return Interactions(np.array(profiles, np.int64), np.array(policies, np.int64), np.array(weights, np.float32))


@given(PAIRS, st.randoms())
def test_the_order_of_the_log_does_not_matter(rows: list[tuple[int, int, float]], lot: object) -> None:
    shuffled = rows.copy()
    lot.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = made(rows).distinct(), made(shuffled).distinct()
    assert first.profile_ids.tolist() == second.profile_ids.tolist()
    assert first.strength.tolist() == second.strength.tolist()


@given(PAIRS)
def test_each_pair_is_kept_once_with_its_greatest_weight(rows: list[tuple[int, int, float]]) -> None:
    best: dict[tuple[int, int], float] = {}
    for profile, policy, weight in rows:
        best[profile, policy] = max(weight, best.get((profile, policy), 0))
    kept = made(rows).distinct()
    pairs = zip(kept.profile_ids.tolist(), kept.policy_ids.tolist(), strict=True)
    assert dict(zip(pairs, kept.strength.tolist(), strict=True)) == best


@given(st.lists(st.integers(0, 20)), st.lists(st.integers(0, 20), unique=True))
def test_positions_are_those_of_a_dictionary(ids: list[int], among: list[int]) -> None:
    where = {key: row for row, key in enumerate(among)}
    found = positions(np.array(ids, np.int64), np.array(among, np.int64))
    assert found.tolist() == [where.get(key, -1) for key in ids]


def test_activity_counts_pairs_of_the_profiles_asked_for() -> None:
    assert activity(made([(1, 1, 1), (1, 2, 1), (9, 1, 1)]), np.array([1, 2])).tolist() == [2, 0]


@pytest.mark.parametrize("weight", [0.0, -1.0, 1.5, float("nan")])
def test_a_weight_must_be_a_share(weight: float) -> None:
    with pytest.raises(InteractionError) as error:
        made([(1, 1, weight)])
    assert error.value.code == "bad_weight"


def test_arrays_must_be_equally_long() -> None:
    with pytest.raises(InteractionError) as error:
        Interactions(np.array([1, 2]), np.array([1]))
    assert error.value.code == "lengths_differ"
