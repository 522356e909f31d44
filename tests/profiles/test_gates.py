"""The gates: their order, their codes, and the same answer however the rows are cut."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.gates import CHANNELS, CODES, ENTITLED, RECOMMENDED, SUBSCRIBED, GateInput, decide_gates

_BOOLS = {"erased": False, "personalised": True, "entitled_on": True, "minor": False, "guardian_consent": True}
_BOOLS |= {"muted": False, "paused": False, "told": False}
_MATRICES = {"has_address": True, "suppressed": False, "consent": True, "enabled": True, "taken": False}


def rows(
    *cases: dict[str, Any], mandatory: bool = False, duty: bool = False, people: bool = True, emergency: bool = False
) -> GateInput:
    """Open rows, but for what each case shuts. A matrix value may be one boolean for all three channels."""
    n = len(cases)
    arrays: dict[str, Any] = {name: np.array([c.get(name, d) for c in cases], bool) for name, d in _BOOLS.items()}
    for name, default in _MATRICES.items():
        cells = [np.broadcast_to(np.array(c.get(name, default), bool), 3) for c in cases]
        arrays[name] = np.array(cells, bool).reshape(n, 3)
    addresses = [c.get("address", [3 * i + 1000, 3 * i + 1001, 3 * i + 1002]) for i, c in enumerate(cases)]
    return GateInput(
        door=np.array([c.get("door", SUBSCRIBED) for c in cases], np.int8),
        week_count=np.array([c.get("week_count", 0) for c in cases], np.int32),
        weekly_max=np.array([c.get("weekly_max", 0) for c in cases], np.int32),
        address=np.array(addresses, np.int64).reshape(n, 3),
        recipient=np.array([c.get("recipient", i) for i, c in enumerate(cases)], np.int64) if people else None,
        mandatory=mandatory,
        duty=duty,
        emergency=emergency,
        **arrays,
    )


def outcome(given_: GateInput) -> list[str]:
    """The channel or the refusal of each row."""
    result = decide_gates(given_)
    pairs = zip(result.channel, result.names(), strict=True)
    assert all((channel >= 0) == (name == "") for channel, name in zip(result.channel, result.names(), strict=True))
    return [CHANNELS[channel] if channel >= 0 else name for channel, name in pairs]


def one(case: dict[str, Any], **scalars: bool) -> str:
    return outcome(rows(case, **scalars))[0]


def test_an_open_row_goes_by_the_first_channel() -> None:
    assert one({}) == "app"
    assert one({"has_address": [False, True, True]}) == "sms"


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ({"erased": True}, "erased"),
        ({"door": ENTITLED, "entitled_on": False}, "entitled_off"),
        ({"door": RECOMMENDED, "personalised": False}, "personalised_off"),
        ({"door": RECOMMENDED, "minor": True}, "minor"),
        ({"guardian_consent": False}, "no_guardian_consent"),
        ({"muted": True}, "muted"),
        ({"paused": True}, "paused"),
        ({"told": True}, "told"),
        ({"door": RECOMMENDED, "week_count": 3, "weekly_max": 3}, "cap"),
        ({"suppressed": True}, "suppressed"),
        ({"consent": False}, "no_basis"),
        ({"taken": True}, "same_address"),
        ({"has_address": False}, "no_address"),
        ({"enabled": False}, "no_address"),
        ({"address": [-1, -1, -1]}, "no_address"),
    ],
)
def test_each_gate_has_its_code(case: dict[str, Any], code: str) -> None:
    assert one(case) == code


@pytest.mark.parametrize(
    "case",
    [
        {"door": SUBSCRIBED, "personalised": False, "minor": True, "week_count": 9, "weekly_max": 1},
        {"door": ENTITLED, "personalised": False, "minor": True, "week_count": 9, "weekly_max": 1},
        {"door": RECOMMENDED, "week_count": 99, "weekly_max": 0},
        {"door": SUBSCRIBED, "entitled_on": False},
    ],
)
def test_gates_of_one_door_leave_the_others_open(case: dict[str, Any]) -> None:
    assert one(case) == "app"


def test_a_mandatory_notice_passes_mute_pause_and_switches() -> None:
    shut = {"muted": True, "paused": True, "enabled": False, "door": ENTITLED, "entitled_on": False}
    assert one(shut, mandatory=True, duty=True) == "app"
    assert one({"suppressed": True}, mandatory=True) == "suppressed"


def test_a_recorded_duty_is_a_basis_for_the_entitled_only() -> None:
    assert one({"door": ENTITLED, "consent": False}, duty=True) == "app"
    assert one({"door": SUBSCRIBED, "consent": False}, duty=True) == "no_basis"
    assert one({"door": ENTITLED, "consent": False}) == "no_basis"


def test_the_person_is_asked_before_the_channel() -> None:
    assert one({"told": True, "suppressed": True, "has_address": False}) == "told"


def test_earlier_gates_come_first() -> None:
    everything = {name: not default for name, default in _BOOLS.items()}
    assert one({**everything, "door": RECOMMENDED}) == "erased"
    assert one({**everything, "erased": False, "door": RECOMMENDED}) == "personalised_off"


def test_the_channel_that_got_furthest_gives_the_reason() -> None:
    case = {"suppressed": [True, False, False], "consent": [True, False, True], "taken": [False, False, True]}
    assert one(case) == "same_address"
    assert decide_gates(rows(case)).blocked.tolist() == [2]
    assert one({**case, "has_address": [True, True, False]}) == "no_basis"


def test_a_shared_phone_is_written_to_once_and_the_other_gets_an_email() -> None:
    phone = {"has_address": [False, True, False]}
    both = {"has_address": [False, True, True]}
    family = [{**phone, "address": [-1, 7, -1]}, {**phone, "address": [-1, 7, -1]}, {**both, "address": [-1, 7, 8]}]
    assert outcome(rows(*family)) == ["sms", "same_address", "email"]


def test_an_address_not_used_by_an_earlier_row_is_free_for_the_next() -> None:
    first = {"address": [5, 7, 9]}
    second = {"has_address": [False, True, False], "address": [-1, 7, -1]}
    assert outcome(rows(first, second)) == ["app", "sms"]


def test_a_person_with_three_firms_is_told_once() -> None:
    firm = {"recipient": 1, "address": [1, 2, 3]}
    assert outcome(rows(firm, firm, firm)) == ["app", "same_address", "same_address"]


def test_what_a_run_sends_itself_does_not_count_against_its_own_cap() -> None:
    firm = {"recipient": 1, "address": [1, 2, 3], "door": RECOMMENDED, "weekly_max": 1}
    assert outcome(rows(firm, firm)) == ["app", "same_address"]


def test_no_rows_are_no_rows() -> None:
    assert outcome(rows()) == []


_rare = st.sampled_from([False, False, False, True])
_three = st.tuples(*[st.booleans()] * 3)
_address = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
case_strategy = st.fixed_dictionaries(
    {
        "door": st.sampled_from([ENTITLED, SUBSCRIBED, RECOMMENDED]),
        "erased": _rare,
        "personalised": _rare.map(lambda b: not b),
        "minor": _rare,
        "told": _rare,
        "week_count": st.integers(0, 2),
        "weekly_max": st.integers(0, 3),
        "has_address": _three,
        "suppressed": st.tuples(_rare, _rare, _rare),
        "consent": _three,
        "enabled": st.tuples(*[_rare.map(lambda b: not b)] * 3),
        "recipient": st.integers(0, 4),
        "address": _address,
    }
)


def in_chunks(given_: GateInput, cuts: list[int]) -> tuple[list[str], list[int]]:
    """Decide chunk by chunk, carrying forward what earlier rows used as a caller does."""
    assert given_.recipient is not None
    names: list[str] = []
    channels: list[int] = []
    used: set[tuple[int, int]] = set()
    written: set[int] = set()
    for start, stop in zip([0, *cuts], [*cuts, len(given_)], strict=True):
        part = given_.take(np.arange(start, stop))
        assert part.recipient is not None
        taken = part.taken.copy()
        for row, person in enumerate(part.recipient):
            for axis in range(3):
                taken[row, axis] |= (axis, int(part.address[row, axis])) in used or int(person) in written
        result = decide_gates(replace(part, taken=taken))
        for row, channel in enumerate(result.channel.tolist()):
            if channel >= 0:
                used.add((channel, int(part.address[row, channel])))
                written.add(int(part.recipient[row]))
        names += result.names()
        channels += result.channel.tolist()
    return names, channels


def assert_chunks_agree(given_: GateInput, data: Any) -> None:
    """One at a time and in drawn chunks, rows are decided as all at once."""
    whole = decide_gates(given_)
    expected = (whole.names(), whole.channel.tolist())
    assert in_chunks(given_, list(range(1, len(given_)))) == expected
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(given_) - 1)), max_size=3))) if len(given_) > 1 else []
    assert in_chunks(given_, cuts) == expected


@settings(max_examples=300, deadline=None)
@given(st.lists(case_strategy, max_size=9), st.booleans(), st.data())
def test_all_at_once_one_at_a_time_and_chunked_agree(cases: list[dict[str, Any]], duty: bool, data: Any) -> None:
    assert_chunks_agree(rows(*cases, duty=duty), data)


@settings(max_examples=100, deadline=None)
@given(st.lists(case_strategy, max_size=9))
def test_no_address_and_no_person_is_written_to_twice(cases: list[dict[str, Any]]) -> None:
    given_ = rows(*cases)
    channel = decide_gates(given_).channel
    sent = np.flatnonzero(channel >= 0)
    used = [(int(channel[row]), int(given_.address[row, channel[row]])) for row in sent]
    people = [cases[row]["recipient"] for row in sent]
    assert len(set(used)) == len(used)
    assert len(set(people)) == len(people)


@settings(max_examples=100, deadline=None)
@given(st.lists(case_strategy, max_size=9))
def test_nobody_is_written_to_through_a_shut_gate(cases: list[dict[str, Any]]) -> None:
    for case, result in zip(cases, outcome(rows(*cases)), strict=True):
        assert result in CHANNELS or result in CODES
        if result in CHANNELS:
            axis = CHANNELS.index(result)
            assert (case["has_address"][axis], case["consent"][axis], case["suppressed"][axis]) == (True, True, False)
            assert (case["erased"], case["told"]) == (False, False)
