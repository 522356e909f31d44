"""Which values of a tree a policy meets: equal, above or below, looked up by code instead of compared one by one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Mask, Rows, offsets_of
from profiles.standards.agencies_bearers import heirs, spellings
from profiles.standards.industries import canonical
from profiles.standards.regions import lineage, table


@dataclass(frozen=True)
class Kin:
    """`places`: the codes a value stands for; `above`: those that hold them. Two values are related where a place of
    the one is a place of the other or stands above it, either way round."""

    places: frozenset[str] = frozenset()
    above: frozenset[str] = frozenset()


def theme_kin(word: str) -> Kin:
    """A theme, tag or topic: only itself."""
    return Kin(frozenset((word,)))


@lru_cache(maxsize=65_536)
def industry_kin(text: str) -> Kin:
    """An industry in any shape: above it section, division and group. Nothing for what is no industry."""
    code = canonical(text)
    return Kin(frozenset((code,)), frozenset(code[:end] for end in range(1, len(code)))) if code else Kin()


@lru_cache(maxsize=65_536)
def region_kin(code: str) -> Kin:
    """A region: a split or renamed code stands for its successors too. Nothing for an unknown code."""
    found = table().get(code)
    places = frozenset((code, *found.successors)) if found else frozenset()
    return Kin(places, frozenset(above for place in places for above in lineage(place)) - places)


@lru_cache(maxsize=65_536)
def agency_kin(text: str) -> Kin:
    """An agency by any of its names: above it whoever took over its work since, so that neither misses the other.

    Two whose work one agency has now stay apart, and so do an agency and the one above it. Nothing for no agency.
    """
    names = spellings(text)
    return Kin(names, frozenset().union(*map(spellings, heirs(text))) - names)


KIN: dict[str, Callable[[str], Kin]] = {
    "themes": theme_kin,
    "industries": industry_kin,
    "regions": region_kin,
    "agencies": agency_kin,
}


@dataclass(frozen=True, eq=False)
class Postings:
    """k distinct words in order of their UTF-8 bytes, each with the numbers of the items it stands for.

    Word i is text[offsets[i]:offsets[i + 1]] (uint8); its items are items[starts[i]:starts[i + 1]] (int32).
    """

    text: NDArray[np.uint8]
    offsets: Rows
    starts: Rows
    items: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> bytes:
        return self.text[self.offsets[row] : self.offsets[row + 1]].tobytes()

    def of(self, word: str) -> NDArray[np.int32]:
        """The items of a word, none where it is unknown."""
        wanted = word.encode("utf-8", "surrogatepass")
        row = bisect_left(self, wanted)
        known = row < len(self) and self[row] == wanted
        return self.items[self.starts[row] : self.starts[row + 1]] if known else self.items[:0]


@dataclass(frozen=True, eq=False)
class Kinship:
    """The postings of the items' places, and of what stands above them."""

    places: Postings
    above: Postings

    def mark(self, marks: Mask, found: Kin) -> None:
        """Set bool[items] where an item is related to `found`."""
        for code in found.places:
            marks[self.places.of(code)] = True
            marks[self.above.of(code)] = True
        for code in found.above:
            marks[self.places.of(code)] = True


def kinship(items: Iterable[Collection[str]], kin: Callable[[str], Kin]) -> Kinship:
    """Items as sets of words -> Kinship; the items are numbered from 0."""
    places: list[tuple[bytes, int]] = []
    above: list[tuple[bytes, int]] = []
    for number, words in enumerate(items):
        for found in map(kin, words):
            places += [(code.encode("utf-8", "surrogatepass"), number) for code in found.places]
            above += [(code.encode("utf-8", "surrogatepass"), number) for code in found.above]
    return Kinship(_postings(places), _postings(above))


def _postings(pairs: Sequence[tuple[bytes, int]]) -> Postings:
    ordered = sorted(set(pairs))
    items = np.fromiter((number for _, number in ordered), np.int32, len(ordered))
    counts: dict[bytes, int] = {}
    for word, _ in ordered:
        counts[word] = counts.get(word, 0) + 1
    sizes = np.fromiter(map(len, counts), np.int64, len(counts))
    starts = np.fromiter(counts.values(), np.int64, len(counts))
    text = np.frombuffer(b"".join(counts), np.uint8)
    return Postings(text, offsets_of(sizes), offsets_of(starts), items)
