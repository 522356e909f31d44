"""What may be added up where some of it excludes some other: the best choice, never the sum of what nobody gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LARGEST = 40  # members of one group that are weighed against each other exactly
STEPS = 200_000  # looks at parts of one group, after which the best found so far stands


@dataclass(frozen=True)
class Choice:
    """`total`: the most that may be had at once; `chosen`: by which. `exact` False: perhaps more could be had."""

    total: int
    chosen: frozenset[int]
    exact: bool = True


def groups(members: Sequence[int], excludes: Mapping[int, frozenset[int]]) -> list[list[int]]:
    """Members that exclude each other, directly or by way of others, in the given order; those that are free alone."""
    left, found = dict.fromkeys(members), list[list[int]]()
    place = {member: at for at, member in enumerate(members)}
    while left:
        group, ahead = set[int](), [next(iter(left))]
        while ahead:
            one = ahead.pop()
            if one in left:
                del left[one]
                group.add(one)
                ahead += [other for other in excludes.get(one, ()) if other in left]
        found.append(sorted(group, key=place.__getitem__))
    return found


def best(worth: Mapping[int, int], excludes: Mapping[int, frozenset[int]]) -> Choice:
    """The choice without two that exclude each other whose worth is highest; of equals the one met first.

    Groups are weighed apart. `worth` is above zero; `excludes` goes both ways.
    """
    total, chosen, exact = 0, set[int](), True
    for group in groups(list(worth), excludes):
        found = _of_group(group, worth, excludes)
        total, exact = total + found.total, exact and found.exact
        chosen |= found.chosen
    return Choice(total, frozenset(chosen), exact)


def _of_group(group: list[int], worth: Mapping[int, int], excludes: Mapping[int, frozenset[int]]) -> Choice:
    if len(group) == 1:
        return Choice(worth[group[0]], frozenset(group))
    first = _greedy(group, worth, excludes)
    if len(group) > LARGEST:
        return first
    return _Search(worth, excludes, first).run(group)


def _greedy(group: Sequence[int], worth: Mapping[int, int], excludes: Mapping[int, frozenset[int]]) -> Choice:
    """A sound choice, perhaps not the best: the dearest first, then what it does not exclude."""
    chosen: list[int] = []
    for one in sorted(group, key=lambda member: -worth[member]):
        if excludes.get(one, frozenset()).isdisjoint(chosen):
            chosen.append(one)
    return Choice(sum(worth[one] for one in chosen), frozenset(chosen), exact=False)


class _Search:
    """With or without the member that excludes most others, and so on down; what cannot beat the best is left."""

    def __init__(self, worth: Mapping[int, int], excludes: Mapping[int, frozenset[int]], first: Choice) -> None:
        self.worth, self.excludes, self.best, self.steps = worth, excludes, first, 0

    def run(self, group: Sequence[int]) -> Choice:
        self._look(list(group), 0, ())
        found = self.best
        return Choice(found.total, found.chosen, exact=self.steps < STEPS)

    def _look(self, left: list[int], had: int, chosen: tuple[int, ...]) -> None:
        self.steps += 1
        if self.steps >= STEPS or had + sum(self.worth[one] for one in left) <= self.best.total:
            return
        among = set(left)
        rivals = {one: len(self.excludes.get(one, frozenset()) & among) for one in left}
        one = max(left, key=lambda member: rivals[member], default=None)
        if one is None or not rivals[one]:
            everything = (*chosen, *left)
            self.best = Choice(had + sum(self.worth[each] for each in left), frozenset(everything))
            return
        out = self.excludes[one]
        self._look([each for each in left if each != one and each not in out], had + self.worth[one], (*chosen, one))
        self._look([each for each in left if each != one], had, chosen)
