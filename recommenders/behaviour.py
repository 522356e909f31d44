"""What people read and wished before, as far as it counts for scores now: kept outside the model, to be taken back.

A model learns once; what a person reads, subscribes to, deletes or takes back counts at the next request.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from recommenders.errors import InteractionError
from recommenders.interactions import Ids, Interactions, positions
from recommenders.matrix import Csr, from_parts

NOBODY: Ids = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Behaviour:
    """m readers: `ids` rising; `table` m × n, 1 where they read one of n past policies, else 0.

    `wishers` (rising) and their `wishes`, k × Fu: features that no profile fact holds. `silenced` (rising): profiles
    whose own learnt part must not count, as it may hold what they took back.
    """

    ids: Ids
    table: Csr
    silenced: Ids = field(default_factory=lambda: NOBODY)
    wishers: Ids = field(default_factory=lambda: NOBODY)
    wishes: Csr | None = None

    def __post_init__(self) -> None:
        wished = 0 if self.wishes is None else self.wishes.shape[0]
        if self.table.shape[0] != len(self.ids) or wished != len(self.wishers):
            raise InteractionError("lengths_differ", "Everybody who read or wished something must have one row each.")
        if any((np.diff(ids) <= 0).any() for ids in (self.ids, self.wishers, self.silenced)):
            raise InteractionError("not_rising", "Profiles must be named once each, in rising order.")

    def read_by(self, profile_id: int) -> Csr:
        """What one profile read: 1 × n; nothing for one who read nothing."""
        return _row(self.table, self.ids, profile_id)

    def with_wishes(self, row: Csr, profile_id: int) -> Csr:
        """A profile's features (1 × Fu) and those of its wishes."""
        return row if self.wishes is None else row + _row(self.wishes, self.wishers, profile_id)


def behaviour(
    pairs: Interactions,
    past_ids: Ids,
    *,
    silenced: Ids = NOBODY,
    wished: tuple[Ids, Csr] | None = None,
) -> Behaviour:
    """The readers of these past policies (rising ids); pairs with other policies are left out.

    How strong an interaction was makes no difference here: who read it, read it.
    """
    columns = positions(pairs.policy_ids, past_ids)
    known = pairs.take(columns >= 0).distinct()
    ids, rows = np.unique(known.profile_ids, return_inverse=True)
    shape = (len(ids), len(past_ids))
    ones = np.ones(len(known), dtype=np.float32)
    table = from_parts(rows, positions(known.policy_ids, past_ids), ones, shape)
    wishers, wishes = wished if wished is not None else (NOBODY, None)
    return Behaviour(ids, table, np.unique(silenced), wishers, wishes)


def _row(table: Csr, ids: Ids, profile_id: int) -> Csr:
    at = int(positions(np.array([profile_id]), ids)[0])
    none = np.zeros(0, dtype=np.int64)
    return table[[at]] if at >= 0 else from_parts(none, none, none.astype(np.float32), (1, table.shape[1]))
