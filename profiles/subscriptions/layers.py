"""A built index with what changed since laid over it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from profiles.ragged import Rows
from profiles.subscriptions.index import SubscriptionIndex
from profiles.subscriptions.tags import PolicyTags


@dataclass(frozen=True, eq=False)
class Found:
    """k wishes that match: their ids and whose they are, int64[k] each."""

    ids: Rows
    profile_ids: Rows

    def __len__(self) -> int:
        return len(self.ids)

    def by_profile(self) -> dict[int, list[int]]:
        """Profile -> its matching subscriptions, both rising."""
        order = np.lexsort((self.ids, self.profile_ids))
        profiles, starts = np.unique(self.profile_ids[order], return_index=True)
        parts = np.split(self.ids[order], starts[1:])
        return dict(zip(profiles.tolist(), map(np.ndarray.tolist, parts), strict=False))


@dataclass(frozen=True, eq=False)
class Layers:
    """`base` without the profiles that changed, and a small `fresh` index of all their wishes as they are now."""

    base: SubscriptionIndex
    fresh: SubscriptionIndex | None = None

    def refreshed(self, changed: Collection[int] | Rows, fresh: SubscriptionIndex) -> Layers:
        """`changed`: every profile whose wishes changed since `base` was built; `fresh`: all they have now."""
        return Layers(self.base.without(changed), fresh)

    def matching(self, policy: PolicyTags) -> Found:
        """The wishes that the policy answers, those of `base` first."""
        parts = [(layer, layer.matching(policy)) for layer in (self.base, self.fresh) if layer is not None]
        ids = np.concatenate([layer.ids[rows] for layer, rows in parts])
        return Found(ids, np.concatenate([layer.profile_ids[rows] for layer, rows in parts]))
