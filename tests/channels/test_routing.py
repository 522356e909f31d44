"""Shares of a channel, the breaker, and the way back: pure, by a moment handed in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.health import Health
from channels.routing import (
    FIRST_REST,
    LONGEST_REST,
    MINUTE,
    Route,
    after_probe,
    choose,
    draws_probe,
    evidence_from,
    half_open,
    judge,
    recovered,
    shares,
)

MAIN, RESERVE = Route("main", 80), Route("reserve", 20)
states = st.sampled_from(["on", "paused", "open"])
routes = st.lists(
    st.builds(
        Route,
        st.sampled_from("abcdef"),
        st.sampled_from([0.0, 0.5, 1.0, 20.0, 80.0]),
        states,
        st.integers(0, 20 * MINUTE),
        st.integers(0, 20 * MINUTE),
        st.booleans(),
    ),
    max_size=6,
    unique_by=lambda route: route.name,
)


@settings(max_examples=100)
@given(routes, st.integers(0, 40 * MINUTE))
def test_the_shares_of_the_routes_that_are_on_make_the_whole(found: list[Route], now: int) -> None:
    parts = shares(found, now)
    assert set(parts) == {route.name for route in found if route.state == "on"}
    assert all(part >= 0 for part in parts.values())
    assert sum(parts.values()) == pytest.approx(1.0 if parts else 0.0)
    assert parts == shares(found[::-1], now)


@settings(max_examples=100)
@given(routes, st.integers(0, 40 * MINUTE), st.integers(0, 2**128))
def test_the_same_token_draws_the_same_route_and_never_one_without_a_share(
    found: list[Route], now: int, token: int
) -> None:
    parts = shares(found, now)
    drawn = choose(parts, token)
    assert (drawn is None) == (not parts)
    assert drawn is None or parts[drawn] > 0
    assert drawn == choose(dict(reversed(parts.items())), token)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 15 * MINUTE), min_size=2, max_size=10))
def test_a_route_on_its_way_back_never_loses_a_step(moments: list[int]) -> None:
    back = replace(MAIN, drifting=True)
    parts = [shares([back, RESERVE], now)["main"] for now in sorted(moments)]
    assert parts == sorted(parts)


def test_slices_are_drawn_by_weight() -> None:
    parts = shares([MAIN, RESERVE], 0)
    drawn = [choose(parts, token) for token in range(5000)]
    assert drawn.count("main") / 5000 == pytest.approx(0.8, abs=0.03)


def test_a_route_comes_back_by_a_tenth_of_its_share_a_minute() -> None:
    back = replace(MAIN, drifting=True)
    parts = [shares([back, RESERVE], minute * MINUTE)["main"] for minute in range(11)]
    assert parts == pytest.approx([0.08 * (minute + 1) for minute in range(10)] + [0.8])
    assert recovered(back, -MINUTE) == pytest.approx(0.1)  # a clock that stepped back


def test_the_only_route_takes_all_even_on_its_way_back() -> None:
    assert shares([replace(MAIN, drifting=True)], 0) == {"main": 1.0}


def test_a_route_of_weight_0_waits_until_no_other_is_left() -> None:
    spare = Route("spare", 0.0)
    assert shares([MAIN, spare], 0) == {"main": 1.0, "spare": 0.0}
    assert shares([replace(MAIN, state="open"), spare], 0) == {"spare": 1.0}


def test_when_all_rest_nothing_is_drawn() -> None:
    assert shares([replace(MAIN, state="paused"), replace(RESERVE, state="open")], 0) == {}
    assert choose({}, 7) is None


def test_trouble_opens_the_breaker_and_a_good_probe_closes_it() -> None:
    opened = judge(MAIN, Health(calls=10, failed=0.9, trouble="errors"), 5 * MINUTE)
    assert opened is not None
    assert (opened.state, opened.until) == ("open", 5 * MINUTE + FIRST_REST)
    assert opened.reason == "90% of the last 10 calls failed"
    resting = replace(MAIN, state="open", changed=5 * MINUTE, until=opened.until)
    assert judge(resting, Health(), 6 * MINUTE) is None
    assert judge(resting, Health(calls=1, failed=1.0, trouble="errors"), 6 * MINUTE) is None
    closed = judge(resting, Health(calls=1, seconds=0.1), 6 * MINUTE)
    assert closed is not None
    assert (closed.state, closed.until) == ("on", 0)


def test_slowness_opens_it_too_and_says_so() -> None:
    slow = judge(MAIN, Health(calls=20, seconds=9.0, normal=0.2, trouble="slow"), 0)
    assert slow is not None
    assert slow.reason == "the last 20 calls took 9.0 s, 0.2 s before"


@given(states, st.booleans())
def test_the_breaker_leaves_alone_what_a_person_paused(state: str, failing: bool) -> None:
    found = Health(calls=20, failed=1.0 if failing else 0.0, trouble="errors" if failing else "")
    assert judge(replace(MAIN, state="paused"), found, 0) is None


@given(st.integers(0, 100 * MINUTE), st.integers(0, 100 * MINUTE))
def test_probes_grow_rarer_within_a_minute(changed: int, waited: int) -> None:
    route = replace(MAIN, state="open", changed=changed, until=changed + FIRST_REST)
    now = changed + waited
    assert half_open(route, now) == (waited >= FIRST_REST)
    assert FIRST_REST <= after_probe(route, now) - now <= LONGEST_REST


def test_one_slice_in_four_probes_while_others_are_on() -> None:
    drawn = [draws_probe(token, others=True) for token in range(5000)]
    assert sum(drawn) / 5000 == pytest.approx(0.25, abs=0.03)
    assert all(draws_probe(token, others=False) for token in range(50))


@given(st.integers(0, 2**128 - 1))
def test_an_urgent_slice_probes_only_where_nothing_else_is_left(token: int) -> None:
    assert not draws_probe(token, others=True, urgent=True)
    assert draws_probe(token, others=False, urgent=True)


def test_only_what_was_called_after_the_rest_is_a_probe() -> None:
    resting = replace(MAIN, state="open", changed=MINUTE, until=2 * MINUTE)
    assert evidence_from(resting) == MINUTE + FIRST_REST
    assert evidence_from(replace(MAIN, changed=MINUTE)) == MINUTE
