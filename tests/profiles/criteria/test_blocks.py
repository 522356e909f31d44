"""Blocks of published columns are decided as frames are: same states, same missing facts, same counts of every node."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.columns import Frame
from profiles.criteria import Criteria, decide, parse
from profiles.criteria.blocks import BlockDecision, judge_blocks
from profiles.criteria.leaves import Days
from profiles.criteria.truths import NO, YES
from profiles.snapshot.segments import Snapshot
from profiles.snapshot.views import View
from tests.draws import draws
from tests.profiles.criteria.strategies import DEADLINE, PUBLISHED, people, trees
from tests.profiles.encoding import named, publish, snapshot_of
from tests.profiles.making import TODAY, frame_of

DAYS = Days(TODAY, DEADLINE, PUBLISHED)
_TRUTH = np.array([0, -1, 1], dtype=np.int8)


def _whole(snapshot: Snapshot) -> list[Frame]:
    return [View(one, slice(0, len(one))).frame() for one in snapshot.segments]


def _expected(tree: Criteria, frames: list[Frame]) -> list[Any]:
    return [decide(tree, frame, on=DAYS.on, deadline=DAYS.deadline, published=DAYS.published) for frame in frames]


def _summed(parts: list[dict[str, int]]) -> dict[str, int]:
    return {name: sum(part.get(name, 0) for part in parts) for name in {name for part in parts for name in part}}


def _states(found: BlockDecision) -> list[list[int]]:
    return [_TRUTH[truth].tolist() for truth in found.truths]


@settings(max_examples=draws(300), deadline=None)
@given(
    tree=trees, crowd=st.lists(people, min_size=1, max_size=12), nodes=st.booleans(), block=st.sampled_from([2, 5, 64])
)
def test_blocks_say_what_frames_say(tree: Any, crowd: list[Any], nodes: bool, block: int) -> None:
    criteria, snapshot = parse(tree), snapshot_of(crowd)
    expected = _expected(criteria, _whole(snapshot))
    found = judge_blocks(criteria, snapshot, days=DAYS, nodes=nodes, block=block)
    assert _states(found) == [one.state.tolist() for one in expected]
    assert dict(found.missing) == _summed([one.missing for one in expected])
    flat = [state for one in expected for state in one.state.tolist()]
    assert (found.yes, found.no, found.unknown) == (flat.count(1), flat.count(0), flat.count(-1))
    if nodes:
        assert [(one.place, one.yes, one.no, one.unknown) for one in found.nodes] == _node_counts(expected)


def _node_counts(decided: list[Any]) -> list[tuple[str, int, int, int]]:
    found = []
    for same in zip(*(one.nodes for one in decided), strict=True):
        states = np.concatenate([states for _, states in same]).tolist()
        found.append((same[0][0], states.count(1), states.count(0), states.count(-1)))
    return found


@settings(max_examples=draws(120), deadline=None)
@given(
    tree=trees,
    crowd=st.lists(people, min_size=2, max_size=8),
    news=st.lists(st.tuples(st.integers(1, 10), people), max_size=5, unique_by=lambda one: one[0]),
)
def test_what_changed_since_counts_as_it_is_now(tree: Any, crowd: list[Any], news: list[Any]) -> None:
    criteria, base = parse(tree), snapshot_of(crowd)
    changed = dict(sorted(news, key=lambda pair: pair[0]))
    fresh = [
        segment
        for number, one in changed.items()
        for segment in publish(frame_of([named(one)]), start=number - 1).segments
    ]
    found = judge_blocks(criteria, base.refreshed(np.array(list(changed), dtype=np.int64), tuple(fresh), 1), days=DAYS)
    now = {**dict(enumerate(crowd, start=1)), **changed}
    expected = _expected(criteria, _whole(snapshot_of(list(now.values()))))
    flat = [state for one in expected for state in one.state.tolist()]
    assert (found.yes, found.no, found.unknown) == (flat.count(1), flat.count(0), flat.count(-1))
    assert dict(found.missing) == _summed([one.missing for one in expected])


def test_a_policy_for_subscribers_only_matches_nobody() -> None:
    found = judge_blocks(None, snapshot_of([{}, {}]), days=DAYS)
    assert (found.yes, found.no, found.unknown) == (0, 2, 0)
    assert all((truth == NO).all() for truth in found.truths)


def test_rows_that_say_yes_are_told_by_segment() -> None:
    criteria = parse({"all": [{"fact": "age", "ge": 60}, {"fact": "employment", "eq": "retired"}]})
    crowd = [{"birth_date": TODAY.replace(year=1900 + i), "employment": "retired"} for i in range(0, 99, 3)]
    found = judge_blocks(criteria, snapshot_of(crowd, shards=4), days=DAYS, block=4)
    assert found.yes == sum(1900 + i <= TODAY.year - 60 for i in range(0, 99, 3))
    assert [rows.tolist() for rows in found.rows] == [np.flatnonzero(truth == YES).tolist() for truth in found.truths]


def test_nobody_is_no_error() -> None:
    found = judge_blocks(parse({"all": []}), snapshot_of([]), days=DAYS, nodes=True)
    assert (found.yes, found.no, found.unknown) == (0, 0, 0)


def test_answers_kept_by_level_are_of_their_own_day() -> None:
    snapshot = snapshot_of([{"birth_date": TODAY.replace(year=TODAY.year - 60)}])
    criteria = parse({"fact": "age", "ge": 60})
    before = Days(TODAY.replace(day=TODAY.day - 1))
    assert [judge_blocks(criteria, snapshot, days=on).yes for on in (Days(TODAY), before, Days(TODAY))] == [1, 0, 1]
