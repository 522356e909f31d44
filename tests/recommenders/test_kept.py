"""What is kept under an object goes with it, and is never taken for another's."""

from __future__ import annotations

import gc

from recommenders.kept import Kept


class Owner:
    """Something that can be watched."""


def test_it_is_made_once_for_its_owners() -> None:
    kept: Kept[list[int]] = Kept()
    one, other = Owner(), Owner()
    assert kept.get((one, other), "x", list) is kept.get((one, other), "x", list)
    assert kept.get((one,), "x", list) is not kept.get((one, other), "x", list)
    assert kept.get((one,), "x", list) is not kept.get((one,), "y", list)


def test_another_stamp_takes_the_place_of_the_one_before() -> None:
    kept: Kept[int] = Kept()
    one = Owner()
    assert [kept.get((one,), "x", lambda: 1, stamp="a"), kept.get((one,), "x", lambda: 2, stamp="b")] == [1, 2]
    assert len(kept) == 1


def test_it_goes_with_the_first_of_its_owners() -> None:
    kept: Kept[int] = Kept()
    one, other = Owner(), Owner()
    kept.get((one, other), "x", lambda: 1)
    kept.get((other,), "x", lambda: 1)
    del one
    gc.collect()
    assert len(kept) == 1
