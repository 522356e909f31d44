"""A table, CSV or Parquet, as stretches of text columns: bounded memory, every row with its line, progress by rows."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profiles.csvfile import Lines, RowError, Survey, stretches, survey, wrong_cells
from profiles.parquet import is_parquet, read_parquet
from profiles.stretches import Row, Stretch, stretch_of

__all__ = ["Progress", "Row", "Stretch", "read_stretches", "read_table", "stretch_of", "texts"]

Progress = Callable[[int, int], None]


def read_table(
    path: str | Path, columns: Container[str], *, required: Sequence[str], chunk_rows: int, progress: Progress | None
) -> Iterator[list[Row | RowError]]:
    """The table in chunks of rows. The whole file is surveyed first: RecordsError comes before any row."""
    chunks = read_stretches(path, columns, required=required, chunk_rows=chunk_rows, progress=progress)
    return (chunk.rows() for chunk in chunks)


def read_stretches(
    path: str | Path, columns: Container[str], *, required: Sequence[str], chunk_rows: int, progress: Progress | None
) -> Iterator[Stretch]:
    """The table in stretches of at most `chunk_rows`; Parquet by its first bytes, else CSV. Raises RecordsError."""
    if is_parquet(path):
        total, source = read_parquet(path, columns, required=required, chunk_rows=max(1, chunk_rows))
        return _told(source, total, progress)
    found = survey(path, required=required, known=columns)
    return _told(_stretches(found, max(1, chunk_rows)), found.rows, progress)


def texts(mapping: Mapping[str, object]) -> dict[str, str]:
    """What is said in a row: text as it is, numbers and booleans written out, empty cells left out."""
    said = {str(name): _text(value) for name, value in mapping.items() if value is not None}
    return {name: text for name, text in said.items() if text}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.strip() if isinstance(value, str) else f"{value}"


def _told(source: Iterator[Stretch], total: int, progress: Progress | None) -> Iterator[Stretch]:
    done = 0
    for stretch in source:
        yield stretch
        done += len(stretch) + len(stretch.errors)
        if progress:
            progress(done, total)


def _stretches(found: Survey, size: int) -> Iterator[Stretch]:
    """The CSV's rows, `size` at a time. Rows with quotes and rows without are cut apart where they meet."""
    for piece in stretches(found):
        if isinstance(piece, Lines):
            pieces = max(1, -(-len(piece.texts) // size))
            even = max(1, -(-len(piece.texts) // pieces))  # as many rows in each part, at most `size`
            for start in range(0, len(piece.texts), even):
                part = slice(start, start + even)
                yield _plain(found.header, piece.numbers[part], piece.texts[part])
        else:
            for start in range(0, len(piece), size):
                yield _cells(found.header, piece[start : start + size])


def _plain(header: Sequence[str], numbers: list[int], rows: list[str]) -> Stretch:
    """Rows without quotes, cut at their commas all at once."""
    width = len(header)
    parts = pc.split_pattern(pa.array(rows, pa.string()), ",")
    sizes = pc.list_value_length(parts).to_numpy()
    good = sizes == width
    lines = np.array(numbers, dtype=np.int64)
    errors = [wrong_cells(line, size, width) for line, size in zip(lines[~good], sizes[~good], strict=True)]
    flat = (parts if good.all() else parts.filter(pa.array(good))).flatten()
    columns = {name: flat.take(pa.array(np.arange(place, len(flat), width))) for place, name in enumerate(header)}
    return stretch_of(lines[good], columns, errors)


def _cells(header: Sequence[str], rows: Sequence[tuple[int, list[str] | RowError]]) -> Stretch:
    errors, good = [], []
    for line, cells in rows:
        if isinstance(cells, RowError):
            errors.append(cells)
        elif len(cells) != len(header):
            errors.append(wrong_cells(line, len(cells), len(header)))
        else:
            good.append((line, cells))
    columns = {name: pa.array([cells[place] for _, cells in good], pa.string()) for place, name in enumerate(header)}
    return stretch_of(np.array([line for line, _ in good], dtype=np.int64), columns, errors)
