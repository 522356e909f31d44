"""A batch of profile rows on their way into the database: what they say, whose they are, and what was there before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from profiles.columns import day
from profiles.said import Said
from profiles.sources import DEFAULT, Source
from pushsvc.context import Context
from pushsvc.store.people_import import Standing


@dataclass(frozen=True)
class Batch:
    """n rows that bring something new. `standing` is None for a profile nobody knew.

    `people`: the numbers of all guardians and members they name; `sums`: what each row comes to.
    """

    ctx: Context
    said: Said
    ids: Sequence[int]
    shards: Sequence[int]
    standing: Sequence[Standing | None]
    people: Mapping[str, int]
    sums: Sequence[bytes]
    sources: Mapping[str, Source]
    now: datetime
    today: date

    def __len__(self) -> int:
        return len(self.said)

    @cached_property
    def new(self) -> NDArray[np.bool_]:
        """bool[n]: profiles nobody knew."""
        return np.array([one is None for one in self.standing], dtype=np.bool_)

    @cached_property
    def changed(self) -> NDArray[np.int64]:
        """The rows of profiles that were there."""
        return np.flatnonzero(~self.new)

    @cached_property
    def source(self) -> list[str]:
        """The source each row names."""
        return [name or DEFAULT for name in self.said.texts("source").to_pylist()]

    @cached_property
    def dates(self) -> list[date]:
        """The day each row was recorded: today where it does not say."""
        return [found or self.today for found in self.said.days().to_pylist()]

    @cached_property
    def days(self) -> NDArray[np.int64]:
        """`dates`, counted from 1970-01-01."""
        known = {found: day(found) for found in set(self.dates)}
        return np.array([known[found] for found in self.dates], dtype=np.int64)
