"""A floor: of each group at least such a share is chosen, its best first, whatever the threshold says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from profiles.ragged import Mask
from recommenders.errors import FeatureError
from recommenders.merging import NO_ADDRESSES, Addresses, People, choose_people, merge_shared, ranked_before
from recommenders.selecting import Floats, Ids, Rows, check, ranked


@dataclass(frozen=True, eq=False)
class Groups:
    """m memberships: candidate owners[i] is in group codes[i] of `count`. One may be in several groups, or in none."""

    owners: Rows
    codes: Rows
    count: int


@dataclass(frozen=True, eq=False)
class Candidates:
    """k candidates: float32 scores, distinct ids, and which of them (by position) share an address."""

    scores: Floats
    ids: Ids
    shared: Addresses


@dataclass(frozen=True, eq=False)
class Floored:
    """`people` as `choose_people` gives them; `firsts`: positions of those taken for a group's floor alone, in order
    of rank; `over`: how many all the kept are more than `top_n`.
    """

    people: People
    firsts: Rows
    over: int


def needs(groups: Groups, floor: float) -> Rows:
    """int64[count]: how many each group is owed, the share of its members rounded up; the share as it is written.

    Raises FeatureError `bad_floor` for a share below 0, above 1 or that is no number.
    """
    if not 0 <= floor <= 1:
        raise FeatureError("bad_floor", f"A floor is a share from 0 to 1, not {floor}.")
    share = Fraction(repr(float(floor)))  # as a decimal: 7 of 100 are 0.07 of them, not 8
    sizes = np.bincount(groups.codes, minlength=groups.count).tolist()
    return np.array([math.ceil(share * n) for n in sizes], dtype=np.int64)


def choose_above_floors(
    given: Candidates,
    owed: tuple[Groups, float],
    *,
    taken: Rows = NO_ADDRESSES,
    least: float | None = None,
    top_n: int | None = None,
) -> Floored:
    """The best as `choose_people` takes them, and below them of each group its best until its floor is reached.

    `owed`: groups and floor. Those taken for a floor need not reach `least`; with `top_n` as many of the plainly best
    stand back for them as must, and where floors alone are more, they stand. Whoever is reached nowhere but where
    somebody taken before is, is merged into them and the next of the group comes in their place: so a group stays below
    its floor only where all the rest of it are merged.
    """
    check(given.scores, given.ids)
    groups, floor = owed
    if bool(((groups.owners < 0) | (groups.owners >= len(given.scores))).any()):
        raise FeatureError("no_such_row", f"A group has another member than the {len(given.scores)} candidates.")
    plain = choose_people(given.scores, given.ids, given.shared, taken=taken, least=least, top_n=top_n)
    walk = _Walk(given, groups, needs(groups, floor), taken)
    first, gone, n = _fitting(walk, plain.kept, top_n)
    best, scores, ids = plain.kept[:n], given.scores, given.ids
    before = plain.merged if n == len(plain.kept) else plain.merged[ranked_before(scores, ids, plain.merged, best[-1:])]
    kept = np.concatenate([best, first])
    over = 0 if top_n is None else max(0, len(kept) - top_n)
    return Floored(People(ranked(scores, ids, kept), np.union1d(before, gone)), first, over)


def _fitting(walk: _Walk, best: Rows, top_n: int | None) -> tuple[Rows, Rows, int]:
    """Who is taken for floors, who is merged into them, and beside how many of the plainly best: as many as fit."""
    first, gone = walk.below(best)
    if top_n is None or len(best) + len(first) <= top_n:
        return first, gone, len(best)
    fits, fails = 0, len(best)
    first, gone = walk.below(best[:0])
    while fails - fits > 1 and len(first) + fits <= top_n:
        middle = (fits + fails) // 2
        found = walk.below(best[:middle])
        if len(found[0]) + middle <= top_n:
            fits, (first, gone) = middle, found
        else:
            fails = middle
    return first, gone, fits


class _Walk:
    """Down the ranking, below those already chosen, as if one by one; everything that is the same for each walk."""

    def __init__(self, given: Candidates, groups: Groups, owed: Rows, taken: Rows) -> None:
        k = len(given.scores)
        order = ranked(given.scores, given.ids, np.arange(k))
        self._rank = np.empty(k, dtype=np.int64)
        self._rank[order] = np.arange(k)
        keys = np.sort(groups.codes * max(k, 1) + self._rank[groups.owners])  # each group's members, best first
        self._shared, self._owed, self._taken = given.shared, owed, taken
        codes = keys // max(k, 1)
        members = order[keys - codes * k]
        looked_at = self._reach(codes, members)
        self._codes, self._members = codes[looked_at], members[looked_at]

    def below(self, best: Rows) -> tuple[Rows, Rows]:
        """Who of the others is taken for some group's floor, best first; and who is merged instead of being taken.

        Who is merged leaves the groups, and the next one of each is looked at.
        """
        chosen, gone = (np.zeros(len(self._rank), dtype=np.bool_) for _ in range(2))
        chosen[best] = True
        has = np.bincount(self._codes[chosen[self._members]], minlength=len(self._owed))
        lacking = np.maximum(self._owed - has, 0)
        held = self._shared.addresses[chosen[self._shared.owners]]
        taken = np.concatenate([self._taken, held])
        while True:
            first = self._best_of_each(~(chosen | gone), lacking)
            mine = first[self._shared.owners]
            shared = Addresses(self._shared.owners[mine], self._shared.addresses[mine])
            sharing = np.unique(shared.owners)
            sharing = sharing[np.argsort(self._rank[sharing])]
            merged = sharing[merge_shared(sharing, shared, taken)]
            if not len(merged):
                found = np.flatnonzero(first)
                return found[np.argsort(self._rank[found])], np.flatnonzero(gone)
            gone[merged] = True

    def _reach(self, codes: Rows, members: Rows) -> Mask:
        """Which of the members can be asked for at all: down to as many as are owed of those who share no address.

        They are never merged, and who of them is above the cut of the best is one of the best.
        """
        alone = np.ones(len(self._rank), dtype=np.bool_)
        alone[self._shared.owners] = False
        free = alone[members]
        before = np.cumsum(free) - free
        starts = np.searchsorted(codes, np.arange(len(self._owed)))
        at_start = np.append(before, before[-1:] + free[-1:])[starts] if len(codes) else starts
        return np.asarray(before - at_start[codes] < self._owed[codes])

    def _best_of_each(self, free: Mask, lacking: Rows) -> Mask:
        """bool[k]: of each group the best so many that are free."""
        first = np.zeros(len(free), dtype=np.bool_)
        alive = np.flatnonzero(free[self._members] & (lacking[self._codes] > 0))
        codes = self._codes[alive]
        starts = np.searchsorted(codes, np.arange(len(lacking)))
        within = np.arange(len(alive)) - starts[codes]
        first[self._members[alive[within < lacking[codes]]]] = True
        return first
