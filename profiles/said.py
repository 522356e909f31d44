"""What n rows say of n profiles, checked, as columns; and one profile's share of it as a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from profiles.address import Address, masked
from profiles.list_cells import CertificateRecord, DependantRecord

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Coded:
    """A column of any values: row i holds values[codes[i]], nothing where the code is -1."""

    codes: NDArray[np.int32]
    values: tuple[Any, ...] = ()

    def take(self, rows: NDArray[Any]) -> Coded:
        """The values of these rows."""
        return Coded(self.codes[rows], self.values)

    def cells(self) -> Iterator[tuple[int, Any]]:
        """Each row that says something, with its value."""
        rows = np.flatnonzero(self.codes >= 0)
        for row, code in zip(rows.tolist(), self.codes[rows].tolist(), strict=True):
            yield row, self.values[code]


@dataclass(frozen=True)
class ProfileRecord:
    """One profile as it came in, checked. What was not said is absent or None; `as_of` None: the row gives no date."""

    ref: str
    kind: str
    name: str = ""
    locale: str = "zh"
    zone: str = "Asia/Shanghai"
    guardian: str = ""
    credit_code: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    yearly: dict[str, float] = field(default_factory=dict)  # by `fact@year`
    sensitive: dict[str, object] = field(default_factory=dict)
    interests: tuple[str, ...] = ()
    objectives: tuple[str, ...] | None = None
    benefits: tuple[str, ...] | None = None
    addresses: tuple[Address, ...] = ()
    consents: tuple[tuple[str, str], ...] | None = None  # all that are given; None: nothing was said of them
    personalised: bool | None = None
    dependants: tuple[DependantRecord, ...] = ()
    members: tuple[tuple[str, str], ...] = ()
    qualifications: tuple[CertificateRecord, ...] | None = None
    source: str = "import"
    as_of: date | None = None
    line: int = field(default=0, repr=False, compare=False)  # where it stood, for errors found later


_LISTS = ("interests", "objectives", "benefits", "consents", "dependants", "members", "qualifications")
_PLAIN = ("name", "locale", "zone", "guardian", "credit_code", "source", "personalised")


@dataclass(frozen=True)
class Said:
    """n good rows. A column that says nothing may be absent; null or -1 where a row says nothing.

    `plain`: ref, kind, name, locale, zone, guardian, credit_code, source (texts), as_of (date32), personalised (bool).
    `facts`, `sensitive`: by fact; `yearly`: by `fact@year`; `addresses`: parsed values by channel.
    `lifted`: by yearly fact int32[n], the year its current value was taken from; 0 where it was said itself.
    """

    lines: Rows
    plain: Mapping[str, pa.Array]
    facts: Mapping[str, pa.Array]
    yearly: Mapping[str, pa.Array]
    sensitive: Mapping[str, pa.Array]
    lists: Mapping[str, Coded]
    addresses: Mapping[str, pa.Array]
    lifted: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    def take(self, rows: NDArray[Any]) -> Said:
        """These rows (indices), in that order."""
        arrow = (self.plain, self.facts, self.yearly, self.sensitive, self.addresses)
        plain, facts, yearly, sensitive, addresses = (
            {name: column.take(pa.array(rows)) for name, column in columns.items()} for columns in arrow
        )
        lists = {name: column.take(rows) for name, column in self.lists.items()}
        lifted = {name: years[rows] for name, years in self.lifted.items()}
        return Said(self.lines[rows], plain, facts, yearly, sensitive, lists, addresses, lifted)

    def texts(self, name: str) -> pa.Array:
        """A plain column of texts; all null where it is absent."""
        return self.plain.get(name, pa.nulls(len(self), pa.string()))

    def days(self) -> pa.Array:
        """The day each row was recorded."""
        return self.plain.get("as_of", pa.nulls(len(self), pa.date32()))

    def listed(self, name: str) -> Coded:
        """A column of lists; nothing said where it is absent."""
        return self.lists.get(name) or Coded(np.full(len(self), -1, dtype=np.int32))

    def records(self) -> tuple[ProfileRecord, ...]:
        """The rows one by one, for those who look at a few."""
        made: list[dict[str, Any]] = [
            {"ref": ref, "kind": kind, "as_of": day, "line": line, "addresses": []}
            for ref, kind, day, line in zip(
                *(self.texts("ref").to_pylist(), self.texts("kind").to_pylist(), self.days().to_pylist()),
                self.lines.tolist(),
                strict=True,
            )
        ]
        for name in _PLAIN:
            _fill(made, name, self.plain.get(name))
        for group in ("facts", "yearly", "sensitive"):
            for name, column in getattr(self, group).items():
                for row, value in zip(made, column.to_pylist(), strict=True):
                    row.setdefault(group, {}).update({} if value is None else {name: value})
        for channel, column in self.addresses.items():
            for row, value in zip(made, column.to_pylist(), strict=True):
                row["addresses"] += [] if value is None else [masked(channel, value)]
        for name in _LISTS:
            for place, value in self.listed(name).cells():
                made[place][name] = value
        return tuple(ProfileRecord(**{**row, "addresses": tuple(row["addresses"])}) for row in made)


def _fill(made: list[dict[str, Any]], name: str, column: pa.Array | None) -> None:
    if column is not None:
        for row, value in zip(made, column.to_pylist(), strict=True):
            if value is not None:
                row[name] = value
