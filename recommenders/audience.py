"""Who a policy is for, by the model: one weight per profile feature and one sparse product; then own parts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommenders.behaviour import Behaviour
from recommenders.errors import FeatureError
from recommenders.features import FeatureRows
from recommenders.interactions import Ids, positions
from recommenders.kept import Kept
from recommenders.model import Model
from recommenders.worth import Worth, policy_row, worth

Floats = NDArray[np.float32]


def scores(
    model: Model,
    tokens: tuple[str, ...],
    profiles: FeatureRows,
    ids: Ids | None = None,
    readers: Behaviour | None = None,
) -> Floats:
    """Score of each of n profiles for the policy: float32[n], comparable within this policy only.

    With `ids` (int64[n]) warm profiles get their own part on top, and `readers` that of what they read and wished.
    Raises FeatureError `vocabulary_mismatch` when the rows were made with another vocabulary, `lengths_differ` when
    ids and rows are not equally many, `policy_without_features` when the model knows none of the tokens.
    """
    rows = profiles.checked(model.profile_vocab)
    found = worth(model, policy_row(model, tokens))
    totals = np.asarray(rows @ found.features, dtype=np.float32)
    if ids is None:
        return totals
    if len(ids) != len(totals):
        raise FeatureError("lengths_differ", f"{len(ids)} ids were given for {len(totals)} profiles.")
    own = beyond(model, found, readers)
    return totals + np.append(own.values, np.float32(0))[positions(ids, own.ids)]  # row -1 picks the appended 0


@dataclass(frozen=True, eq=False)
class Beyond:
    """The profiles (rising) whose score has a part beyond their facts, and for each of them, float32:

    `alike`: the own vector (people who read alike); `read`: what they read themselves; `wished`: their subscriptions.
    """

    ids: Ids
    alike: Floats
    read: Floats
    wished: Floats

    @property
    def values(self) -> Floats:
        """The three added up."""
        return self.alike + self.read + self.wished


_ids: Kept[Ids] = Kept()


def beyond(model: Model, found: Worth, readers: Behaviour | None) -> Beyond:
    """The parts beyond the facts; the own vector of a silenced profile counts nothing."""
    if readers is None:
        none = np.zeros_like(found.own)
        return Beyond(model.own_ids, found.own, none, none)
    ids = _ids.get((model, readers), "ids", lambda: _union(model.own_ids, readers.ids, readers.wishers))
    alike, read, wished = (np.zeros(len(ids), dtype=np.float32) for _ in range(3))
    alike[np.searchsorted(ids, model.own_ids)] = found.own
    alike[np.isin(ids, readers.silenced)] = 0
    read[np.searchsorted(ids, readers.ids)] = readers.table @ found.past
    if readers.wishes is not None:
        wished[np.searchsorted(ids, readers.wishers)] = readers.wishes @ found.features
    return Beyond(ids, alike, read, wished)


def _union(*parts: Ids) -> Ids:
    return np.unique(np.concatenate(parts))
