"""Scores by numpy, and the reasons behind them, on a model of random numbers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders.audience import beyond, scores
from recommenders.behaviour import behaviour
from recommenders.content import PolicyTokens
from recommenders.errors import FeatureError
from recommenders.explain import AUDIENCE, FEED, OWN, Person, Reason, Term, population_mean, reasons, terms
from recommenders.features import FeatureRows, profile_rows
from recommenders.feed import rank_policies
from recommenders.interactions import Interactions
from recommenders.matrix import from_parts
from recommenders.vocabulary import Vocabulary
from recommenders.wording import say
from recommenders.worth import Direction, policy_row, worth
from tests.recommenders.city import frame, made_up, policies, policy

PEOPLE, OFFERED = frame(30), policies(24)
MODEL = made_up(PEOPLE, OFFERED)
ROWS = profile_rows(PEOPLE, MODEL.profile_vocab)
MEAN = population_mean(ROWS.matrix)
READ = np.random.default_rng(4)
LOG = Interactions(READ.integers(1, 31, 60), READ.choice(MODEL.past.ids, 60))
READERS = behaviour(LOG, MODEL.past.ids, silenced=np.array([2]))
SOMEBODY, SOMETHING = st.integers(0, 29), st.sampled_from(OFFERED)
WAYS = st.sampled_from([AUDIENCE, FEED])


def one(row: int) -> FeatureRows:
    return ROWS.take(np.array([row]))


def score(tokens: tuple[str, ...], person: Person, way: Direction, policy_id: int | None = None) -> float:
    """In the audience of the policy, or in the feed of the person: by the functions that serve."""
    ids = None if person.profile_id is None else np.array([person.profile_id])
    if way == FEED:
        offer = [PolicyTokens(policy_id or 0, tokens)]
        return float(rank_policies(MODEL, person.row, offer, profile_id=person.profile_id, readers=person.readers)[0])
    if policy_id is None:
        return float(scores(MODEL, tokens, person.row, ids, person.readers)[0])
    found = worth(MODEL, policy_row(MODEL, tokens), policy_id=policy_id)
    own = beyond(MODEL, found, person.readers)
    return float((person.row.matrix @ found.features)[0]) + float(own.values[own.ids == person.profile_id].sum())


def without(row: FeatureRows, feature: str) -> FeatureRows:
    facts = row.matrix
    keep = facts.indices != MODEL.profile_vocab.index[feature]
    columns = facts.indices[keep].astype(np.int64)
    less = from_parts(np.zeros_like(columns), columns, facts.data[keep], (1, facts.shape[1]))
    return FeatureRows(less, MODEL.profile_vocab)


@given(SOMEBODY, SOMETHING, WAYS, st.booleans())
def test_the_terms_add_up_to_the_score(who: int, what: PolicyTokens, way: Direction, again: bool) -> None:
    person, number = Person(one(who), who + 1, READERS), what.id if again else None
    found = terms(MODEL, what.tokens, person, mean=MEAN, direction=way, policy_id=number)
    assert sum(term.value for term in found) == pytest.approx(score(what.tokens, person, way, number), abs=1e-4)


@given(SOMEBODY, SOMETHING, WAYS, st.data())
def test_without_a_feature_the_score_falls_by_exactly_its_terms(
    who: int, what: PolicyTokens, way: Direction, data: st.DataObject
) -> None:
    person = Person(one(who), who + 1, READERS)
    feature = data.draw(st.sampled_from([MODEL.profile_vocab.levels[column] for column in person.row.matrix.indices]))
    found = terms(MODEL, what.tokens, person, mean=MEAN, direction=way)
    stated = sum(term.value for term in found if term.feature == feature)
    fall = score(what.tokens, person, way) - score(what.tokens, replace(person, row=without(person.row, feature)), way)
    assert stated == pytest.approx(fall, abs=1e-4)


@given(st.integers(0, 59), SOMETHING, WAYS)
def test_without_a_policy_read_the_score_falls_by_exactly_its_term(
    pair: int, what: PolicyTokens, way: Direction
) -> None:
    who, read = int(LOG.profile_ids[pair]), int(LOG.policy_ids[pair])
    person = Person(one(who - 1), who, READERS)
    found = terms(MODEL, what.tokens, person, mean=MEAN, direction=way)
    stated = sum(term.value for term in found if term.feature == f"read={read}")
    less = LOG.take((LOG.profile_ids != who) | (LOG.policy_ids != read))
    other = replace(person, readers=behaviour(less, MODEL.past.ids, silenced=READERS.silenced))
    assert stated == pytest.approx(score(what.tokens, person, way) - score(what.tokens, other, way), abs=1e-4)


@given(SOMETHING)
def test_lifts_cancel_over_the_population(what: PolicyTokens) -> None:
    """What everybody has explains nobody: over all profiles, value less lift is the mean value of what they hold."""
    lifts: dict[str, float] = defaultdict(float)
    for who in range(30):
        for term in terms(MODEL, what.tokens, Person(one(who)), mean=MEAN):
            lifts[term.feature] += term.lift
    assert lifts["kind=citizen"] == pytest.approx(0, abs=1e-3)


@given(SOMETHING)
def test_having_read_a_policy_says_nothing_of_that_policy(what: PolicyTokens) -> None:
    mine = worth(MODEL, policy_row(MODEL, what.tokens), policy_id=what.id).past
    whole = worth(MODEL, policy_row(MODEL, what.tokens)).past
    same = MODEL.past.ids == what.id
    assert not mine[same].any()
    assert np.array_equal(mine[~same], whole[~same])


def test_the_own_vector_of_who_took_something_back_counts_nothing() -> None:
    found = worth(MODEL, policy_row(MODEL, OFFERED[0].tokens))
    own = beyond(MODEL, found, READERS)
    assert own.alike[own.ids == 2].tolist() == [0]
    assert own.alike[own.ids == 3].tolist() != [0]


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


def test_a_policy_never_seen_is_scored_from_its_features_alone() -> None:
    fresh = policy(999_999, "990103", "养老")
    assert np.array_equal(scores(MODEL, fresh.tokens, ROWS), scores(MODEL, OFFERED[13].tokens, ROWS)) is (
        fresh.tokens == OFFERED[13].tokens
    )
    assert np.isfinite(scores(MODEL, (*fresh.tokens, "tag=new"), ROWS)).all()


def test_only_warm_profiles_and_readers_have_a_part_of_their_own() -> None:
    tokens = OFFERED[0].tokens
    extra = scores(MODEL, tokens, ROWS, PEOPLE.ids) - scores(MODEL, tokens, ROWS)
    assert np.flatnonzero(extra).tolist() == [0, 1, 2]
    read = scores(MODEL, tokens, ROWS, PEOPLE.ids, READERS) - scores(MODEL, tokens, ROWS)
    assert set((np.flatnonzero(read) + 1).tolist()) <= {1, 3, *READERS.ids.tolist()}


def test_a_policy_that_the_model_does_not_know_comes_last_in_a_feed() -> None:
    unknown = policy(1, "000000", "x")
    strange = type(unknown)(7, ("tag=never seen",))
    assert np.argmin(rank_policies(MODEL, one(0), [strange, *OFFERED])) == 0
    assert rank_policies(MODEL, one(0), [strange]).tolist() == [0]


def test_rows_made_with_another_vocabulary_are_refused() -> None:
    with pytest.raises(FeatureError) as error:
        scores(MODEL, OFFERED[0].tokens, profile_rows(PEOPLE, Vocabulary(("kind=citizen",))))
    assert error.value.code == "vocabulary_mismatch"


def test_rows_of_another_version_of_equal_width_are_refused_in_every_direction() -> None:
    other = Vocabulary(tuple(f"{level}x" for level in MODEL.profile_vocab.levels))
    strange = FeatureRows(one(0).matrix, other)
    for ask in (
        lambda: scores(MODEL, OFFERED[0].tokens, strange),
        lambda: rank_policies(MODEL, strange, OFFERED),
        lambda: terms(MODEL, OFFERED[0].tokens, Person(strange), mean=MEAN),
    ):
        with pytest.raises(FeatureError) as error:
            ask()
        assert error.value.code == "vocabulary_mismatch"


def test_a_feature_that_is_not_a_number_is_refused() -> None:
    broken = ROWS.matrix.copy()
    broken.data[0] = np.nan
    with pytest.raises(FeatureError) as error:
        scores(MODEL, OFFERED[0].tokens, FeatureRows(broken, MODEL.profile_vocab))
    assert error.value.code == "not_finite"


def test_ids_must_be_as_many_as_rows() -> None:
    with pytest.raises(FeatureError) as error:
        scores(MODEL, OFFERED[0].tokens, ROWS, np.array([1]))
    assert error.value.code == "lengths_differ"
