"""A CSV table through pandas in chunks: rows with their lines, bounded memory, progress by rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from profiles.csvfile import RowError, Survey, rows, survey

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Row:
    """One row's non-empty cells by column, and the line it starts on."""

    line: int
    cells: Mapping[str, str]


def read_table(
    path: str | Path,
    columns: Sequence[str],
    *,
    required: Sequence[str],
    chunk_rows: int,
    progress: Progress | None,
) -> Iterator[list[Row | RowError]]:
    """The table in chunks of rows. The whole file is surveyed first: RecordsError comes before any row."""
    found = survey(path, required=required, known=columns)
    return _chunks(found, max(1, chunk_rows), progress)


def texts(mapping: Mapping[str, object]) -> dict[str, str]:
    """What is said in a row: text as it is, numbers and booleans written out, empty cells left out."""
    said = {str(name): _text(value) for name, value in mapping.items() if value is not None}
    return {name: text for name, text in said.items() if text}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.strip() if isinstance(value, str) else f"{value}"


def _chunks(found: Survey, size: int, progress: Progress | None) -> Iterator[list[Row | RowError]]:
    source, done = rows(found), 0
    while batch := list(islice(source, size)):
        yield _cleaned(found.header, batch)
        done += len(batch)
        if progress:
            progress(done, found.rows)


def _cleaned(header: Sequence[str], batch: Sequence[tuple[int, list[str] | RowError]]) -> list[Row | RowError]:
    """Blanks cut and empty columns dropped over the whole chunk at once; errors stay in their order."""
    import pandas as pd  # costs 60 MB and half a second: only an import pays for it

    good = [(line, cells) for line, cells in batch if not isinstance(cells, RowError)]
    frame = pd.DataFrame([cells for _, cells in good], columns=list(header), dtype="str")
    frame = frame.apply(lambda column: column.str.strip())
    frame = frame.loc[:, (frame != "").any(axis=0)]
    names = list(frame.columns)
    made: list[Row | RowError] = [cells for _, cells in batch if isinstance(cells, RowError)]
    for (line, _), values in zip(good, frame.itertuples(index=False, name=None), strict=True):
        made.append(Row(line, {name: value for name, value in zip(names, values, strict=True) if value}))
    return sorted(made, key=lambda row: row.line)
