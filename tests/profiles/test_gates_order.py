"""The gates where people put the channels into an order of their own, and where an emergency passes the cap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.gates import RECOMMENDED, GateInput, decide_gates
from profiles.sharing import assign, best_column
from tests.profiles.test_gates import assert_chunks_agree, case_strategy, one, outcome, rows

MATRICES = ("has_address", "suppressed", "consent", "enabled", "address", "taken")
orders = st.permutations(range(3)).map(tuple)


def ordered(given_: GateInput, order: Any) -> GateInput:
    """The same rows, each with its own order (or all with one)."""
    return replace(given_, order=np.broadcast_to(np.array(order, np.int8), (len(given_), 3)).copy())


def test_who_puts_the_phone_first_is_written_to_by_sms() -> None:
    assert outcome(ordered(rows({}, {"suppressed": [False, True, False]}), (1, 0, 2))) == ["sms", "app"]


def test_of_two_channels_that_got_as_far_the_first_in_the_order_is_named() -> None:
    shut = rows({"consent": False})
    assert decide_gates(shut).blocked.tolist() == [0]
    assert decide_gates(ordered(shut, (2, 1, 0))).blocked.tolist() == [2]


@settings(max_examples=150, deadline=None)
@given(st.lists(case_strategy, max_size=9), orders)
def test_another_order_is_the_same_as_other_columns(cases: list[dict[str, Any]], order: tuple[int, ...]) -> None:
    plain = rows(*cases)
    turned = replace(plain, **{name: getattr(plain, name)[:, list(order)] for name in MATRICES})
    mine, theirs = decide_gates(ordered(plain, order)), decide_gates(turned)
    back = np.array([*order, -1], np.int8)
    assert mine.names() == theirs.names()
    assert mine.channel.tolist() == back[theirs.channel].tolist()
    assert mine.blocked.tolist() == back[theirs.blocked].tolist()
    assert mine.open_.tolist() == theirs.open_[:, np.argsort(order)].tolist()


@settings(max_examples=50, deadline=None)
@given(st.lists(case_strategy, max_size=9))
def test_the_usual_order_said_aloud_changes_nothing(cases: list[dict[str, Any]]) -> None:
    said, unsaid = decide_gates(ordered(rows(*cases), (0, 1, 2))), decide_gates(rows(*cases))
    assert all(np.array_equal(getattr(said, name), getattr(unsaid, name)) for name in vars(said))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(case_strategy, orders), max_size=9), st.booleans(), st.booleans(), st.data())
def test_chunks_agree_whoever_prefers_what(
    cases: list[tuple[dict[str, Any], tuple[int, ...]]], duty: bool, emergency: bool, data: Any
) -> None:
    plain = replace(rows(*[case for case, _ in cases], duty=duty), emergency=emergency)
    given_ = replace(plain, order=np.array([order for _, order in cases], np.int8).reshape(-1, 3))
    assert_chunks_agree(given_, data)


@settings(max_examples=100, deadline=None)
@given(st.lists(case_strategy, max_size=9))
def test_what_is_open_to_a_row_does_not_hang_on_the_others(cases: list[dict[str, Any]]) -> None:
    given_ = rows(*cases)
    crowded = replace(given_, taken=np.ones_like(given_.taken))
    each = [decide_gates(given_.take(np.array([i]))).open_[0].tolist() for i in range(len(cases))]
    assert decide_gates(given_).open_.tolist() == decide_gates(crowded).open_.tolist() == each


def test_an_emergency_passes_the_cap_and_nothing_else() -> None:
    full = {"door": RECOMMENDED, "week_count": 3, "weekly_max": 3}
    assert one(full, emergency=True) == "app"
    assert one({**full, "muted": True}, emergency=True) == "muted"
    assert one({**full, "paused": True}, emergency=True) == "paused"
    assert one({**full, "consent": False}, emergency=True) == "no_basis"
    assert one({**full, "personalised": False}, emergency=True) == "personalised_off"


def test_in_an_emergency_a_person_with_two_firms_is_still_told_once() -> None:
    firm = {"recipient": 1, "address": [1, 2, 3], "door": RECOMMENDED, "weekly_max": 1}
    assert outcome(replace(rows(firm, firm), emergency=True)) == ["app", "same_address"]


@pytest.mark.parametrize(("order", "column"), [((0, 1, 2), 1), ((2, 1, 0), 2), ((0, 2, 1), 2)])
def test_the_best_column_of_equal_ones_is_the_first_in_the_order(order: tuple[int, ...], column: int) -> None:
    assert best_column(np.array([[1, 5, 5]]), np.array([order], np.int8)).tolist() == [column]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.tuples(*[st.booleans()] * 3), st.tuples(*[st.integers(0, 2)] * 3), orders), max_size=8))
def test_it_assigns_as_one_after_another_would(
    cases: list[tuple[tuple[bool, ...], tuple[int, ...], tuple[int, ...]]],
) -> None:
    used: set[tuple[int, int]] = set()
    expected = []
    for open_, address, order in cases:
        free = [column for column in order if open_[column] and (column, address[column]) not in used]
        expected.append(free[0] if free else -1)
        used |= {(column, address[column]) for column in free[:1]}
    columns = [
        np.array([case[i] for case in cases], kind).reshape(-1, 3) for i, kind in enumerate((bool, int, np.int8))
    ]
    assert assign(columns[0], columns[1], None, order=columns[2].astype(np.int8)).tolist() == expected
