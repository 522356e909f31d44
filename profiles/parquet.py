"""A Parquet file as the same text columns a CSV has: typed columns are written out, lists joined by `|`.

A file that is cut short, of another kind or with columns of no simple type is refused whole. A row's line is its
number, counted from 2 as it would be under a header.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from profiles.csvfile import RecordsError, RowError, check_columns
from profiles.stretches import Stretch, stretch_of

_MAGIC = b"PAR1"
_LONGEST_CELL = 131_072  # characters, as in a CSV
_MOST_COLUMNS = 500
_EXACT = 2.0**53  # up to here a float64 tells whole numbers apart


def is_parquet(path: str | Path) -> bool:
    """Whether the file begins as Parquet does; one that cannot be opened does not."""
    try:
        with Path(path).open("rb") as file:
            return file.read(4) == _MAGIC
    except OSError:
        return False


def read_parquet(
    path: str | Path, columns: Container[str], *, required: Sequence[str], chunk_rows: int
) -> tuple[int, Iterator[Stretch]]:
    """How many rows there are, and the rows. Raises RecordsError, for damage inside the file when it is met."""
    file = Path(path)
    try:
        schema = pq.read_schema(file)
        # Texts come as dictionaries: a long one that is repeated a million times is seen before it is written out.
        texts = [field.name for field in schema if _is_text(field.type)]
        found = pq.ParquetFile(file, read_dictionary=texts)
    except (pa.ArrowException, OSError, ValueError) as exc:
        raise _unreadable(file, exc) from exc
    if len(schema.names) > _MOST_COLUMNS:
        raise RecordsError("wrong_column", file.name, f"The file has over {_MOST_COLUMNS} columns.")
    check_columns(schema.names, "line 1", required=required, known=columns)
    for field in schema:
        if not _is_simple(field.type):
            place = f"line 1, column {field.name!r}"
            raise RecordsError("wrong_column", place, f"A column of type {str(field.type)[:40]} cannot be read.")
    return found.metadata.num_rows, _stretches(file, found, chunk_rows)


def as_texts(column: pa.Array) -> pa.Array:
    """A column of any simple type as the texts a CSV would hold. Raises ArrowException, as for bytes of no UTF-8."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        words = as_texts(column.dictionary)
        if (pc.max(pc.binary_length(words)).as_py() or 0) > _LONGEST_CELL:
            raise pa.ArrowInvalid(f"a cell is over {_LONGEST_CELL:,} bytes")
        return words.take(column.indices)
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "yes", "no")
    if pa.types.is_floating(kind):
        return _figures(column.cast(pa.float64()))
    if pa.types.is_timestamp(kind):
        return pc.strftime(column, "%Y-%m-%d")
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pc.binary_join(column.cast(pa.list_(pa.string())), "|")
    return column.cast(pa.string())


def _stretches(file: Path, found: pq.ParquetFile, size: int) -> Iterator[Stretch]:
    line = 2
    batches = found.iter_batches(size)
    while True:
        try:
            batch = next(batches)
            batch.validate(full=True)  # whether texts are UTF-8, and indices lie within
            columns = {name: as_texts(batch.column(place)) for place, name in enumerate(batch.schema.names)}
        except StopIteration:
            return
        except (pa.ArrowException, OSError, ValueError) as exc:
            raise _unreadable(file, exc) from exc
        yield _without_nul(np.arange(line, line + len(batch), dtype=np.int64), columns)
        line += len(batch)


def _without_nul(lines: np.ndarray[tuple[int], np.dtype[np.int64]], columns: dict[str, pa.Array]) -> Stretch:
    """Rows with a NUL among their texts become errors: no database text may hold one."""
    bad = np.zeros(len(lines), dtype=np.bool_)
    errors = []
    for name, column in columns.items():
        held = pc.fill_null(pc.match_substring(column, "\0"), False).to_numpy(zero_copy_only=False)
        sentence = "The text holds a control character."
        errors += [RowError(line, name, "control_character", sentence) for line in lines[held].tolist()]
        bad |= held
    good = np.flatnonzero(~bad)
    return stretch_of(lines[good], {name: column.take(good) for name, column in columns.items()}, errors)


def _figures(column: pa.Array) -> pa.Array:
    """12.0 is written 12, as people do, and no figure with an exponent; what is no number at all is not said."""
    whole = pc.and_(pc.equal(column, pc.floor(column)), pc.less(pc.abs(column), _EXACT))
    plain = pc.if_else(whole, column, None).cast(pa.int64()).cast(pa.string())
    others = pc.if_else(pc.or_(whole, pc.is_nan(column)), None, column)
    written = [None if v is None else np.format_float_positional(v, trim="-") for v in others.to_pylist()]
    return pc.coalesce(plain, pa.array(written, pa.string()))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind))


def _is_simple(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_dictionary(kind):
        inner = kind.value_type
        return not pa.types.is_nested(inner) and _is_simple(inner)
    of_days = pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_null(kind)
    of_figures = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return bool(of_days or of_figures or pa.types.is_boolean(kind) or _is_text(kind))


def _unreadable(file: Path, exc: Exception) -> RecordsError:
    words = str(exc).splitlines()[0][:200].rstrip(".") if str(exc) else type(exc).__name__
    return RecordsError("unreadable", file.name, f"The Parquet file cannot be read: {words}.")
