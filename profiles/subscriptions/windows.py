"""Keys of all stretches of a text of one length at once: a polynomial over the code points, modulo 2 ** 64."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Rows, offsets_of

Keys = NDArray[np.uint64]

MULTIPLIER = 0x9E3779B97F4A7C15  # any odd number is right, a bad one only slow: what a key finds is compared
_LENGTH = np.uint64(0xC2B2AE3D27D4EB4F)  # tells apart words of different lengths
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_HALF = np.uint64(32)


class Windows:
    """A text of n code points, uint32[n], ready to be hashed in stretches. `multiplier` must be odd."""

    def __init__(self, points: NDArray[np.uint32], multiplier: int) -> None:
        size = len(points) + 1
        self.running = np.zeros(size, np.uint64)  # sum of point i times multiplier ** i, up to each place
        np.cumsum(points * _powers(multiplier, size)[:-1], out=self.running[1:])
        self.shift = _powers(pow(multiplier, -1, 1 << 64), size)  # takes multiplier ** i out again

    def keys(self, length: int) -> Keys:
        """uint64[n - length + 1]: the key of the stretch of `length` points that begins at each place."""
        last = len(self.running) - length
        sums = (self.running[length:] - self.running[:last]) * self.shift[:last]
        return _mixed(sums, np.array([length], np.uint64))

    def keys_at(self, offsets: Rows) -> Keys:
        """uint64[k]: the keys of the stretches offsets[i]:offsets[i + 1]."""
        starts = offsets[:-1]
        sums = (self.running[offsets[1:]] - self.running[starts]) * self.shift[starts]
        return _mixed(sums, np.diff(offsets).astype(np.uint64))


def code_points(text: str) -> NDArray[np.uint32]:
    """uint32[n]: one a character, astral ones too."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))


def byte_places(points: NDArray[np.uint32]) -> Rows:
    """int64[n + 1]: where each character begins in UTF-8, and the end."""
    sizes = 1 + (points >= 0x80).astype(np.int64) + (points >= 0x800) + (points >= 0x10000)
    return offsets_of(sizes)


def _powers(base: int, size: int) -> Keys:
    powers = np.full(size, base, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers, out=powers)


def _mixed(sums: Keys, length: Keys) -> Keys:
    """Spread over all bits: a product of odd numbers tells only upwards."""
    sums += length * _LENGTH
    sums ^= sums >> _HALF
    sums *= _MIX
    sums ^= sums >> _HALF
    return sums
