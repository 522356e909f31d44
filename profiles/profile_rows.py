"""Rows of profiles -> checked columns, and everything that is wrong with the rows that are left out.

`ref` and `kind` must stand there; any other column of Known may. Several values in a cell are set apart by `|`.
A single row handed in by itself is a stretch of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from profiles import cells
from profiles.column_cells import Parsed, parse_column, valid
from profiles.csvfile import RowError
from profiles.errors import ProfilesError
from profiles.facts import FACTS, SENSITIVE, STORED
from profiles.profile_cells import ADDRESSES, COLUMNS, LISTS, PLAIN, Known, is_yearly, spec_of
from profiles.said import Coded, ProfileRecord, Said
from profiles.tables import Stretch, stretch_of, texts

__all__ = ["COLUMNS", "ProfileRecord", "parse_profile", "parse_row", "parse_rows", "spoken"]

KNOWN = Known()
_LISTED = (*LISTS, "consents", "dependants", "members", "qualifications")
_MARK = "\x1f"


def parse_profile(
    mapping: Mapping[str, object], line: int = 0, *, as_of: date | None = None
) -> ProfileRecord | list[RowError]:
    """One row, or everything that is wrong with it. Values may be text, numbers, booleans or None."""
    said = parse_row(mapping, line, as_of=as_of)
    return said if isinstance(said, list) else said[0].records()[0]


def parse_row(
    mapping: Mapping[str, object], line: int = 0, *, as_of: date | None = None
) -> tuple[Said, Stretch] | list[RowError]:
    """One row as columns of one, with its texts; or everything that is wrong with it."""
    row = texts(mapping)
    errors = [RowError(line, name[:40], "unknown_column", "No such column.") for name in row if name not in KNOWN]
    errors += [
        RowError(line, name[:40], "control_character", "The text holds what is no text.")
        for name, text in row.items()
        if not _storable(text)
    ]
    columns = {name: pa.array([text], pa.string()) for name, text in row.items() if name in KNOWN and _storable(text)}
    stretch = stretch_of(np.array([line], dtype=np.int64), columns)
    said, wrong = parse_rows(stretch, as_of=as_of)
    return [*errors, *wrong] if errors or wrong else (said, stretch)


def parse_rows(stretch: Stretch, *, as_of: date | None = None) -> tuple[Said, tuple[RowError, ...]]:
    """The good rows as columns, and what is wrong with the others, in the order of the rows.

    `as_of`: the day the facts were recorded where a row does not say.
    """
    reader = _Reader(stretch, pa.nulls(len(stretch), pa.date32()))
    days = reader.arrow("as_of", pa.date32())
    if as_of is not None:
        days = days.fill_null(pa.scalar(as_of, pa.date32()))
    reader = _Reader(stretch, days, reader.wrong)
    kind = reader.needed("kind")
    plain = {"as_of": days, "kind": kind, "ref": reader.needed("ref")}
    plain |= {name: reader.arrow(name, pa.string()) for name in (*PLAIN, "source") if name not in plain}
    reader.not_a_citizens("credit_code", plain["credit_code"], kind)
    facts = {name: reader.fact(name, kind) for name in STORED if name in stretch.columns}
    yearly = {name: reader.fact(name, kind) for name in sorted(filter(is_yearly, stretch.columns))}
    sensitive = {name: reader.fact(name, kind) for name in SENSITIVE if name in stretch.columns}
    lists = {name: reader.listed(name) for name in _LISTED if name in stretch.columns}
    addresses = {
        channel: reader.arrow(name, pa.string()) for name, channel in ADDRESSES.items() if name in stretch.columns
    }
    plain["personalised"] = reader.arrow("personalised", pa.bool_())
    facts, lifted = _lift(facts, yearly)
    said = Said(stretch.lines, plain, facts, yearly, sensitive, lists, addresses, lifted)
    bad = np.zeros(len(stretch), dtype=np.bool_)
    bad[[row for row, _ in reader.wrong]] = True
    wrong = tuple(error for _, error in sorted(reader.wrong, key=lambda pair: pair[0]))
    return (said.take(np.flatnonzero(~bad)) if wrong else said), wrong


def spoken(stretch: Stretch) -> list[str | None]:
    """n texts: everything each row says, so that two rows with equal ones say the same."""
    parts = [
        pc.binary_join_element_wise(pa.scalar(name), stretch.columns[name], "=") for name in sorted(stretch.columns)
    ]
    joined = pc.binary_join_element_wise(*parts, _MARK, null_handling="skip") if parts else pa.nulls(len(stretch))
    return list(joined.to_pylist())


@dataclass(frozen=True)
class _Reader:
    """Reads columns by name, noting what is wrong with which row."""

    stretch: Stretch
    days: pa.Array
    wrong: list[tuple[int, RowError]] = field(default_factory=list)

    def arrow(self, name: str, kind: pa.DataType) -> pa.Array:
        texts = self.stretch.columns.get(name)
        return pa.nulls(len(self.stretch), kind) if texts is None else self._read(name, texts).values

    def listed(self, name: str) -> Coded:
        found = self._read(name, self.stretch.columns[name]).values
        assert isinstance(found, Coded)
        return found

    def needed(self, name: str) -> pa.Array:
        texts = self.stretch.columns.get(name)
        said = np.zeros(len(self.stretch), dtype=np.bool_) if texts is None else valid(texts)
        missing = cells.CellError("missing", f"{name} must be given.")
        self._note(name, ((row, missing) for row in np.flatnonzero(~said).tolist()))
        return self.arrow(name, pa.string())

    def not_a_citizens(self, name: str, values: pa.Array, kinds: pa.Array) -> None:
        for row in _rows(pc.and_(values.is_valid(), pc.equal(kinds, "citizen"))):
            self._note(name, [(row, cells.CellError("not_for_kind", f"A citizen has no {name}."))])

    def fact(self, name: str, kinds: pa.Array) -> pa.Array:
        fact = FACTS[name.partition("@")[0]]
        values = self.arrow(name, pa.null())
        late = _rows(pc.greater(values, self.days)) if cells.happened(fact) else []
        self._note(name, [(row, cells.future(values[row].as_py(), self.days[row].as_py())) for row in late])
        foreign = pc.and_(values.is_valid(), pc.invert(pc.is_in(kinds, pa.array(sorted(fact.subjects)))))
        for row in _rows(pc.and_(foreign, kinds.is_valid())):
            self._note(name, [(row, cells.CellError("not_for_kind", f"A {kinds[row]} has no {name}."))])
        return values

    def _read(self, name: str, texts: pa.Array) -> Parsed:
        found = parse_column(texts, spec_of(name), self.days)
        self._note(name, found.wrong)
        return found

    def _note(self, name: str, wrong: Iterable[tuple[int, ProfilesError]]) -> None:
        lines = self.stretch.lines
        self.wrong.extend((row, RowError(int(lines[row]), name, exc.code, exc.sentence)) for row, exc in wrong)


def _lift(
    facts: Mapping[str, pa.Array], yearly: Mapping[str, pa.Array]
) -> tuple[dict[str, pa.Array], dict[str, NDArray[np.int32]]]:
    """The facts, with the latest year's value where a yearly fact's current one is not said; and from which years."""
    found, lifted = dict(facts), {}
    for name in dict.fromkeys(column.partition("@")[0] for column in yearly):
        columns = sorted((column for column in yearly if column.partition("@")[0] == name), reverse=True)
        value = facts.get(name, pa.nulls(len(yearly[columns[0]]), pa.float64()))
        years = np.zeros(len(value), dtype=np.int32)
        for column in columns:
            years[~valid(value) & valid(yearly[column])] = int(column.partition("@")[2])
            value = pc.coalesce(value, yearly[column])
        found[name], lifted[name] = value, years
    return found, lifted


def _rows(mask: pa.Array) -> list[int]:
    return [int(row) for row in np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False))]


def _storable(text: str) -> bool:
    """Whether a database text may hold it: no NUL, no half of a pair of surrogates."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
