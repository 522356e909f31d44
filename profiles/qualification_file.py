"""An operator's own qualifications as a file: CSV with the columns key, zh, en, level, valid_years, basis and names."""

from __future__ import annotations

from pathlib import Path

from profiles import cells
from profiles.csvfile import RecordsError, RowError, rows, survey
from profiles.errors import ProfilesError
from profiles.standards.qualifications import Qualification, register

COLUMNS = ("key", "zh", "en", "level", "valid_years", "basis", "names")
LEVELS = ("nation", "province", "city", "district", "other")
MOST_ROWS = 1_000
MOST_YEARS = 50


def read_qualification_file(path: str | Path) -> tuple[tuple[Qualification, ...], tuple[RowError, ...]]:
    """The rows of a file, and those that are left out, each with its line. Raises RecordsError.

    `valid_years` may be empty (no fixed term), `names` are other names, set apart by `|`. A key stands in one row.
    """
    found = survey(path, required=COLUMNS[:4], known=COLUMNS)
    if found.rows > MOST_ROWS:
        raise RecordsError("too_many_rows", found.path.name, f"At most {MOST_ROWS:,} qualifications.")
    kept: list[Qualification] = []
    errors: list[RowError] = []
    for line, row in rows(found):
        if isinstance(row, RowError):
            errors.append(row)
            continue
        error = _read(line, dict(zip(found.header, row, strict=True)), kept)
        errors.extend([error] if error else [])
    return tuple(kept), tuple(errors)


def _read(line: int, row: dict[str, str], kept: list[Qualification]) -> RowError | None:
    column = "key"
    try:
        key = cells.plain(row["key"])
        if any(one.key == key for one in kept):
            return RowError(line, column, "told_twice", f"{key[:40]} stands in an earlier row already.")
        words = {}
        for column in ("zh", "en", "basis"):
            words[column] = cells.short(row.get(column, ""))
        column = "zh"
        if not words["zh"]:
            return RowError(line, column, "missing", "A qualification needs its Chinese name.")
        column = "level"
        level = cells.level(row["level"], LEVELS)
        column = "valid_years"
        years = _years(row.get("valid_years", ""))
        column = "names"
        names = cells.parts(row.get("names", ""))
        column = "key"
        register([*kept, made := _made(key, words, level, years, names)])
    except ProfilesError as exc:
        return RowError(line, column, exc.code, exc.sentence)
    kept.append(made)
    return None


def _made(key: str, words: dict[str, str], level: str, years: int | None, names: tuple[str, ...]) -> Qualification:
    return Qualification(key, words["zh"], words["en"], level, valid_years=years, basis=words["basis"], names=names)


def _years(text: str) -> int | None:
    if not text.strip():
        return None
    years = cells.number(text, low=1, high=MOST_YEARS)
    if years != int(years):
        raise cells.CellError("not_whole", "A term is in whole years.")
    return int(years)
