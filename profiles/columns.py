"""Profiles as columns: one typed array a fact, the shape everything in this library computes on.

number: float64, NaN missing · flag: int8, -1 missing · code: int32 into `levels`, -1 missing ·
date: int32 days since 1970-01-01, MISSING_DATE missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.facts import FACTS, Fact
from profiles.ragged import Mask, Ragged, Rows, no_sets, ragged, spans

__all__ = [
    "EPOCH",
    "MISSING_CODE",
    "MISSING_DATE",
    "Certificate",
    "Column",
    "Frame",
    "Listing",
    "Nested",
    "Ragged",
    "day",
    "missing_column",
    "no_certificates",
    "no_sets",
    "ragged",
]

Certificate = tuple[str, "date | None", "date | None"]  # key, valid from, valid until

MISSING_CODE = -1
MISSING_DATE = np.int32(np.iinfo(np.int32).min)
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Column:
    """One fact of n profiles. `kind`: number, flag, code or date; `levels` are the strings codes stand for."""

    kind: str
    values: NDArray[Any]
    levels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    def known(self) -> Mask:
        """bool[n]: where a value is held."""
        if self.kind == "number":
            return np.isfinite(self.values)
        if self.kind == "date":
            return np.asarray(self.values != MISSING_DATE)
        return np.asarray(self.values >= 0)

    def take(self, rows: NDArray[Any]) -> Column:
        """The same fact for these rows (indices or a mask), in that order."""
        return replace(self, values=self.values[rows])


@dataclass(frozen=True)
class Nested:
    """Rows that belong to n profiles (family members, certificates): profile i has offsets[i]:offsets[i + 1]."""

    offsets: Rows
    columns: Mapping[str, Column] = field(default_factory=dict)

    def take(self, rows: NDArray[Any]) -> Nested:
        """What belongs to these profiles, in that order."""
        picked, offsets = spans(self.offsets, rows)
        return Nested(offsets, {name: column.take(picked) for name, column in self.columns.items()})


@dataclass(frozen=True)
class Listing:
    """A list fact of n profiles. `told` bool[n]: where somebody told the whole list, perhaps an empty one."""

    sets: Ragged
    told: Mask

    def take(self, rows: NDArray[Any]) -> Listing:
        """The lists of these rows, in that order."""
        return Listing(self.sets.take(rows), self.told[rows])


@dataclass(frozen=True)
class Frame:
    """n profiles as columns. A fact without a column is missing for all of them.

    `columns`: by fact, and by `fact@year` for a yearly one. `lists`: objectives and benefits. `qualifications`:
    certificates with `key`, `valid_from` and `valid_until`. `derived_on`: the day the derived columns are for.
    """

    ids: Rows
    columns: Mapping[str, Column]
    tags: Ragged
    stages: Ragged
    dependants: Nested
    lists: Mapping[str, Listing] = field(default_factory=dict)
    qualifications: Nested | None = None
    derived_on: date | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> Column:
        """The stored fact's column; all missing where the frame carries none."""
        found = self.columns.get(name)
        return missing_column(FACTS[name.partition("@")[0]], len(self)) if found is None else found

    def listing(self, name: str) -> Listing:
        """The lists of a list fact; nobody told where the frame carries none."""
        return self.lists.get(name) or Listing(no_sets(len(self)), np.zeros(len(self), dtype=np.bool_))

    def certificates(self) -> Nested:
        """The certificates; none where the frame carries none."""
        return self.qualifications or no_certificates(len(self))

    def take(self, rows: NDArray[Any]) -> Frame:
        """The same columns for these rows (indices or a mask), in that order."""
        return Frame(
            self.ids[rows],
            {name: column.take(rows) for name, column in self.columns.items()},
            self.tags.take(rows),
            self.stages.take(rows),
            self.dependants.take(rows),
            {name: listing.take(rows) for name, listing in self.lists.items()},
            None if self.qualifications is None else self.qualifications.take(rows),
            self.derived_on,
        )

    def chunks(self, size: int) -> Iterator[Frame]:
        """The frame in pieces of at most `size` rows, in order."""
        for start in range(0, len(self), size):
            yield self.take(np.arange(start, min(start + size, len(self))))

    def with_columns(self, columns: Mapping[str, Column]) -> Frame:
        """The frame with these columns added or replaced; what was derived from others is to be derived anew."""
        return replace(self, columns={**self.columns, **columns}, derived_on=None)


def missing_column(fact: Fact, n: int) -> Column:
    """A column of n missing values."""
    if fact.kind == "number":
        return Column("number", np.full(n, np.nan))
    if fact.kind == "date":
        return Column("date", np.full(n, MISSING_DATE, dtype=np.int32))
    if fact.kind == "flag":
        return Column("flag", np.full(n, -1, dtype=np.int8))
    return Column("code", np.full(n, MISSING_CODE, dtype=np.int32), fact.levels)


def day(value: date) -> int:
    """A date as days since 1970-01-01."""
    return value.toordinal() - EPOCH


def no_certificates(n: int) -> Nested:
    """n profiles without a certificate."""
    empty = np.zeros(0, dtype=np.int32)
    columns = {"key": Column("code", empty), "valid_from": Column("date", empty), "valid_until": Column("date", empty)}
    return Nested(np.zeros(n + 1, np.int64), columns)
