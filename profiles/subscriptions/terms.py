"""Which of a million words occur in a text: all its stretches hashed and looked up, what is found compared exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Mask, Rows, offsets_of
from profiles.subscriptions.windows import MULTIPLIER, Keys, Windows, byte_places, code_points

_CHUNK = 100_000  # words hashed together
_BITS = 16  # of the sieve, a word: about one stretch in sixteen passes by chance
_ONE, _SEVEN, _EIGHTH = np.uint64(1), np.uint64(7), np.uint64(3)


@dataclass(frozen=True, eq=False)
class Terms:
    """t distinct words, rising by key. Word i is text[offsets[i]:offsets[i + 1]] in UTF-8.

    `lengths`: the lengths in characters that occur. `sieve`: a bit set for each key by its first bits, so that most
    stretches of a text are dismissed without a search. `multiplier`: [the one the keys were made with].
    """

    keys: Keys
    text: NDArray[np.uint8]
    offsets: Rows
    lengths: Rows
    sieve: NDArray[np.uint8]
    multiplier: Keys

    def __len__(self) -> int:
        return len(self.keys)

    def within(self, text: str) -> Rows:
        """The numbers of the words that occur in the text, rising."""
        points = code_points(text)
        keys, starts, ends = self._sifted(points)
        if not len(keys):
            return np.zeros(0, np.int64)
        order = np.argsort(keys)
        keys = keys[order]
        first = np.append(True, keys[1:] != keys[:-1])
        keys, order = keys[first], order[first]
        # Words with the same key stand side by side.
        left, right = np.searchsorted(self.keys, keys, "left"), np.searchsorted(self.keys, keys, "right")
        sizes = right - left
        terms = np.repeat(left - offsets_of(sizes)[:-1], sizes) + np.arange(sizes.sum())
        places = byte_places(points)
        begin, end = np.repeat(places[starts[order]], sizes), np.repeat(places[ends[order]], sizes)
        raw = text.encode("utf-8", "surrogatepass")
        same = self._same(terms, np.frombuffer(raw, np.uint8), begin, end)
        # Only the first stretch with each key was compared: another one with that key may be the word.
        other = [term for term in terms[~same].tolist() if self._word(term) in raw]
        return np.sort(np.append(terms[same], np.array(other, np.int64)))

    def _sifted(self, points: NDArray[np.uint32]) -> tuple[Keys, Rows, Rows]:
        """Key, first and last place of the stretches that may be words."""
        windows = Windows(points, int(self.multiplier[0]))
        keys, starts, ends = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for length in self.lengths[self.lengths <= len(points)].tolist():
            found = windows.keys(length)
            passed = np.flatnonzero(self._passes(found))
            keys.append(found[passed])
            starts.append(passed)
            ends.append(passed + length)
        return np.concatenate(keys), np.concatenate(starts), np.concatenate(ends)

    def _passes(self, keys: Keys) -> Mask:
        slots = keys >> self._shift
        return np.asarray((self.sieve[slots >> _EIGHTH] >> (slots & _SEVEN).astype(np.uint8)) & 1, np.bool_)

    def _same(self, terms: Rows, text: NDArray[np.uint8], begin: Rows, end: Rows) -> Mask:
        """bool: whether the bytes begin:end of the text are the word."""
        start, sizes = self.offsets[terms], self.offsets[terms + 1] - self.offsets[terms]
        same = np.asarray(sizes == end - begin)
        rows = np.flatnonzero(same)
        offsets = offsets_of(sizes[rows])
        steps = np.arange(offsets[-1])
        ours = self.text[steps + np.repeat(start[rows] - offsets[:-1], sizes[rows])]
        theirs = text[steps + np.repeat(begin[rows] - offsets[:-1], sizes[rows])]
        wrong = np.flatnonzero(ours != theirs)
        same[rows[np.searchsorted(offsets, wrong, "right") - 1]] = False
        return same

    def _word(self, term: int) -> bytes:
        return self.text[self.offsets[term] : self.offsets[term + 1]].tobytes()

    @cached_property
    def _shift(self) -> np.uint64:
        return np.uint64(64 - (len(self.sieve) * 8).bit_length() + 1)


def build_terms(words: Sequence[str], multiplier: int = MULTIPLIER) -> tuple[Terms, Rows]:
    """Distinct words, none empty -> Terms, and int64[t]: which word became which term. `multiplier`: odd."""
    parts = [_hashed(words[at : at + _CHUNK], multiplier) for at in range(0, len(words), _CHUNK)]
    keys = np.concatenate([np.zeros(0, np.uint64), *(part[0] for part in parts)])
    lengths = np.unique(np.concatenate([np.zeros(0, np.int64), *(part[1] for part in parts)]))
    order = np.argsort(keys, kind="stable")
    raw = [word.encode("utf-8", "surrogatepass") for word in words]
    text = np.frombuffer(b"".join([raw[row] for row in order.tolist()]), np.uint8)
    sizes = np.fromiter(map(len, raw), np.int64, len(raw))
    keys = keys[order]
    terms = Terms(keys, text, offsets_of(sizes[order]), lengths, _sieve(keys), np.array([multiplier], np.uint64))
    return terms, order


def _hashed(words: Sequence[str], multiplier: int) -> tuple[Keys, Rows]:
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    return Windows(code_points("".join(words)), multiplier).keys_at(offsets_of(lengths)), lengths


def _sieve(keys: Keys) -> NDArray[np.uint8]:
    bits = max(6, (len(keys) * _BITS - 1).bit_length())
    slots = np.zeros(1 << bits, np.bool_)
    slots[keys >> np.uint64(64 - bits)] = True
    return np.packbits(slots, bitorder="little")
