"""Merging is what a walk down the ranking does: who has no address left is merged into those before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.ragged import Rows
from profiles.snapshot.segments import Segment, Shared
from recommenders.errors import FeatureError
from recommenders.merging import Addresses, choose_people, merge_shared, shared_addresses

ADDRESSES = st.sets(st.integers(0, 6), min_size=1, max_size=3)
takens = st.sets(st.integers(0, 6), max_size=2).map(sorted)


def pairs(held: dict[int, set[int]]) -> Addresses:
    owners = [owner for owner in sorted(held) for _ in held[owner]]
    addresses = [address for owner in sorted(held) for address in sorted(held[owner])]
    return Addresses(np.array(owners, dtype=np.int64), np.array(addresses, dtype=np.int64))


def walk(order: list[int], held: dict[int, set[int]], taken: list[int], top_n: int | None) -> tuple[list[int], ...]:
    """Kept and merged, one after the other, until enough are kept."""
    gone: set[int] = set(taken)
    kept: list[int] = []
    merged: list[int] = []
    for one in order:
        if top_n is not None and len(kept) >= top_n:
            break
        if one in held and held[one] <= gone:
            merged.append(one)
        else:
            kept.append(one)
            gone |= held.get(one, set())
    return kept, merged


@given(st.permutations(range(8)), st.dictionaries(st.integers(0, 11), ADDRESSES), takens, st.integers(0, 8))
def test_it_is_what_a_walk_finds(order: list[int], held: dict[int, set[int]], taken: list[int], length: int) -> None:
    ranking = order[:length]  # some owners of addresses are not in it
    found = merge_shared(np.array(ranking, dtype=np.int64), pairs(held), np.array(taken, dtype=np.int64))
    assert [one for one, merged in zip(ranking, found, strict=True) if merged] == walk(ranking, held, taken, None)[1]


@given(
    st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=9),
    st.data(),
    takens,
    st.none() | st.sampled_from([0.5, 0.7, 2.0]),
    st.none() | st.integers(0, 10),
)
def test_the_cut_counts_people(
    scores: list[float], data: st.DataObject, taken: list[int], least: float | None, top_n: int | None
) -> None:
    held = data.draw(st.dictionaries(st.integers(0, len(scores) - 1), ADDRESSES))
    ids = np.array(data.draw(st.permutations(range(100, 100 + len(scores)))), dtype=np.int64)
    values = np.array(scores, dtype=np.float32)
    found = choose_people(values, ids, pairs(held), taken=np.array(taken, dtype=np.int64), least=least, top_n=top_n)
    ranking = [int(i) for i in np.lexsort((ids, -values)) if least is None or values[i] >= least]
    assert (found.kept.tolist(), found.merged.tolist()) == walk(ranking, held, taken, top_n)


def test_addresses_of_an_earlier_door_are_taken() -> None:
    order, shared = np.array([5, 6, 7]), pairs({5: {1}, 6: {1, 2}, 7: {2}})
    assert merge_shared(order, shared, np.array([1])).tolist() == [True, False, True]


def segment(count: int, shared: Shared | None = None) -> Segment:
    return Segment("citizen", 0, np.arange(count), {}, {}, np.ones(count, dtype=np.bool_), shared=shared)


def rows(*found: int) -> Rows:
    return np.array(found, dtype=np.int64)


def test_owners_are_positions_among_all_that_were_asked_for() -> None:
    shared = Shared(np.array([1, 4], np.uint32), np.array([0, 2, 3], np.uint32), np.array([7, 8, 7], np.uint32))
    asked = [(segment(9), rows(0, 3)), (segment(5, shared), rows(0, 1)), (segment(5, shared), rows(2, 3, 4))]
    found = shared_addresses(asked)
    assert (found.owners.tolist(), found.addresses.tolist()) == ([3, 3, 6], [7, 8, 7])


def test_of_nobody_asked_for_nothing_is_shared() -> None:
    assert len(shared_addresses([]).owners) == 0
    assert merge_shared(rows(1, 2), shared_addresses([])).tolist() == [False, False]


def test_an_owner_who_is_no_candidate_is_refused() -> None:
    with pytest.raises(FeatureError) as error:
        choose_people(np.zeros(2, dtype=np.float32), rows(1, 2), pairs({2: {1}}))
    assert error.value.code == "no_such_row"
