"""Files of profiles and of wishes -> records and row errors: a bad row is a reported row, the good ones are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from profiles.csvfile import RecordsError, RowError
from profiles.profile_rows import COLUMNS, DependantRecord, ProfileRecord, parse_profile
from profiles.tables import Progress, Row, read_table
from profiles.wishes import WISH_COLUMNS, SubscriptionRecord, parse_subscription

__all__ = [
    "COLUMNS",
    "WISH_COLUMNS",
    "Chunk",
    "DependantRecord",
    "ProfileRecord",
    "RecordsError",
    "RowError",
    "SubscriptionRecord",
    "parse_profile",
    "parse_subscription",
    "read_profiles",
    "read_subscriptions",
]

T = TypeVar("T")


@dataclass(frozen=True)
class Chunk(Generic[T]):
    """The good rows and the errors of one stretch of the file."""

    records: tuple[T, ...]
    errors: tuple[RowError, ...]


def read_profiles(
    path: str | Path,
    *,
    chunk_rows: int = 5000,
    progress: Progress | None = None,
    as_of: date | None = None,
) -> Iterator[Chunk[ProfileRecord]]:
    """The file in chunks. Raises RecordsError for a file that cannot be read, before any chunk.

    `as_of`: the day the facts were recorded where a row does not say. `progress(done, total)` counts rows.
    """
    chunks = read_table(path, COLUMNS, required=("ref", "kind"), chunk_rows=chunk_rows, progress=progress)
    return _parsed(chunks, lambda row, line: parse_profile(row, line, as_of=as_of), "ref")


def read_subscriptions(
    path: str | Path, *, chunk_rows: int = 5000, progress: Progress | None = None
) -> Iterator[Chunk[SubscriptionRecord]]:
    """Explicit wishes, like `read_profiles`; columns WISH_COLUMNS."""
    chunks = read_table(path, WISH_COLUMNS, required=("profile", "ref"), chunk_rows=chunk_rows, progress=progress)
    return _parsed(chunks, parse_subscription, "profile", "ref")


def _parsed(
    chunks: Iterator[list[Row | RowError]],
    parse: Callable[[Mapping[str, object], int], T | list[RowError]],
    *key: str,
) -> Iterator[Chunk[T]]:
    """Each chunk's rows through the parser; a key that was there before is an error."""
    seen: dict[tuple[str, ...], int] = {}
    for chunk in chunks:
        records: list[T] = []
        errors: list[RowError] = []
        for row in chunk:
            found = [row] if isinstance(row, RowError) else parse(row.cells, row.line)
            if isinstance(found, list):
                errors += found
                continue
            assert not isinstance(row, RowError)
            first = seen.setdefault(tuple(getattr(found, name) for name in key), row.line)
            if first != row.line:
                errors.append(RowError(row.line, key[-1], "twice", f"The same {key[-1]} stands on line {first}."))
            else:
                records.append(found)
        yield Chunk(tuple(records), tuple(errors))
