"""The total of a check-up is the most that may be had at once: held against every subset, one by one."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from pushsvc.pipeline.exclusive import LARGEST, best, groups

Excludes = dict[int, frozenset[int]]
WORTH = st.dictionaries(st.integers(0, 11), st.integers(1, 1000), max_size=10)
PAIRS = st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30)


def both_ways(pairs: set[tuple[int, int]]) -> Excludes:
    """Who excludes whom."""
    found: dict[int, set[int]] = {}
    for one, other in pairs:
        if one != other:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return {one: frozenset(others) for one, others in found.items()}


def free_of_conflict(some: tuple[int, ...], excludes: Excludes) -> bool:
    """Whether no two of these exclude each other."""
    return all(other not in excludes.get(one, frozenset()) for one, other in combinations(some, 2))


def brute_force(worth: dict[int, int], excludes: Excludes) -> int:
    """The highest sum of any subset without conflict."""
    subsets = (some for n in range(len(worth) + 1) for some in combinations(worth, n))
    return max(sum(worth[one] for one in some) for some in subsets if free_of_conflict(some, excludes))


@given(WORTH, PAIRS)
def test_the_total_is_that_of_the_best_subset(worth: dict[int, int], pairs: set[tuple[int, int]]) -> None:
    excludes = both_ways(pairs)
    found = best(worth, excludes)
    assert found.total == brute_force(worth, excludes)
    assert found.total == sum(worth[one] for one in found.chosen)
    assert free_of_conflict(tuple(found.chosen), excludes)
    assert found.exact


@given(WORTH, PAIRS)
def test_the_order_changes_nothing_of_the_total(worth: dict[int, int], pairs: set[tuple[int, int]]) -> None:
    turned = dict(sorted(worth.items(), reverse=True))
    assert best(worth, both_ways(pairs)).total == best(turned, both_ways(pairs)).total


@given(st.lists(st.integers(0, 11), unique=True), PAIRS)
def test_groups_hold_everybody_once_and_no_pair_is_torn(members: list[int], pairs: set[tuple[int, int]]) -> None:
    excludes = both_ways(pairs)
    found = groups(members, excludes)
    assert sorted(one for group in found for one in group) == sorted(members)
    place = {one: n for n, group in enumerate(found) for one in group}
    assert all(place[one] == place[other] for one, other in pairs if one in place and other in place)


def test_of_two_the_dearer_and_of_a_chain_its_ends() -> None:
    assert best({1: 50, 2: 30}, both_ways({(1, 2)})).total == 50
    assert best({1: 40, 2: 60, 3: 40}, both_ways({(1, 2), (2, 3)})).chosen == {1, 3}
    assert best({}, {}).total == 0


def test_a_large_tangle_is_bounded_and_never_too_much() -> None:
    n = LARGEST * 3
    worth = {one: 100 + one for one in range(n)}
    everybody = both_ways({(one, other) for one in range(n) for other in range(one)})
    found = best(worth, everybody)
    assert (found.total, found.exact) == (100 + n - 1, False)
    ring = both_ways({(one, (one + 1) % LARGEST) for one in range(LARGEST)})
    assert best(dict.fromkeys(range(LARGEST), 7), ring).total == 7 * LARGEST // 2
