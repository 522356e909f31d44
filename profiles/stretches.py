"""A stretch of a table: rows as columns of texts, whatever file they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from profiles.csvfile import RowError


@dataclass(frozen=True)
class Row:
    """One row's non-empty cells by column, and the line it starts on."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Stretch:
    """n rows of a table. `lines` int64[n]; `columns`: texts without outer blanks, null where nothing is said.

    `errors`: the rows among them that have no cells that fit.
    """

    lines: NDArray[np.int64]
    columns: Mapping[str, pa.Array]
    errors: tuple[RowError, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def take(self, rows: NDArray[Any]) -> Stretch:
        """These rows (indices) alone, without the errors."""
        return Stretch(self.lines[rows], {name: column.take(rows) for name, column in self.columns.items()})

    def rows(self) -> list[Row | RowError]:
        """One by one, in the order of their lines."""
        names = list(self.columns)
        made: list[Row | RowError] = list(self.errors)
        cells = zip(*(column.to_pylist() for column in self.columns.values()), strict=True) if names else ()
        for line, values in zip(self.lines.tolist(), cells, strict=True):
            made.append(Row(line, {name: value for name, value in zip(names, values, strict=True) if value}))
        return sorted(made, key=lambda row: row.line)


def clean(column: pa.Array) -> pa.Array:
    """A column of texts with outer blanks cut, null where nothing is left."""
    cut = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(pc.binary_length(cut), 0), None, cut)


def stretch_of(lines: NDArray[np.int64], columns: Mapping[str, pa.Array], errors: Sequence[RowError] = ()) -> Stretch:
    """The stretch of these columns of texts, cleaned; those that say nothing at all are left out."""
    cleaned = {name: clean(column) for name, column in columns.items()}
    return Stretch(lines, {name: c for name, c in cleaned.items() if c.null_count < len(c)}, tuple(errors))
