"""Explicit wishes against one policy: every key a wish names must match, within a key any value does."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Mask, Ragged, Rows
from profiles.standards.industries import canonical, covers
from profiles.standards.regions import lineage, table


@dataclass(frozen=True)
class SubscriptionColumns:
    """m wishes: whose, their ids, and what each names. Industries may be written in any shape."""

    profile_ids: Rows
    ids: Rows
    themes: Ragged
    industries: Ragged
    regions: Ragged
    keywords: Sequence[str | None]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[np.int64]) -> SubscriptionColumns:
        """The same columns for these wishes (indices), in that order."""
        keywords = [self.keywords[int(row)] for row in rows]
        sets = (self.themes.take(rows), self.industries.take(rows), self.regions.take(rows))
        return SubscriptionColumns(self.profile_ids[rows], self.ids[rows], *sets, keywords)

    @cached_property
    def keyword_codes(self) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """int32[m] into the distinct folded keywords, -1 none. Made once, however many policies are matched."""
        index: dict[str, int] = {}
        folded = [fold(word).strip() if word else "" for word in self.keywords]
        codes = [index.setdefault(word, len(index)) if word else -1 for word in folded]
        return np.array(codes, dtype=np.int32), tuple(index)


def match(
    subs: SubscriptionColumns,
    *,
    themes: Collection[str],
    industries: Collection[str],
    region: str,
    text: str,
) -> Mask:
    """bool[m]: the wishes this policy answers. A wish that names nothing asks for nothing.

    `themes`: the policy's themes, tags and topic. Industries match both ways down the tree, and so do regions: a
    district hears of its city's policy, a city of its district's. A keyword is looked for in `text`, NFKC-folded.
    """
    named = (subs.themes.sizes() > 0, subs.industries.sizes() > 0, subs.regions.sizes() > 0)
    wanted = frozenset(themes)
    fits = (
        subs.themes.any_of(_mask(level in wanted for level in subs.themes.levels)),
        subs.industries.any_of(_industries(subs.industries.levels, industries)),
        subs.regions.any_of(_mask(related(level, region) for level in subs.regions.levels)),
    )
    codes, words = subs.keyword_codes
    folded = fold(text)
    said = np.array([word in folded for word in words] + [True], dtype=np.bool_)[codes]
    result = said & (named[0] | named[1] | named[2] | (codes >= 0))
    for names, fit in zip(named, fits, strict=True):
        result &= fit | ~names
    return np.asarray(result)


def related(one: str, other: str) -> bool:
    """Whether two regions are equal or one lies within the other; a split code stands for all its successors."""
    return any(a in lineage(b) or b in lineage(a) for a in _places(one) for b in _places(other))


def fold(text: str) -> str:
    """Full-width made half-width, case folded."""
    return unicodedata.normalize("NFKC", text).casefold()


def _places(code: str) -> tuple[str, ...]:
    found = table().get(code)
    return (code, *found.successors) if found else ()


def _industries(levels: Sequence[str], asked: Collection[str]) -> Mask:
    policy = [code for code in map(canonical, asked) if code]
    ours = [canonical(level) for level in levels]
    return _mask(bool(own) and any(covers(own, one) or covers(one, own) for one in policy) for own in ours)


def _mask(values: Iterable[bool]) -> Mask:
    return np.array(list(values), dtype=np.bool_)
