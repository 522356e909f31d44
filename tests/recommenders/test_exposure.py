"""Who could not have seen what, against one comparison after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders.errors import InteractionError
from recommenders.exposure import OPEN, Rows, Spans, Unseen, unseen

DAYS = st.one_of(st.integers(-3, 9), st.just(OPEN))


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    """Up to eight spans of a few days; some have not ended, some were at no time."""
    both = draw(st.lists(st.tuples(st.integers(-3, 9), DAYS), max_size=8))
    table = np.array(both, dtype=np.int64).reshape(len(both), 2)
    return Spans(table[:, 0], table[:, 1])


@st.composite
def pairs(draw: st.DrawFn, policies: Spans, profiles: Spans) -> tuple[Rows, Rows]:
    """Some pairs of these, some of them twice."""
    if not len(policies.first) or not len(profiles.first):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    rows = st.tuples(st.integers(0, len(policies.first) - 1), st.integers(0, len(profiles.first) - 1))
    table = np.array(draw(st.lists(rows, max_size=6)), dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def one_by_one(policies: Spans, profiles: Spans, met: tuple[Rows, Rows]) -> set[tuple[int, int]]:
    found = set()
    for row, (start, end) in enumerate(zip(policies.first.tolist(), policies.last.tolist(), strict=True)):
        for who, (first, last) in enumerate(zip(profiles.first.tolist(), profiles.last.tolist(), strict=True)):
            if start > end or first > last or max(start, first) > min(end, last):
                found.add((row, who))
    return found - set(zip(met[0].tolist(), met[1].tolist(), strict=True))


def listed(found: Unseen) -> list[tuple[int, int]]:
    return list(zip(found.policies.tolist(), found.profiles.tolist(), strict=True))


@given(st.data(), spans(), spans())
def test_they_are_the_pairs_that_share_no_day_and_did_not_meet(
    data: st.DataObject, policies: Spans, profiles: Spans
) -> None:
    met = data.draw(pairs(policies, profiles))
    found = unseen(policies, profiles, met=met)
    assert sorted(listed(found)) == sorted(one_by_one(policies, profiles, met))
    assert found.left_out == 0
    assert (np.diff(found.policies) >= 0).all()


@given(st.data(), spans(), spans(), st.integers(0, 30), st.integers(0, 3))
def test_beyond_the_budget_a_choice_is_made_and_the_rest_is_counted(
    data: st.DataObject, policies: Spans, profiles: Spans, budget: int, seed: int
) -> None:
    met = data.draw(pairs(policies, profiles))
    everything = one_by_one(policies, profiles, met)
    found = unseen(policies, profiles, met=met, budget=budget, seed=seed)
    assert len(set(listed(found))) == len(listed(found)) <= budget
    assert set(listed(found)) <= everything
    assert len(listed(found)) + found.left_out == len(everything)
    again = unseen(policies, profiles, met=met, budget=budget, seed=seed)
    assert listed(again) == listed(found)


def test_each_policy_keeps_the_same_share() -> None:
    days = np.arange(1000)
    late = Spans(days, np.full(1000, OPEN))  # one more person a day
    policies = Spans(np.zeros(3, dtype=np.int64), np.array([899, 799, 399]))
    found = unseen(policies, late, budget=450)
    assert np.bincount(found.policies).tolist() == [50, 100, 300]
    assert found.left_out == 100 + 200 + 600 - 450
    assert (late.first[found.profiles] > policies.last[found.policies]).all()
    assert not np.array_equal(found.profiles, unseen(policies, late, budget=450, seed=2).profiles)


def test_a_day_in_common_is_enough() -> None:
    policy = Spans(np.array([5]), np.array([7]))
    people = Spans(np.array([7, 8, 1, 1]), np.array([OPEN, OPEN, 5, 4]))
    assert unseen(policy, people).profiles.tolist() == [1, 3]


def test_spans_that_do_not_fit_are_refused() -> None:
    for first, last in (([1, 2], [3]), ([1], [OPEN + 1])):
        with pytest.raises(InteractionError) as error:
            Spans(np.array(first), np.array(last))
        assert error.value.code == "bad_span"
