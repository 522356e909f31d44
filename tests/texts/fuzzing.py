"""Many cases of a parser in seconds: what costs is the drawing, so one draw holds twenty cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st

from tests.draws import DRAWS

BATCH = 20
MANY = settings(max_examples=DRAWS // BATCH, deadline=None, database=None)

Case = TypeVar("Case")


def batches(longest: int, make: Callable[[bytes], Case]) -> st.SearchStrategy[list[Case]]:
    """Twenty cases, each made of up to `longest` bytes (the first byte of its share says how many)."""
    size = longest + 1

    def cut(raw: bytes) -> list[Case]:
        shares = (raw[at : at + size] for at in range(0, BATCH * size, size))
        return [make(share[1 : 1 + share[0] % size]) for share in shares]

    return st.binary(min_size=BATCH * size, max_size=BATCH * size).map(cut)
