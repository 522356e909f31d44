"""A list without two faces of one matter and without one agency's flood, against walking down it one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiles.ragged import Mask, Rows
from recommenders.spread import at_most, one_face, spread_out

N = 12
codes = st.lists(st.integers(0, 4), min_size=N, max_size=N).map(lambda some: np.array(some, dtype=np.int64))
masks = st.lists(st.booleans(), min_size=N, max_size=N).map(lambda some: np.array(some, dtype=np.bool_))
orders = st.tuples(st.permutations(range(N)), st.integers(0, N)).map(
    lambda drawn: np.array(drawn[0][: drawn[1]], dtype=np.int64)
)


def walked(order: Rows, agency: Rows, family: Rows, exempt: Mask, most: int) -> list[int]:
    """The exempt go down the list first, then the others; what either keeps stands in the order given."""
    kept: list[int] = []
    seen, told = set[int](), Counter[int]()
    for free in (True, False):
        for one in (i for i in order.tolist() if exempt[i] == free and family[i] not in seen):
            seen.add(int(family[one]))
            if free or told[agency[one]] < most:
                told[agency[one]] += 1
                kept.append(one)
    return [one for one in order.tolist() if one in kept]


@given(orders, codes, codes, masks, st.integers(0, 5))
def test_it_is_what_a_walk_keeps(order: Rows, agency: Rows, family: Rows, exempt: Mask, most: int) -> None:
    assert spread_out(order, agency, family, exempt, most).tolist() == walked(order, agency, family, exempt, most)


@given(orders, codes, codes, masks, st.integers(1, 5))
def test_no_family_twice_and_no_agency_too_often(
    order: Rows, agency: Rows, family: Rows, exempt: Mask, most: int
) -> None:
    kept = spread_out(order, agency, family, exempt, most)
    assert len(set(family[kept].tolist())) == len(kept)
    told, asked = Counter(agency[kept].tolist()), Counter(agency[kept[exempt[kept]]].tolist())
    assert all(n <= max(most, asked[code]) for code, n in told.items())


@given(orders, codes, masks, st.integers(0, 5))
def test_what_is_exempt_is_never_dropped_for_its_agency(order: Rows, agency: Rows, exempt: Mask, most: int) -> None:
    assert set(order[exempt[order]].tolist()) <= set(at_most(order, agency, exempt=exempt, most=most).tolist())


@given(orders, codes, codes, masks, st.integers(1, 5))
def test_again_it_changes_nothing(order: Rows, agency: Rows, family: Rows, exempt: Mask, most: int) -> None:
    once = spread_out(order, agency, family, exempt, most)
    assert spread_out(once, agency, family, exempt, most).tolist() == once.tolist()


@given(orders, codes)
def test_the_first_face_in_the_order_stays(order: Rows, family: Rows) -> None:
    kept, seen = one_face(order, family).tolist(), set[int]()
    first = [one for one in order.tolist() if not (int(family[one]) in seen or seen.add(int(family[one])))]
    assert kept == first


@given(st.lists(orders, min_size=1, max_size=3), codes, codes, masks, st.integers(1, 3))
def test_many_lists_at_once_are_each_by_itself(
    lists: list[Rows], agency: Rows, family: Rows, exempt: Mask, most: int
) -> None:
    at = np.arange(len(lists)).repeat(N)
    many = spread_out(
        np.concatenate([order + N * i for i, order in enumerate(lists)]),
        np.tile(agency, len(lists)) + 5 * at,
        np.tile(family, len(lists)) + 5 * at,
        np.tile(exempt, len(lists)),
        most,
    )
    alone = [spread_out(order, agency, family, exempt, most) + N * i for i, order in enumerate(lists)]
    assert many.tolist() == np.concatenate(alone).tolist()
