"""Files of profiles and of wishes -> records and row errors: a bad row is a reported row, the good ones are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from profiles.csvfile import RecordsError, RowError
from profiles.list_cells import CertificateRecord, DependantRecord
from profiles.profile_rows import COLUMNS, KNOWN, ProfileRecord, parse_profile, parse_rows
from profiles.said import Said
from profiles.tables import Progress, Row, Stretch, read_stretches, read_table
from profiles.wishes import WISH_COLUMNS, SubscriptionRecord, parse_subscription

__all__ = [
    "COLUMNS",
    "WISH_COLUMNS",
    "CertificateRecord",
    "DependantRecord",
    "ProfileChunk",
    "ProfileRecord",
    "RecordsError",
    "RowError",
    "SubscriptionRecord",
    "WishChunk",
    "first_seen",
    "parse_profile",
    "parse_subscription",
    "profile_stretches",
    "read_profiles",
    "read_subscriptions",
]


@dataclass(frozen=True)
class ProfileChunk:
    """The good rows of one stretch of the file, as columns, and what is wrong with the others."""

    said: Said
    errors: tuple[RowError, ...]

    @property
    def records(self) -> tuple[ProfileRecord, ...]:
        """The good rows one by one."""
        return self.said.records()


@dataclass(frozen=True)
class WishChunk:
    """The wishes and the errors of one stretch of the file."""

    records: tuple[SubscriptionRecord, ...]
    errors: tuple[RowError, ...]


def profile_stretches(
    path: str | Path, *, chunk_rows: int = 5000, progress: Progress | None = None
) -> Iterator[Stretch]:
    """The rows of a CSV or Parquet file of profiles, not yet read. Raises RecordsError before the first."""
    return read_stretches(path, KNOWN, required=("ref", "kind"), chunk_rows=chunk_rows, progress=progress)


def read_profiles(
    path: str | Path, *, chunk_rows: int = 5000, progress: Progress | None = None, as_of: date | None = None
) -> Iterator[ProfileChunk]:
    """The file in chunks. Raises RecordsError for a file that cannot be read, before any chunk.

    `as_of`: the day the facts were recorded where a row does not say. `progress(done, total)` counts rows.
    """
    stretches = profile_stretches(path, chunk_rows=chunk_rows, progress=progress)
    return _profiles(stretches, as_of)


def _profiles(stretches: Iterator[Stretch], as_of: date | None) -> Iterator[ProfileChunk]:
    seen: dict[str, int] = {}
    for stretch in stretches:
        said, wrong = parse_rows(stretch, as_of=as_of)
        said, twice = first_seen(said, seen)
        yield ProfileChunk(said, tuple(sorted((*stretch.errors, *wrong, *twice), key=lambda error: error.line)))


def first_seen(said: Said, seen: dict[str, int]) -> tuple[Said, list[RowError]]:
    """The rows whose reference did not stand on an earlier line (`seen` grows), and an error for each other."""
    refs, lines = said.texts("ref").to_pylist(), said.lines.tolist()
    first = [seen.setdefault(ref, line) for ref, line in zip(refs, lines, strict=True)]
    if first == lines:
        return said, []
    again = np.array(first) != said.lines
    errors = [
        RowError(lines[row], "ref", "twice", f"The same ref stands on line {first[row]}.")
        for row in np.flatnonzero(again).tolist()
    ]
    return said.take(np.flatnonzero(~again)), errors


def read_subscriptions(
    path: str | Path, *, chunk_rows: int = 5000, progress: Progress | None = None
) -> Iterator[WishChunk]:
    """Explicit wishes, like `read_profiles`; columns WISH_COLUMNS."""
    chunks = read_table(path, WISH_COLUMNS, required=("profile", "ref"), chunk_rows=chunk_rows, progress=progress)
    return _wishes(chunks)


def _wishes(chunks: Iterator[list[Row | RowError]]) -> Iterator[WishChunk]:
    """Each chunk's rows through the parser; a wish that was there before is an error."""
    seen: dict[tuple[str, str], int] = {}
    for chunk in chunks:
        records: list[SubscriptionRecord] = []
        errors: list[RowError] = []
        for row in chunk:
            found = [row] if isinstance(row, RowError) else parse_subscription(row.cells, row.line)
            if isinstance(found, list):
                errors += found
            elif (first := seen.setdefault((found.profile, found.ref), found.line)) != found.line:
                errors.append(RowError(found.line, "ref", "twice", f"The same ref stands on line {first}."))
            else:
                records.append(found)
        yield WishChunk(tuple(records), tuple(errors))
