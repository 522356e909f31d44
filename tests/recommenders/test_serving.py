"""Scores by numpy, and the reasons behind them, on a model of random numbers."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders.audience import policy_vector, scores, weights, zscores
from recommenders.errors import FeatureError
from recommenders.explain import OWN, Reason, Term, population_mean, reasons, terms
from recommenders.features import profile_features
from recommenders.feed import rank_policies
from recommenders.matrix import Csr, from_parts
from recommenders.vocabulary import Vocabulary
from recommenders.wording import say
from tests.recommenders.city import frame, made_up, policies, policy

PEOPLE, OFFERED = frame(30), policies(24)
MODEL = made_up(PEOPLE, OFFERED)
ROWS = profile_features(PEOPLE, MODEL.profile_vocab)
MEAN = population_mean(ROWS)
SOMEBODY, SOMETHING = st.integers(0, 29), st.sampled_from(OFFERED)


def without(row: Csr, feature: str) -> Csr:
    keep = row.indices != MODEL.profile_vocab.index[feature]
    columns = row.indices[keep].astype(np.int64)
    return from_parts(np.zeros_like(columns), columns, row.data[keep], (1, row.shape[1]))


@given(SOMEBODY, SOMETHING)
def test_the_terms_add_up_to_the_score(who: int, what: object) -> None:
    tokens = what.tokens  # type: ignore[attr-defined]
    found = terms(MODEL, tokens, ROWS[[who]], mean=MEAN, profile_id=who + 1)
    total = scores(MODEL, tokens, ROWS[[who]], np.array([who + 1]))[0]
    assert sum(term.value for term in found) == pytest.approx(total, abs=1e-5)


@given(SOMEBODY, SOMETHING, st.data())
def test_without_a_feature_the_score_falls_by_exactly_its_terms(who: int, what: object, data: st.DataObject) -> None:
    tokens = what.tokens  # type: ignore[attr-defined]
    row = ROWS[[who]]
    feature = data.draw(st.sampled_from([MODEL.profile_vocab.levels[column] for column in row.indices]))
    stated = sum(term.value for term in terms(MODEL, tokens, row, mean=MEAN) if term.feature == feature)
    fall = scores(MODEL, tokens, row)[0] - scores(MODEL, tokens, without(row, feature))[0]
    assert stated == pytest.approx(fall, abs=1e-5)


@given(SOMETHING)
def test_lifts_cancel_over_the_population(what: object) -> None:
    """What everybody has explains nobody: over all profiles, value less lift is the mean value of what they hold."""
    tokens = what.tokens  # type: ignore[attr-defined]
    lifts: dict[str, float] = defaultdict(float)
    for who in range(30):
        for term in terms(MODEL, tokens, ROWS[[who]], mean=MEAN):
            lifts[term.feature] += term.lift
    assert lifts["kind=citizen"] == pytest.approx(0, abs=1e-3)


def test_only_what_lifts_is_a_reason_and_similar_reading_only_when_it_leads() -> None:
    found = [Term("a=1", "x", 3, 2), Term("a=1", "y", -1, -1), Term("b=1", "", -1, -1), Term(OWN, "", 0.5, 0.5)]
    assert reasons(found) == [Reason("a=1", 2, 1)]
    assert [reason.feature for reason in reasons([*found, Term(OWN, "", 9, 9)])] == [OWN, "a=1"]


@pytest.mark.parametrize(
    ("feature", "zh", "en"),
    [
        ("interest=租房", "根据标签租房推荐,可删除", "Suggested by tag 租房; delete it"),
        ("region=990105", "根据您的所在地区(云湾区)推荐", "Suggested because of your region (云湾区)"),
        ("size=micro", "根据您的企业规模(微型)推荐", "Suggested because of your size class (micro)"),
        (OWN, "与您阅读记录相近的用户也关注此事项", "People with a reading history like yours follow this"),
    ],
)
def test_a_reason_is_said_in_both_languages(feature: str, zh: str, en: str) -> None:
    names = {"990105": "云湾区"}
    assert (say(Reason(feature, 1, 1), "zh", names), say(Reason(feature, 1, 1), "en", names)) == (zh, en)


def test_one_weight_a_feature_scores_everybody() -> None:
    tokens = OFFERED[0].tokens
    assert np.allclose(ROWS @ weights(MODEL, tokens), scores(MODEL, tokens, ROWS), atol=1e-5)


def test_a_policy_never_seen_is_scored_from_its_features_alone() -> None:
    fresh = policy(999_999, "990103", "养老")
    assert np.array_equal(scores(MODEL, fresh.tokens, ROWS), scores(MODEL, OFFERED[13].tokens, ROWS)) is (
        fresh.tokens == OFFERED[13].tokens
    )
    assert np.isfinite(scores(MODEL, (*fresh.tokens, "tag=new"), ROWS)).all()


def test_only_warm_profiles_have_a_part_of_their_own() -> None:
    tokens = OFFERED[0].tokens
    extra = scores(MODEL, tokens, ROWS, PEOPLE.ids) - scores(MODEL, tokens, ROWS)
    expected = 0.3 * (MODEL.own_vectors @ policy_vector(MODEL, tokens) + MODEL.own_bias)
    assert np.allclose(extra[:3], expected, atol=1e-5)
    assert not extra[3:].any()


def test_a_feed_ranks_as_the_audience_scores_less_the_persons_bias() -> None:
    ranked = rank_policies(MODEL, ROWS[[0]], OFFERED, profile_id=1)
    single = [scores(MODEL, one.tokens, ROWS[[0]], np.array([1]))[0] for one in OFFERED]
    assert np.allclose(np.diff(ranked), np.diff(single), atol=1e-4)


def test_a_policy_that_the_model_does_not_know_comes_last_in_a_feed() -> None:
    unknown = policy(1, "000000", "x")
    strange = type(unknown)(7, ("tag=never seen",))
    assert np.argmin(rank_policies(MODEL, ROWS[[0]], [strange, *OFFERED])) == 0
    assert rank_policies(MODEL, ROWS[[0]], [strange]).tolist() == [0]


def test_zscores_make_policies_comparable() -> None:
    found = zscores(np.array([1, 2, 3, 10], dtype=np.float32))
    assert [float(found.mean()), float(found.std())] == pytest.approx([0, 1], abs=1e-5)
    assert zscores(np.ones(3, dtype=np.float32)).tolist() == [0, 0, 0]
    assert len(zscores(np.zeros(0, dtype=np.float32))) == 0


def test_rows_made_with_another_vocabulary_are_refused() -> None:
    with pytest.raises(FeatureError) as error:
        scores(MODEL, OFFERED[0].tokens, profile_features(PEOPLE, Vocabulary(("kind=citizen",))))
    assert error.value.code == "vocabulary_mismatch"


def test_a_feature_that_is_not_a_number_is_refused() -> None:
    broken = ROWS.copy()
    broken.data[0] = np.nan
    with pytest.raises(FeatureError) as error:
        scores(MODEL, OFFERED[0].tokens, broken)
    assert error.value.code == "not_finite"


def test_ids_must_be_as_many_as_rows() -> None:
    with pytest.raises(FeatureError) as error:
        scores(MODEL, OFFERED[0].tokens, ROWS, np.array([1]))
    assert error.value.code == "lengths_differ"
