"""Keyword queries of m wishes, inverted: from the words of a text to the queries it answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Mask, Ragged, Rows, offsets_of, spans
from profiles.snapshot.encoding import Codes, smallest_codes
from profiles.subscriptions.folding import alternatives
from profiles.subscriptions.terms import Terms, build_terms

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Queries:
    """q distinct queries of alternatives. codes[m]: 0 where a wish names no word, i + 1 for query i.

    Alternative a belongs to query owners[a] and is met where all its needs[a] words occur; term t occurs in
    alternatives uses[starts[t]:starts[t + 1]].
    """

    codes: Codes
    terms: Terms
    starts: Rows
    uses: NDArray[np.int32]
    owners: NDArray[np.int32]
    needs: NDArray[np.int16]

    def truth(self, folded: str) -> Mask:
        """bool[q + 1] by code: whether the folded text answers the query."""
        truth = np.zeros(self._queries + 1, np.bool_)
        truth[0] = True
        picked, _ = spans(self.starts, self.terms.within(folded))
        used = self.uses[picked]
        single = self.needs[used] == 1
        truth[self.owners[used[single]] + 1] = True
        several, met = np.unique(used[~single], return_counts=True)
        truth[self.owners[several[met == self.needs[several]]] + 1] = True
        return truth

    @cached_property
    def _queries(self) -> int:
        return int(self.owners[-1]) + 1 if len(self.owners) else 0


def queries(column: pa.DictionaryArray, multiplier: int) -> Queries:
    """Keywords as people wrote them -> Queries. `multiplier`: odd, of the words' keys."""
    asked = [alternatives(text) for text in column.dictionary.to_pylist()]
    named = np.array([0, *map(bool, asked)], np.int64)
    codes = (np.cumsum(named) * named)[column.indices.fill_null(-1).to_numpy(zero_copy_only=False) + 1]
    asked = [query for query in asked if query]
    parts = [words for query in asked for words in query]
    members, words = _members(parts)
    terms, order = build_terms(words, multiplier)
    starts, uses = _inverted(members, len(words), order)
    owners = np.repeat(np.arange(len(asked), dtype=np.int32), _sizes(asked))
    return Queries(smallest_codes(codes, len(asked)), terms, starts, uses, owners, _sizes(parts).astype(np.int16))


def _members(parts: Iterable[tuple[str, ...]]) -> tuple[Ragged, list[str]]:
    """Each alternative's words as numbers, and the distinct words."""
    index: dict[str, int] = {}
    parts = list(parts)
    codes = [index.setdefault(word, len(index)) for words in parts for word in words]
    return Ragged(offsets_of(_sizes(parts)), np.array(codes, np.int32)), list(index)


def _inverted(members: Ragged, words: int, order: Rows) -> tuple[Rows, NDArray[np.int32]]:
    """For each term (words in `order`) the alternatives that hold it."""
    place = np.empty(words, np.int32)
    place[order] = np.arange(words, dtype=np.int32)
    terms = place[members.codes]
    uses = np.repeat(np.arange(len(members), dtype=np.int32), members.sizes())
    return offsets_of(np.bincount(terms, minlength=words)), uses[np.argsort(terms, kind="stable")]


def _sizes(parts: list[tuple[str, ...]] | list[tuple[tuple[str, ...], ...]]) -> Rows:
    return np.fromiter(map(len, parts), np.int64, len(parts))
