"""Stages worked out on published columns are those of the decoded frames, for any day."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.lifecycle import derive
from profiles.snapshot.views import decoded
from profiles.snapshot_stages import stage_bits, stage_codes, with_stages
from profiles.stages import STAGES
from tests.profiles.criteria.strategies import people
from tests.profiles.encoding import snapshot_of


@settings(max_examples=100, deadline=None)
@given(crowd=st.lists(people, min_size=1, max_size=9), on=st.dates(date(2024, 2, 27), date(2027, 3, 1)))
def test_published_stages_are_those_of_the_frames(crowd: list[Any], on: date) -> None:
    city = with_stages(snapshot_of(crowd), on)
    assert city.on == on
    for frame in decoded(city):
        expected = derive(frame, on).stages
        assert [frame.stages.words(row) for row in range(len(frame))] == [
            expected.words(row) for row in range(len(frame))
        ]


def test_segments_share_one_list_of_sets() -> None:
    levels, codes = stage_codes([np.array([3, 0, 3], np.uint16), np.array([5], np.uint16), np.zeros(0, np.uint16)])
    assert [one.tolist() for one in codes] == [[1, 0, 1], [2], []]
    assert levels.sets is not None
    assert levels.sets.words(0) == STAGES[:2]


def test_a_later_day_finds_people_in_their_next_stage() -> None:
    city = snapshot_of([{"birth_date": date(1966, 7, 1)}])
    (segment,) = city.segments
    young, old = (int(stage_bits(segment, on)[0]) for on in (date(2026, 6, 30), date(2026, 7, 1)))
    assert young != old
