"""What was worked out from objects that never change, kept for as long as they live.

Segments, levels and models are large and serve many policies; a key by their values would cost more than the work.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by the identity of their owners. An owner that goes takes its values along. Threads may share it."""

    def __init__(self) -> None:
        self._held: dict[tuple[Hashable, ...], tuple[tuple[weakref.ref[object], ...], Hashable, T]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def get(self, owners: tuple[object, ...], name: str, make: Callable[[], T], *, stamp: Hashable = None) -> T:
        """The value under these owners and this name; made where there is none, or only one of another `stamp`."""
        key = (*map(id, owners), name)
        found = self._held.get(key)
        if found is not None and found[1] == stamp and all(a() is b for a, b in zip(found[0], owners, strict=True)):
            return found[2]
        value = make()
        # The reference runs this as its owner goes, before another object can have the owner's number.
        refs = tuple(weakref.ref(owner, lambda _: self._held.pop(key, None)) for owner in owners)
        self._held[key] = (refs, stamp, value)
        return value
