"""When a number may have come to somebody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.pipeline.proving import REST, lapsed

NOW = datetime(2026, 6, 24, tzinfo=UTC)
AGO = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))


def before(**amount: int) -> datetime:
    return NOW - timedelta(**amount)


@pytest.mark.parametrize(
    ("at", "against", "alive", "doubtful"),
    [
        (None, None, (), True),
        (before(days=90), None, (), False),
        (before(days=90, seconds=1), None, (), True),
        (before(days=200), None, (before(days=120), before(days=40)), False),
        (before(days=200), None, (before(days=40),), True),  # it may have rested in between
        (before(days=10), before(days=5), (), True),
        (before(days=5), before(days=10), (), False),
        (None, None, (before(days=1),), True),  # what is delivered reaches whoever has the number
    ],
)
def test_a_number_is_in_doubt(
    at: datetime | None, against: datetime | None, alive: tuple[datetime, ...], doubtful: bool
) -> None:
    assert lapsed(at, against, alive, NOW) is doubtful


@given(AGO, st.lists(AGO, max_size=6))
def test_it_is_in_doubt_where_some_gap_is_longer_than_numbers_rest(proven: timedelta, signs: list[timedelta]) -> None:
    at, alive = NOW - proven, [NOW - sign for sign in signs]
    known = sorted([at, NOW, *(sign for sign in alive if sign > at)])
    gaps = [later - earlier for earlier, later in pairwise(known)]
    assert lapsed(at, None, alive, NOW) is any(gap > REST for gap in gaps)


@given(AGO, st.lists(AGO, max_size=6), AGO)
def test_a_further_sign_of_life_never_makes_a_doubt(proven: timedelta, signs: list[timedelta], more: timedelta) -> None:
    at, alive = NOW - proven, [NOW - sign for sign in signs]
    if not lapsed(at, None, alive, NOW):
        assert not lapsed(at, None, [*alive, NOW - more], NOW)
