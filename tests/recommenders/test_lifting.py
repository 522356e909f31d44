"""Who the average profile is, and which features speak for whom, told from columns as from the matrix."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recommenders.audience import weights
from recommenders.explain import population_mean
from recommenders.lifting import best_terms, snapshot_mean
from recommenders.linear import plan_scores
from recommenders.vocabulary import Vocabulary
from tests.profiles.encoding import snapshot_of
from tests.profiles.making import TODAY
from tests.recommenders.crowds import POLICY, Crowd, crowds, model_of, models


@settings(deadline=None)
@given(crowds(), st.data())
def test_the_average_profile_is_that_of_the_matrix(crowd: Crowd, data: st.DataObject) -> None:
    model = data.draw(models(crowd))
    for _ in range(2):  # the second time from what was kept
        found = snapshot_mean(crowd.snapshot, model.profile_vocab, on=TODAY)
        assert np.allclose(found, population_mean(crowd.features(model)), rtol=1e-6)


def test_of_nobody_the_average_is_nothing() -> None:
    snapshot = snapshot_of([{"region": "990101"}])
    gone = snapshot.refreshed(np.array([1]), (), 1)
    assert snapshot_mean(gone, Vocabulary(("kind=citizen", "region=990101")), on=TODAY).tolist() == [0, 0]


@settings(deadline=None)
@given(crowds(), st.data(), st.integers(1, 4))
def test_the_best_features_are_those_that_a_sort_of_each_row_gives(
    crowd: Crowd, data: st.DataObject, limit: int
) -> None:
    model = data.draw(models(crowd))
    mean = population_mean(crowd.features(model))
    plan = plan_scores(model, POLICY, crowd.snapshot, on=TODAY)
    found = {
        int(one): best
        for segment, rows in crowd.living()
        for one, best in zip(segment.ids[rows], best_terms(plan, segment, rows, mean, limit=limit), strict=True)
    }
    features, worth = crowd.features(model), weights(model, POLICY)
    for row, one in enumerate(crowd.frame.ids.tolist()):
        held = features[[row]]
        lifts = (held.data - mean[held.indices]) * worth[held.indices]
        order = [i for i in np.argsort(-lifts, kind="stable")[:limit] if lifts[i] > 0]
        names = model.profile_vocab.levels
        assert found[one] == tuple((names[held.indices[i]], round(float(lifts[i]), 4)) for i in order)


def test_rows_that_are_alike_share_one_answer() -> None:
    snapshot = snapshot_of([{"region": "990101"}, {"region": "990102"}, {"region": "990101"}], shards=1)
    plan = plan_scores(model_of(("kind=citizen",), warm=np.zeros(0, np.int64)), POLICY, snapshot, on=TODAY)
    worth = float(plan.weights[0])
    first, _, third = best_terms(plan, snapshot.segments[0], np.arange(3), np.full(1, 1 - np.sign(worth), np.float32))
    assert first is third
    assert [name for name, _ in first] == ["kind=citizen"]
