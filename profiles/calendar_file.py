"""An operator's own calendar as a file: CSV with the columns day, working (yes or no) and note."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import MappingProxyType

from profiles import cells
from profiles.csvfile import RecordsError, RowError, rows, survey
from profiles.errors import ProfilesError
from profiles.standards.calendar import Overrides

COLUMNS = ("day", "working", "note")
MOST_ROWS = 5_000


def read_calendar_file(path: str | Path) -> tuple[Overrides, tuple[RowError, ...]]:
    """The days of a file, and the rows that are left out, each with its line. Raises RecordsError.

    A day told twice is left out from its second row on.
    """
    found = survey(path, required=COLUMNS[:2], known=COLUMNS)
    if found.rows > MOST_ROWS:
        raise RecordsError("too_many_rows", found.path.name, f"A calendar has at most {MOST_ROWS:,} rows.")
    days: dict[date, bool] = {}
    notes: dict[date, str] = {}
    errors: list[RowError] = []
    for line, row in rows(found):
        if isinstance(row, RowError):
            errors.append(row)
            continue
        error = _read(line, dict(zip(found.header, row, strict=True)), days, notes)
        errors.extend([error] if error else [])
    return Overrides(MappingProxyType(days), MappingProxyType(notes)), tuple(errors)


def _read(line: int, row: dict[str, str], days: dict[date, bool], notes: dict[date, str]) -> RowError | None:
    column = "day"
    try:
        day = cells.day(row["day"])
        column = "working"
        working = cells.flag(row["working"])
        column = "note"
        note = cells.short(row.get("note", ""))
    except ProfilesError as exc:
        return RowError(line, column, exc.code, exc.sentence)
    if day in days:
        return RowError(line, "day", "told_twice", f"{day} stands in an earlier row already.")
    days[day], notes[day] = working, note
    return None
