"""The weights: chosen on val, never worse there than a part alone, blind to noise and to the order of things."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommenders.evaluation.judging import DIRECTIONS, Cold, Direction, lines_of
from recommenders.evaluation.scorers import Lot, Scores, Sum, Table
from recommenders.evaluation.weighing import Choice, bench, choose, merit, simplex

SEEDS = st.integers(0, 10_000)


def truth(draw: np.random.Generator, shape: tuple[int, int] = (24, 40)) -> Cold:
    positive = draw.random(shape) < 0.15
    return Cold(positive, np.arange(shape[0]) % 2 == 1, np.zeros(shape[1], dtype=np.int64))


def hint(draw: np.random.Generator, cold: Cold, strength: float) -> Scores:
    """Scores that know some of the truth."""
    return np.asarray(strength * cold.positive + draw.normal(size=cold.positive.shape), dtype=np.float32)


def merit_of(choice: Choice, shares: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    known = ~np.isnan(choice.judged).any(axis=(0, 1))
    weight = choice.held.weight[known][:, None] / choice.held.weight[known].sum()
    best = (choice.reference[:, :, known] @ weight).max(axis=0)
    return float(merit(choice.judge(shares)[:, known] @ weight, best)[0])


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.sampled_from(DIRECTIONS))
def test_on_val_the_blend_is_never_worse_than_a_part_alone(seed: int, side: Direction) -> None:
    draw = np.random.default_rng(seed)
    cold = truth(draw)
    parts = [Table(hint(draw, cold, strength)) for strength in (1.5, 0.8, 0.0)]
    choice = choose(bench(cold, side, seed=1), parts, [], seed=1)
    shares = choice.shares()
    assert shares.sum() == pytest.approx(1)
    assert merit_of(choice, shares) >= max(merit_of(choice, row) for row in np.eye(3)) - 1e-9
    assert choice.shares([0])[0] == 0


@pytest.mark.parametrize("side", DIRECTIONS)
def test_noise_gets_next_to_nothing(side: Direction) -> None:
    draw = np.random.default_rng(5)
    cold = truth(draw, (120, 150))
    parts = [Table(hint(draw, cold, 2.0)), Table(hint(draw, cold, 2.0)), Lot(3)]
    shares = choose(bench(cold, side, seed=1), parts, [], seed=1).shares()
    assert shares[2] <= 0.03
    assert min(shares[:2]) > 0.3


@pytest.mark.parametrize("side", DIRECTIONS)
def test_the_order_of_items_and_users_does_not_matter(side: Direction) -> None:
    draw = np.random.default_rng(6)
    cold = truth(draw)
    parts = [hint(draw, cold, strength) for strength in (1.5, 0.8)]
    items, users = draw.permutation(24), draw.permutation(40)
    mixed = Cold(cold.positive[np.ix_(items, users)], cold.is_test[items], cold.groups)
    shares = choose(bench(cold, side, seed=1), [Table(one) for one in parts], [], seed=1).shares()
    other = [Table(one[np.ix_(items, users)]) for one in parts]
    assert choose(bench(mixed, side, seed=1), other, [], seed=1).shares() == pytest.approx(shares, abs=0.02)


@pytest.mark.parametrize("side", DIRECTIONS)
def test_test_items_have_no_say(side: Direction) -> None:
    """Of the truth of test items only the mask of feeds is used, which hides positives from val's lists."""
    draw = np.random.default_rng(7)
    cold = truth(draw)
    parts = [Table(hint(draw, cold, strength)) for strength in (1.5, 0.8)]
    fewer = cold.positive & (~cold.is_test[:, None] | (draw.random(cold.positive.shape) < 0.5))
    found = choose(bench(cold, side, seed=1), parts, [], seed=1)
    blind = choose(bench(replace(cold, positive=fewer), side, seed=1), parts, [], seed=1)
    assert (
        lines_of(cold, side, test=False).tolist() == lines_of(replace(cold, positive=fewer), side, test=False).tolist()
    )
    if side == "audience":
        assert blind.shares().tolist() == found.shares().tolist()


def test_weights_mean_the_same_whatever_a_part_is_measured_in() -> None:
    draw = np.random.default_rng(8)
    cold = truth(draw)
    one, two = hint(draw, cold, 1.5), hint(draw, cold, 0.8)
    plain = choose(bench(cold, "audience", seed=1), [Table(one), Table(two)], [], seed=1)
    scaled = choose(bench(cold, "audience", seed=1), [Table(one), Table(two * np.float32(1000))], [], seed=1)
    assert scaled.shares() == pytest.approx(plain.shares(), abs=0.02)
    rows, columns = np.arange(24), np.arange(40)
    mixed = Sum(list(zip(plain.weights().tolist(), [Table(one), Table(two)], strict=True)))
    assert mixed.block(rows, columns).std(axis=1).mean() == pytest.approx(1, abs=0.6)


def test_a_part_that_says_the_same_of_everybody_gets_no_weight() -> None:
    draw = np.random.default_rng(9)
    cold = truth(draw)
    parts = [Table(hint(draw, cold, 1.0)), Table(np.ones(cold.positive.shape, dtype=np.float32))]
    assert choose(bench(cold, "feed", seed=1), parts, [], seed=1).shares().tolist() == [1, 0]


def test_without_anything_to_judge_all_parts_count_alike() -> None:
    cold = truth(np.random.default_rng(1))
    nobody = replace(cold, positive=np.zeros_like(cold.positive))
    draw = np.random.default_rng(2)
    choice = choose(bench(nobody, "feed", seed=1), [Table(hint(draw, cold, 1)), Table(hint(draw, cold, 1))], [], seed=1)
    assert choice.weights().sum() == 0 or choice.shares() == pytest.approx([0.5, 0.5])


def test_shares_of_a_grid_add_up() -> None:
    for parts in (1, 2, 3, 4, 5):
        assert simplex(parts).sum(axis=1) == pytest.approx(1)
        assert set(np.eye(parts).argmax(axis=1)) == set(simplex(parts)[simplex(parts).max(axis=1) == 1].argmax(axis=1))
