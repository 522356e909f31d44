"""Levels as plain arrays, and back: words as UTF-8 bytes with offsets, sets as codes with offsets."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Ragged, offsets_of
from profiles.snapshot.encoding import Levels

Arrays = dict[str, NDArray[Any]]
_NUMBERS: dict[str, Any] = {"number": np.float64, "date": np.int32, "flag": np.int8}


def shelved(levels: Levels) -> Arrays:
    """The levels as arrays by the name of their part."""
    if levels.numbers is not None:
        return {"numbers": levels.numbers}
    if levels.sets is None:
        return _shelved_words(levels.words)
    return {"offsets": levels.sets.offsets, "codes": levels.sets.codes, **_shelved_words(levels.sets.levels)}


def unshelved(kind: str, part: Callable[[str], NDArray[Any]]) -> Levels:
    """The levels from the arrays of their parts. Raises ValueError where these are no levels."""
    if kind in _NUMBERS:
        numbers = part("numbers")
        _insist(numbers.dtype == _NUMBERS[kind] and numbers.ndim == 1, "numbers of another type")
        _insist(bool((numbers[1:] > numbers[:-1]).all()), "numbers that do not rise")
        return Levels(kind, numbers)
    _insist(kind in ("code", "set"), f"levels of kind {kind}")
    words = _words(part("words"), part("word_offsets"))
    if kind == "code":
        return Levels(kind, words=words)
    offsets, codes = part("offsets"), part("codes")
    _insist(codes.dtype == np.int32, "codes of another type")
    check_offsets(offsets, len(codes))
    _insist(not len(codes) or bool(codes.min() >= 0 and codes.max() < len(words)), "codes out of range")
    return Levels(kind, sets=Ragged(offsets, codes, words))


def check_offsets(offsets: NDArray[Any], end: int) -> None:
    """Raises ValueError unless the offsets rise from 0 to `end`."""
    _insist(
        offsets.ndim == 1 and offsets.dtype in (np.int64, np.uint32) and len(offsets) > 0, "offsets of another type"
    )
    _insist(int(offsets[0]) == 0 and int(offsets[-1]) == end, "offsets that do not fit")
    _insist(bool((offsets[1:] >= offsets[:-1]).all()), "offsets that do not rise")


def _shelved_words(words: tuple[str, ...]) -> Arrays:
    coded = [word.encode() for word in words]
    sizes = np.fromiter((len(one) for one in coded), np.int64, len(coded))
    return {"words": np.frombuffer(b"".join(coded), dtype=np.uint8), "word_offsets": offsets_of(sizes)}


def _words(data: NDArray[Any], offsets: NDArray[Any]) -> tuple[str, ...]:
    _insist(data.dtype == np.uint8, "words of another type")
    check_offsets(offsets, len(data))
    whole, at = data.tobytes(), offsets.tolist()
    return tuple(whole[start:end].decode() for start, end in pairwise(at))


def _insist(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
