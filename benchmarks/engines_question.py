"""The question of `benchmarks.engines` as bare columns, counted by plain numpy; and its parts for other engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.audience_rivals import BORN_AFTER, INCOME, MONTHS, REGIONS, WORKS
from profiles.columns import MISSING_DATE
from profiles.facts import FACTS, PERSON
from profiles.ragged import Mask
from profiles.snapshot.segments import Snapshot
from profiles.standards.regions import region_states

EMPLOYED = len(WORKS) - 1  # the last code of those asked for: they stand first among the levels
Bitmaps = tuple[Sequence[Any], Any]  # by code or binary digit; and who is known

SQL = """
select count(*) filter (where held), count(*) filter (where held is null) from (
    select person = 1 and region in ({regions}) and employment <= {employed} and insurance_months >= {months}
        and birth_date > {born_after} and household_income <= {income} as held
    from people
) as answers
"""


@dataclass(frozen=True)
class Counts:
    """How many profiles say yes, no and unknown."""

    yes: int
    no: int
    unknown: int

    @classmethod
    def of(cls, yes: int, unknown: int, n: int) -> Counts:
        """The rest says no."""
        return cls(int(yes), n - int(yes) - int(unknown), int(unknown))


@dataclass(frozen=True)
class Question:
    """The five columns of n profiles as whole numbers in the smallest type, -1 where missing, and who is a person.

    A place that only asking would sort (the city as a whole) counts as missing. `regions`: codes of the places asked.
    """

    columns: Mapping[str, NDArray[Any]]
    person: Mask
    regions: tuple[int, ...]
    months: int = MONTHS
    born_after: int = BORN_AFTER
    income: int = INCOME

    @property
    def n(self) -> int:
        """How many profiles."""
        return len(self.person)

    def first(self, rows: int) -> Question:
        """Of these many profiles, picked evenly."""
        step = max(self.n // rows, 1)
        columns = {name: values[::step][:rows].copy() for name, values in self.columns.items()}
        return replace(self, columns=columns, person=self.person[::step][:rows].copy())

    def counted(self) -> Counts:
        """By plain numpy: what holds, and what surely does not."""
        yes, never = self.person.copy(), ~self.person
        for name, values in self.columns.items():
            gone = values == (MISSING_DATE if name == "birth_date" else -1)
            holds = self._holds(name, values)
            holds &= ~gone
            yes &= holds
            never |= ~(holds | gone)
        sure = int(np.count_nonzero(yes))
        return Counts.of(sure, self.n - sure - int(np.count_nonzero(never)), self.n)

    def _holds(self, name: str, values: NDArray[Any]) -> Mask:
        if name == "region":
            wanted = np.zeros(int(values.max()) + 2, dtype=np.bool_)  # -1 picks the last
            wanted[list(self.regions)] = True
            return np.asarray(wanted[values])
        if name in ("employment", "household_income"):
            return np.asarray(values <= (EMPLOYED if name == "employment" else self.income))
        return np.asarray(values >= self.months if name == "insurance_months" else values > self.born_after)

    def masked(self) -> dict[str, tuple[NDArray[Any], Mask]]:
        """Each column with a mask of what is missing; `person` among them."""
        found = {
            name: (values, values == (MISSING_DATE if name == "birth_date" else -1))
            for name, values in self.columns.items()
        }
        return {"person": (self.person.view(np.int8), np.zeros(self.n, dtype=np.bool_)), **found}

    def ranges(self) -> Iterator[tuple[str, int, int]]:
        """The conditions on figures: name, the least and the greatest that hold, as `slices` counts them."""
        first = int(self.columns["birth_date"].min(where=self._born(), initial=2**31 - 1))
        last = int(self.columns["birth_date"].max())
        yield "employment", 0, EMPLOYED
        yield "insurance_months", self.months, int(self.columns["insurance_months"].max())
        yield "birth_date", self.born_after + 1 - first, last - first
        yield "household_income", 0, self.income

    def _born(self) -> Mask:
        return np.asarray(self.columns["birth_date"] != MISSING_DATE)

    def words(self) -> dict[str, object]:
        """What SQL is filled with."""
        regions = ", ".join(map(str, self.regions))
        asked = {"months": self.months, "born_after": self.born_after, "income": self.income}
        return {"regions": regions, "employed": EMPLOYED, **asked}


def question_of(snapshot: Snapshot) -> Question:
    """The question's columns, one segment after the other."""
    region = snapshot.segments[0].columns["region"].levels
    assert region is not None
    states = region_states(region.words, REGIONS)
    place = np.where(states == -1, -1, np.arange(len(states)))
    found = {"region": _joined(snapshot, "region", np.int16, place)}
    found["birth_date"] = _joined(snapshot, "birth_date", np.int32)
    found["employment"] = _joined(snapshot, "employment", np.int8)
    found["insurance_months"] = _joined(snapshot, "insurance_months", np.int16)
    found["household_income"] = _joined(snapshot, "household_income", np.int32)
    person = np.concatenate([np.full(len(one), one.kind in PERSON) for one in snapshot.segments])
    assert FACTS["employment"].levels[: len(WORKS)] == WORKS
    return Question(found, person, tuple(np.flatnonzero(states == 1).tolist()))


def _joined(snapshot: Snapshot, name: str, kind: Any, by_code: NDArray[Any] | None = None) -> NDArray[Any]:
    missing = MISSING_DATE if name == "birth_date" else -1
    parts = []
    for one in snapshot.segments:
        held = one.columns.get(name)
        if held is None:
            parts.append(np.full(len(one), missing, dtype=kind))
            continue
        column = held.column()
        values = np.where(column.known(), column.values, missing).astype(kind)
        parts.append(values if by_code is None else np.append(by_code, -1)[values].astype(kind))
    return np.concatenate(parts)


def slices(question: Question, bitmap: Callable[..., Any]) -> dict[str, Bitmaps]:
    """Bitmaps of rows: of `region` one a code, of the others one a binary digit; and of `person` one alone."""
    from array import array

    def rows(mask: Mask) -> Any:
        return bitmap(array("I", np.flatnonzero(mask).astype(np.uint32).tobytes()))

    everyone = rows(question.person)
    found: dict[str, Bitmaps] = {"person": ([everyone], everyone)}
    for name, (values, gone) in question.masked().items():
        if name == "region":
            codes = range(int(values.max()) + 1)
            known = rows(~gone)
            found[name] = ([rows(values == code) if code in question.regions else bitmap() for code in codes], known)
        elif name != "person":
            base = int(values[~gone].min()) if name == "birth_date" else 0
            shifted = np.where(gone, 0, values.astype(np.int64) - base)
            digits = [rows(shifted >> digit & 1 == 1) for digit in range(int(shifted.max()).bit_length())]
            found[name] = (digits, rows(~gone))
    return found


def within(digits: Sequence[Any], known: Any, low: int, high: int) -> Any:
    """The known rows whose number lies between two, both included."""
    below = _up_to(digits, known, high)
    return below - _up_to(digits, known, low - 1) if low > 0 else below


def _up_to(digits: Sequence[Any], known: Any, bound: int) -> Any:
    """From the highest digit down: rows surely below, and those equal so far."""
    if bound >> len(digits):
        return known
    less, same = known - known, known
    for digit in reversed(range(len(digits))):
        if bound >> digit & 1:
            less = less | (same - digits[digit])
            same = same & digits[digit]
        else:
            same = same - digits[digit]
    return less | same
