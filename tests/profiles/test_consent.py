"""The ledger: the latest word on a purpose and channel decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.consent import LEDGER_CHANNELS, PURPOSES, ConsentError, holds, latest, ledger
from profiles.gates import CHANNELS

_entries = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(PURPOSES), st.sampled_from(LEDGER_CHANNELS), st.booleans()),
    max_size=20,
)


def matrix(*entries: tuple[int, str, str, bool], purpose: str = "notify") -> list[bool]:
    return [bool(cell) for cell in latest(ledger(entries), n=1, purpose=purpose)[0]]


def test_silence_is_no_consent() -> None:
    assert matrix() == [False, False, False]


def test_consent_for_any_channel_is_for_all_until_one_is_withdrawn() -> None:
    assert matrix((0, "notify", "any", True)) == [True, True, True]
    assert matrix((0, "notify", "any", True), (0, "notify", "sms", False)) == [True, False, True]


def test_a_later_any_speaks_over_an_earlier_channel() -> None:
    assert matrix((0, "notify", "sms", True), (0, "notify", "any", False)) == [False, False, False]


def test_purposes_are_apart() -> None:
    assert matrix((0, "recommend", "any", True)) == [False, False, False]


@pytest.mark.parametrize("entry", [(0, "spam", "any", True), (0, "notify", "fax", True)])
def test_an_unknown_word_is_an_error(entry: tuple[int, str, str, bool]) -> None:
    with pytest.raises(ConsentError):
        ledger([entry])


@given(_entries, st.sampled_from(PURPOSES))
def test_columns_say_what_reading_the_ledger_says(entries: list[tuple[int, str, str, bool]], purpose: str) -> None:
    expected = np.zeros((4, 3), dtype=bool)
    for row, what, channel, given_ in entries:
        for axis, name in enumerate(CHANNELS):
            if what == purpose and channel in (name, "any"):
                expected[row, axis] = given_
    assert np.array_equal(latest(ledger(entries), n=4, purpose=purpose), expected)


@given(_entries)
def test_a_consent_without_channel_is_the_last_word(entries: list[tuple[int, str, str, bool]]) -> None:
    last = {row: given_ for row, what, _, given_ in entries if what == "guardian"}
    assert holds(ledger(entries), n=4, purpose="guardian").tolist() == [last.get(row, False) for row in range(4)]
