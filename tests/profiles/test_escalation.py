"""The second step: where it goes, and who has none."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.escalation import may_choose_order, second, whole_order
from profiles.gates import CHANNELS

USUAL, PHONE_FIRST = (0, 1, 2), (1, 0, 2)
ALL = (True, True, True)
three = st.tuples(*[st.booleans()] * 3)
case = st.tuples(st.integers(-1, 2), three, st.permutations(range(3)).map(tuple), three)


def then(first: int, wish: tuple[bool, ...], order: tuple[int, ...] = USUAL, open_: tuple[bool, ...] = ALL) -> int:
    """The second channel of one row."""
    arrays = np.array([first], np.int8), np.array([wish]), np.array([order], np.int8), np.array([open_])
    return int(second(*arrays)[0])


@pytest.mark.parametrize(
    ("first", "wish", "order", "open_", "channel"),
    [
        (0, ALL, USUAL, ALL, 1),
        (0, (False, False, True), USUAL, ALL, 2),
        (0, (False, False, False), USUAL, ALL, -1),
        (0, ALL, USUAL, (True, False, True), 2),
        (0, (False, True, False), USUAL, (True, False, True), -1),
        (-1, ALL, USUAL, ALL, -1),
        (1, ALL, USUAL, ALL, -1),  # it went by SMS for want of an app: nobody can see whether that was read
        (1, ALL, PHONE_FIRST, ALL, 0),
        (0, ALL, PHONE_FIRST, (True, False, True), 2),
        (2, ALL, PHONE_FIRST, ALL, -1),
    ],
)
def test_the_second_step_goes_where_the_person_wishes(
    first: int, wish: tuple[bool, ...], order: tuple[int, ...], open_: tuple[bool, ...], channel: int
) -> None:
    assert then(first, wish, order, open_) == channel


@given(st.lists(case, max_size=6))
def test_a_second_step_is_wished_open_and_another_channel(cases: list[tuple[int, tuple, tuple, tuple]]) -> None:  # type: ignore[type-arg]  # of booleans and of numbers
    columns = [np.array(column).reshape(len(cases), -1) for column in zip(*cases, strict=True)] or [
        np.zeros((0, 3))
    ] * 4
    first, order = columns[0].ravel().astype(np.int8), columns[2].astype(np.int8).reshape(-1, 3)
    found = second(first, columns[1].astype(bool).reshape(-1, 3), order, columns[3].astype(bool).reshape(-1, 3))
    assert found.tolist() == [then(*one) for one in cases]
    for (before, wish, _, open_), channel in zip(cases, found.tolist(), strict=True):
        if channel >= 0:
            assert wish[channel]
            assert open_[channel]
            assert before not in (-1, channel)


def test_an_order_names_every_channel_once() -> None:
    assert whole_order(()) == (0, 1, 2)
    assert whole_order(("sms",)) == (1, 0, 2)
    assert whole_order(("email", "fax", "email")) == (2, 0, 1)


@given(st.lists(st.sampled_from([*CHANNELS, "fax", ""]), max_size=6))
def test_whatever_is_stored_is_a_whole_order(words: list[str]) -> None:
    assert sorted(whole_order(words)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("born", "today", "old"),
    [
        (date(1961, 6, 24), date(2026, 6, 24), True),
        (date(1961, 6, 25), date(2026, 6, 24), False),
        (date(1960, 2, 29), date(2025, 2, 27), False),
        (date(1960, 2, 29), date(2025, 2, 28), True),
        (None, date(2026, 6, 24), False),
    ],
)
def test_from_the_65th_birthday_on_the_order_may_be_turned_round(born: date | None, today: date, old: bool) -> None:
    assert may_choose_order(born, today) is old
