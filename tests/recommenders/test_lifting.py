"""Who the average profile is, and which features speak for whom, told from columns as from the matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommenders.explain import Person, Reason, population_mean, reasons, terms
from recommenders.lifting import best_terms, snapshot_mean
from recommenders.linear import plan_scores
from recommenders.vocabulary import Vocabulary
from tests.profiles.encoding import snapshot_of
from tests.profiles.making import TODAY
from tests.recommenders.crowds import POLICY, Crowd, crowds, model_of, models, readers


@settings(deadline=None)
@given(crowds(), st.data())
def test_the_average_profile_is_that_of_the_matrix(crowd: Crowd, data: st.DataObject) -> None:
    model = data.draw(models(crowd))
    for _ in range(2):  # the second time from what was kept
        found = snapshot_mean(crowd.snapshot, model.profile_vocab, on=TODAY)
        assert np.allclose(found, population_mean(crowd.features(model).matrix), rtol=1e-6)


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
    known = data.draw(st.none() | readers(model))
    mean = population_mean(crowd.features(model).matrix)
    plan = plan_scores(model, POLICY, crowd.snapshot, on=TODAY, readers=known)
    found = {
        int(one): best
        for segment, rows in crowd.living()
        for one, best in zip(segment.ids[rows], best_terms(plan, segment, rows, mean, limit=limit), strict=True)
    }
    features = crowd.features(model)
    for row, one in enumerate(crowd.frame.ids.tolist()):
        said = reasons(terms(model, POLICY, Person(features.take(np.array([row])), one, known), mean=mean), limit=99)
        lifts = {reason.feature: reason.lift for reason in said}
        best = [reason.lift for reason in one_each(said)][:limit]
        assert [lift for _, lift in found[one]] == pytest.approx(best, abs=2e-4)
        assert all(lifts[name] == pytest.approx(lift, abs=2e-4) for name, lift in found[one])


def one_each(said: list[Reason]) -> list[Reason]:
    """The best policy read and the best wish only: of a kind, one is named."""
    kinds = [one.feature.split("=")[0] for one in said]
    several = {"read", "wish"}
    return [one for place, one in enumerate(said) if kinds[place] not in several or kinds.index(kinds[place]) == place]


def test_rows_that_are_alike_share_one_answer() -> None:
    snapshot = snapshot_of([{"region": "990101"}, {"region": "990102"}, {"region": "990101"}], shards=1)
    plan = plan_scores(model_of(("kind=citizen",), warm=np.zeros(0, np.int64)), POLICY, snapshot, on=TODAY)
    worth = float(plan.worth.features[0])
    first, _, third = best_terms(plan, snapshot.segments[0], np.arange(3), np.full(1, 1 - np.sign(worth), np.float32))
    assert first is third
    assert [name for name, _ in first] == ["kind=citizen"]
