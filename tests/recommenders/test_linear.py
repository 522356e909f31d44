"""Scores over encoded columns are the scores of the matrix of features, whatever the segments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from profiles.snapshot.encoding import Encoded
from profiles.snapshot.segments import Segment
from recommenders.audience import scores
from recommenders.behaviour import Behaviour
from recommenders.errors import FeatureError
from recommenders.features import WEIGHT
from recommenders.linear import SHARE, ScorePlan, in_both, plan_scores, snapshot_scores
from recommenders.model import Model
from tests.profiles.encoding import snapshot_of
from tests.profiles.making import TODAY
from tests.recommenders.crowds import POLICY, Crowd, cold, crowds, model_of, models, readers

NOBODY = np.zeros(0, dtype=np.int64)
ids = st.sets(st.integers(0, 30)).map(lambda found: np.array(sorted(found), dtype=np.int64))


def scored(model: Model, crowd: Crowd, known: Behaviour | None = None) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """In the order of the frame."""
    plan = plan_scores(model, POLICY, crowd.snapshot, on=TODAY, readers=known)
    living = list(crowd.living())
    found = snapshot_scores(plan, living)
    where = np.concatenate([segment.ids[rows] for segment, rows in living]).astype(np.int64)
    return found[np.argsort(where)]


def segment_scores(plan: ScorePlan, segment: Segment, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    return snapshot_scores(plan, [(segment, rows)])


@settings(deadline=None)
@given(crowds(), st.data())
def test_they_are_those_of_the_matrix(crowd: Crowd, data: st.DataObject) -> None:
    model = data.draw(models(crowd))
    known = data.draw(st.none() | readers(model))
    expected = scores(model, POLICY, crowd.features(model), crowd.frame.ids, known)
    assert np.allclose(scored(model, crowd, known), expected, rtol=1e-5, atol=1e-5)


@settings(deadline=None)
@given(crowds(), st.data())
def test_equal_features_give_equal_scores_to_the_last_bit(crowd: Crowd, data: st.DataObject) -> None:
    model = cold(data.draw(models(crowd)))
    features, found = crowd.features(model).matrix, scored(model, crowd)
    by_features: dict[bytes, set[bytes]] = {}
    for row, score in enumerate(found + np.float32(0)):
        by_features.setdefault(features[[row]].toarray().tobytes(), set()).add(score.tobytes())
    assert all(len(bits) == 1 for bits in by_features.values())


@settings(deadline=None)
@given(crowds(), st.data())
def test_rows_may_be_asked_for_in_any_order(crowd: Crowd, data: st.DataObject) -> None:
    model = data.draw(models(crowd))
    plan = plan_scores(model, POLICY, crowd.snapshot, on=TODAY)
    for segment, rows in crowd.living():
        some = data.draw(st.lists(st.sampled_from(rows.tolist()), max_size=5)) if len(rows) else []
        asked = np.array(some, dtype=np.int64)
        whole = segment_scores(plan, segment, np.arange(len(segment)))
        assert np.array_equal(segment_scores(plan, segment, asked), whole[asked])


def test_many_rows_on_two_threads_are_as_on_one() -> None:
    snapshot = snapshot_of([{"region": "990101"}, {"region": "990102"}, {}, {"region": "990102"}], shards=1)
    plan = plan_scores(model_of(("region=990102", "kind=citizen"), warm=np.array([4])), POLICY, snapshot, on=TODAY)
    (segment,) = snapshot.segments
    rows = np.random.default_rng(0).integers(0, 4, 2 * SHARE + 5)
    found = snapshot_scores(plan, [(segment, rows), (segment, rows[:3])], threads=2)
    each = segment_scores(plan, segment, np.arange(4))
    assert len(set(each.tolist())) == 3
    assert np.array_equal(found, each[np.concatenate([rows, rows[:3]])])


@pytest.mark.parametrize(("on", "held"), [(date(2026, 6, 23), False), (date(2026, 6, 24), True)])
def test_an_age_is_that_of_the_day_asked_for(on: date, held: bool) -> None:
    snapshot = snapshot_of([{"birth_date": date(1966, 6, 24)}])
    plan = plan_scores(model_of(("age=60-69",), warm=NOBODY), POLICY, snapshot, on=on)
    (segment,) = snapshot.segments
    found = segment_scores(plan, segment, np.array([0]))[0]
    assert found == pytest.approx(plan.worth.features[0] * WEIGHT if held else 0)


def test_a_policy_of_which_the_model_knows_nothing_is_refused() -> None:
    with pytest.raises(FeatureError) as error:
        plan_scores(model_of(("kind=citizen",), warm=NOBODY), ("tag=new",), snapshot_of([{}]), on=TODAY)
    assert error.value.code == "policy_without_features"


@pytest.mark.parametrize("row", [-1, 1])
def test_a_row_that_is_not_there_is_refused(row: int) -> None:
    snapshot = snapshot_of([{}])
    plan = plan_scores(model_of(("kind=citizen",), warm=NOBODY), POLICY, snapshot, on=TODAY)
    with pytest.raises(FeatureError) as error:
        segment_scores(plan, snapshot.segments[0], np.array([row]))
    assert error.value.code == "no_such_row"


def test_a_plan_for_another_snapshot_is_refused() -> None:
    mine, other = snapshot_of([{"region": "990101"}]), snapshot_of([{"region": "990101"}])
    plan = plan_scores(model_of(("kind=citizen",), warm=NOBODY), POLICY, mine, on=TODAY)
    with pytest.raises(FeatureError) as error:
        segment_scores(plan, other.segments[0], np.array([0]))
    assert (error.value.code, error.value.place) == ("another_snapshot", "region")


def test_a_column_that_is_not_held_by_level_is_refused() -> None:
    snapshot = snapshot_of([{"region": "990101"}])
    (segment,) = snapshot.segments
    raw = replace(segment, columns={"region": Encoded(np.array([1.0]), None)})
    with pytest.raises(FeatureError) as error:
        plan_scores(model_of(("kind=citizen",), warm=NOBODY), POLICY, replace(snapshot, segments=(raw,)), on=TODAY)
    assert (error.value.code, error.value.place) == ("not_by_level", "region")


@given(ids, ids)
def test_what_is_in_both_lists_is_found_in_each(first: np.ndarray, second: np.ndarray) -> None:  # type: ignore[type-arg]
    here, there = in_both(first, second)
    assert first[here].tolist() == second[there].tolist() == np.intersect1d(first, second).tolist()
