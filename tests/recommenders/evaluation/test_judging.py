"""The protocol: who is a candidate, what is hidden, how much of what there is is ever shown."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.errors import FeatureError
from recommenders.evaluation import judging
from recommenders.evaluation.judging import DIRECTIONS, Cold, judge, lines_of
from recommenders.evaluation.metrics import deciles
from recommenders.evaluation.scorers import Lot, Table
from recommenders.evaluation.summary import figures


def test_a_feed_masks_the_positives_of_the_other_fold() -> None:
    positive = np.array([[True], [True], [False]])
    cold = Cold(positive, is_test=np.array([True, False, True]), groups=np.zeros(1, np.int64))
    scores = np.array([[2], [3], [1]], dtype=np.float32)  # the validation item stands above the test item
    found = figures(judge(cold, Table(scores), "feed"))
    assert (found["auc"], found["ndcg@20"], found["recall@20"]) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("side", DIRECTIONS)
def test_blocks_do_not_change_the_figures(side: judging.Direction) -> None:
    draw = np.random.default_rng(0)
    cold = Cold(draw.random((50, 70)) < 0.1, np.arange(50) % 2 == 0, deciles(draw.random(70)))
    whole, cut = (figures(judge(cold, Lot(2), side, block=block)) for block in (10**6, 200))
    assert cut.pop("deciles", []) == pytest.approx(whole.pop("deciles", []))
    assert cut == pytest.approx(whole)


@pytest.mark.parametrize("side", DIRECTIONS)
def test_each_fold_has_its_own_lines(side: judging.Direction) -> None:
    positive = np.array([[True, False, False], [False, True, False], [False, False, False]])
    cold = Cold(positive, is_test=np.array([True, False, True]), groups=np.zeros(3, np.int64))
    assert lines_of(cold, side, test=True).tolist() == [0]
    assert lines_of(cold, side, test=False).tolist() == [1]


def test_coverage_is_the_share_of_all_that_are_shown_to_somebody() -> None:
    positive = np.zeros((100, 4), dtype=np.bool_)
    positive[:2] = True
    cold = Cold(positive, np.ones(100, dtype=np.bool_), np.zeros(4, np.int64))
    alike = np.repeat(np.arange(100, dtype=np.float32)[:, None], 4, axis=1)
    assert judge(cold, Table(alike), "feed").coverage == 0.2
    assert judge(cold, Table(alike), "audience").coverage == 1.0


def test_a_score_that_is_no_number_is_refused() -> None:
    cold = Cold(np.ones((1, 2), dtype=np.bool_), np.ones(1, dtype=np.bool_), np.zeros(2, np.int64))
    with pytest.raises(FeatureError) as error:
        judge(cold, Table(np.array([[np.nan, 1]], dtype=np.float32)), "audience")
    assert error.value.code == "not_finite"
