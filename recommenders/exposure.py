"""Who could have seen what: a policy that was withdrawn before somebody came was not passed over by them.

Profiles and policies have spans of days. Where two spans share no day, the two could not have met, and that the person
did nothing says nothing: such pairs must not serve as negatives when a model is trained.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import offsets_of
from recommenders.errors import InteractionError

Rows = NDArray[np.int64]
Found = NDArray[np.int32]  # there may be many
OPEN = 2**40  # the last day of what has not ended
BUDGET = 100_000_000  # pairs, of 8 bytes each
_NEVER = 2**41  # no span reaches so far


@dataclass(frozen=True)
class Spans:
    """First and last day of each, both included: int64[n] days of any count; a last day of OPEN has not ended.

    A first day after the last one: at no time at all.
    """

    first: Rows
    last: Rows

    def __post_init__(self) -> None:
        days = np.concatenate([self.first, self.last])
        if len(self.first) != len(self.last) or (len(days) and not -OPEN <= days.min() <= days.max() <= OPEN):
            raise InteractionError("bad_span", "First and last days must be equally many, and days of this age.")

    def settled(self, never: int) -> tuple[Rows, Rows]:
        """Both days, those that are at no time moved to the day `never`."""
        none = self.first > self.last
        return np.where(none, never, self.first), np.where(none, never, self.last)


@dataclass(frozen=True)
class Unseen:
    """Rows of policies and profiles that could not have met, by policy. `left_out`: so many more, beyond the budget."""

    policies: Found
    profiles: Found
    left_out: int = 0


def unseen(
    policies: Spans, profiles: Spans, *, met: tuple[Rows, Rows] | None = None, budget: int = BUDGET, seed: int = 1
) -> Unseen:
    """The pairs whose spans share no day, except those that `met` all the same (rows of policies, rows of profiles).

    Beyond `budget` pairs each policy keeps the same share of its own, chosen by the seed.
    """
    (start, end), (first, last) = policies.settled(_NEVER + 1), profiles.settled(_NEVER)
    by_first, by_last = np.argsort(first, kind="stable"), np.argsort(last, kind="stable")
    late = len(first) - np.searchsorted(first[by_first], end, side="right")  # came after the policy's end
    early = np.searchsorted(last[by_last], start, side="left")  # left before its beginning
    counts = late + early  # nobody is both: they lie side by side, the end of one order and the start of the other
    order = np.concatenate([by_first, by_last]).astype(np.int32)
    strangers = _strangers(met, (start, end), (first, last))
    draw, parts = np.random.default_rng(seed), [np.zeros(0, dtype=np.int32)]
    shares = _shares(counts, budget)
    for row, (at, count, share) in enumerate(zip(len(first) - late, counts.tolist(), shares.tolist(), strict=True)):
        held = order[at : at + count]
        if share < count:
            held = held[draw.choice(count, share, replace=False, shuffle=False)]
        parts.append(held[~np.isin(held, strangers[row])] if row in strangers else held)
    rows = np.repeat(np.arange(len(counts), dtype=np.int32), [len(one) for one in parts[1:]])
    total = int(counts.sum()) - sum(map(len, strangers.values()))
    return Unseen(rows, np.concatenate(parts), total - len(rows))


def _strangers(met: tuple[Rows, Rows] | None, of: tuple[Rows, Rows], who: tuple[Rows, Rows]) -> dict[int, Found]:
    """By row of policy: the profiles that met it though their spans (`who`) share no day with the policy's (`of`)."""
    if met is None:
        return {}
    rows, people = met
    apart = (who[0][people] > of[1][rows]) | (who[1][people] < of[0][rows])
    pairs = np.unique(np.column_stack([rows[apart], people[apart]]), axis=0)
    named, starts = np.unique(pairs[:, 0], return_index=True)
    return dict(zip(named.tolist(), np.split(pairs[:, 1].astype(np.int32), starts[1:]), strict=False))


def _shares(counts: Rows, budget: int) -> Rows:
    """How many of its `counts` pairs each policy keeps; rounded as sums are, so that they add up to the budget."""
    total = int(counts.sum())
    if total <= budget:
        return counts
    return np.diff(offsets_of(counts) * (max(budget, 0) / total) // 1).astype(np.int64)
