"""Profiles as columns: one typed array a fact, the shape everything in this library computes on.

number: float64, NaN missing · flag: int8, -1 missing · code: int32 into `levels`, -1 missing ·
date: int32 days since 1970-01-01, MISSING_DATE missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.errors import ProfilesError
from profiles.facts import FACTS, SENSITIVE, STORED, Fact
from profiles.ragged import Mask, Ragged, Rows, no_sets, offsets_of, ragged, spans

__all__ = [
    "EPOCH",
    "MISSING_CODE",
    "MISSING_DATE",
    "Column",
    "Dependants",
    "Frame",
    "Ragged",
    "build_frame",
    "day",
    "dependants_of",
    "missing_column",
    "no_sets",
    "ragged",
]

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
class Dependants:
    """The family members of n profiles: row i has members offsets[i]:offsets[i + 1] of `columns`."""

    offsets: Rows
    columns: Mapping[str, Column] = field(default_factory=dict)

    def take(self, rows: NDArray[Any]) -> Dependants:
        """The members of these rows, in that order."""
        picked, offsets = spans(self.offsets, rows)
        return Dependants(offsets, {name: column.take(picked) for name, column in self.columns.items()})


@dataclass(frozen=True)
class Frame:
    """n profiles as columns. A fact without a column is missing for all of them."""

    ids: Rows
    columns: Mapping[str, Column]
    tags: Ragged
    stages: Ragged
    dependants: Dependants

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> Column:
        """The stored fact's column; all missing where the frame carries none."""
        found = self.columns.get(name)
        return missing_column(FACTS[name], len(self)) if found is None else found

    def take(self, rows: NDArray[Any]) -> Frame:
        """The same columns for these rows (indices or a mask), in that order."""
        return Frame(
            self.ids[rows],
            {name: column.take(rows) for name, column in self.columns.items()},
            self.tags.take(rows),
            self.stages.take(rows),
            self.dependants.take(rows),
        )

    def chunks(self, size: int) -> Iterator[Frame]:
        """The frame in pieces of at most `size` rows, in order."""
        for start in range(0, len(self), size):
            yield self.take(np.arange(start, min(start + size, len(self))))

    def with_columns(self, columns: Mapping[str, Column]) -> Frame:
        """The frame with these columns added or replaced."""
        return replace(self, columns={**self.columns, **columns})


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


def build_frame(
    ids: Sequence[int] | NDArray[Any],
    raw: Mapping[str, Sequence[object]],
    *,
    interests: Sequence[Sequence[str] | None] | Ragged | None = None,
    dependants: Sequence[Sequence[tuple[date | None, str | None]]] | Dependants | None = None,
) -> Frame:
    """Columns from what the database holds: n ids and, by stored fact or "kind", n Python values (None: missing).

    `dependants`: for each profile its (birth_date, household_region) pairs. Raises ProfilesError: unknown_fact,
    length, unknown_level or wrong_type, with the fact as its place.
    """
    n = len(ids)
    columns = {name: _column(name, values, n) for name, values in raw.items()}
    tags = interests if isinstance(interests, Ragged) else ragged(interests) if interests else no_sets(n)
    family = dependants if isinstance(dependants, Dependants) else _family(dependants or [()] * n)
    for place, length in (("interests", len(tags)), ("dependants", len(family.offsets) - 1)):
        _check_length(place, length, n)
    return Frame(np.asarray(ids, dtype=np.int64).reshape(n), columns, tags, no_sets(n), family)


def dependants_of(ids: Rows, rows: Iterable[tuple[int, date | None, str | None]]) -> Dependants:
    """Dependants of the profiles `ids` from (profile id, birth_date, household_region) rows in any order."""
    row_of = {int(key): row for row, key in enumerate(ids)}
    family: list[list[tuple[date | None, str | None]]] = [[] for _ in row_of]
    for owner, born, region in rows:
        if owner in row_of:
            family[row_of[owner]].append((born, region))
    return _family(family)


def _family(rows: Sequence[Sequence[tuple[date | None, str | None]]]) -> Dependants:
    flat = [pair for row in rows for pair in row]
    offsets = offsets_of(np.fromiter((len(row) for row in rows), np.int64, len(rows)))
    born = _column("birth_date", [pair[0] for pair in flat], len(flat))
    home = _column("household_region", [pair[1] for pair in flat], len(flat))
    return Dependants(offsets, {"birth_date": born, "household_region": home})


def _column(name: str, values: Sequence[object], n: int) -> Column:
    if name not in (*STORED, *SENSITIVE, "kind"):
        raise ProfilesError("unknown_fact", name, "No such stored fact.")
    _check_length(name, len(values), n)
    fact = FACTS[name]
    try:
        return _TYPED[fact.kind](fact, values)
    except (TypeError, ValueError, OverflowError, AttributeError) as exc:
        if isinstance(exc, ProfilesError):
            raise
        raise ProfilesError("wrong_type", name, f"A value is no {fact.kind}: {exc}.") from exc


def _numbers(fact: Fact, values: Sequence[object]) -> Column:
    return Column("number", np.array([np.nan if v is None else v for v in values], dtype=np.float64))


def _flags(fact: Fact, values: Sequence[object]) -> Column:
    return Column("flag", np.array([-1 if v is None else bool(v) for v in values], dtype=np.int8))


def _dates(fact: Fact, values: Sequence[object]) -> Column:
    days = [MISSING_DATE if v is None else v.toordinal() - EPOCH for v in values]  # type: ignore[attr-defined]
    return Column("date", np.array(days, dtype=np.int32))


def _codes(fact: Fact, values: Sequence[object]) -> Column:
    index: dict[object, int] = {level: code for code, level in enumerate(fact.levels)}
    codes = [MISSING_CODE if v is None else index.setdefault(v, len(index)) for v in values]
    if fact.levels and len(index) > len(fact.levels):
        stranger = list(index)[len(fact.levels)]
        raise ProfilesError("unknown_level", fact.name, f"{stranger!r} is not one of {', '.join(fact.levels)}.")
    return Column("code", np.array(codes, dtype=np.int32), tuple(str(level) for level in index))


_TYPED = {"number": _numbers, "flag": _flags, "date": _dates, "code": _codes}


def _check_length(place: str, length: int, n: int) -> None:
    if length != n:
        raise ProfilesError("length", place, f"{length} values for {n} profiles.")
