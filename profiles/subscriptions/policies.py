"""The other way round: a few wishes of one person against many policies."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from profiles.ragged import Mask
from profiles.subscriptions.asking import KEYS, Asks, values_of
from profiles.subscriptions.folding import alternatives, fold
from profiles.subscriptions.kinship import KIN, Kinship, kinship
from profiles.subscriptions.pairs import Pairs, build_pairs
from profiles.subscriptions.tags import PolicyTags

FEW = 32  # texts that are sooner read than indexed


class Texts:
    """The folded texts of some policies, indexed when a word is first looked for; then the unfolded ones go."""

    def __init__(self, policies: Sequence[PolicyTags]) -> None:
        self._policies: Sequence[PolicyTags] = tuple(policies)
        self._pairs: Pairs | None = None
        self._lock = threading.Lock()

    def holding(self, word: str, among: Mask) -> Mask:
        """bool[policies]: in whose text the folded word occurs, of those marked in `among`."""
        policies = self._policies
        if 0 < len(policies) <= FEW:
            return np.array([of and word in one.folded for of, one in zip(among, policies, strict=True)], np.bool_)
        with self._lock:
            if self._pairs is None:
                self._pairs = build_pairs([fold(policy.text) for policy in self._policies])
                self._policies = ()
        return self._pairs.holding(word, among)


@dataclass(frozen=True, eq=False)
class PolicyColumns:
    """n policies by what they are about. Made by `policy_columns`."""

    size: int
    kinships: Mapping[str, Kinship]
    texts: Texts

    def __len__(self) -> int:
        return self.size

    def matching(self, wishes: Sequence[Asks]) -> Mask:
        """bool[wishes, n]: which policy answers which wish, as SubscriptionIndex has it."""
        found = np.zeros((len(wishes), len(self)), np.bool_)
        for row, wish in enumerate(wishes):
            asked = alternatives(wish.keyword)
            named = {key: values for key, values in values_of(wish).items() if values}
            if asked or named:
                found[row] = True
            for key, values in named.items():
                found[row] &= self._meeting(key, values, every=key in wish.all_of)
            if asked and found[row].any():
                found[row] = self._saying(asked, found[row])
        return found

    def _meeting(self, key: str, values: Collection[str], *, every: bool) -> Mask:
        masks = np.zeros((len(values), len(self)), np.bool_)
        for mask, value in zip(masks, values, strict=True):
            self.kinships[key].mark(mask, KIN[key](value))
        return np.asarray(masks.all(axis=0) if every else masks.any(axis=0))

    def _saying(self, asked: Sequence[Sequence[str]], among: Mask) -> Mask:
        """bool[n]: of those marked, the policies in whose words an alternative stands."""
        said = np.zeros(len(self), np.bool_)
        for words in asked:
            held = among
            for word in words:
                held = self.texts.holding(word, held)
            said |= held
        return said


def policy_columns(policies: Sequence[PolicyTags]) -> PolicyColumns:
    """Policies -> columns, in the same order."""
    kinships = {key: kinship((one.values[key] for one in policies), KIN[key]) for key in KEYS}
    return PolicyColumns(len(policies), kinships, Texts(policies))
