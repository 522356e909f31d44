"""One setting out of the environment: its text, a number, a file's rows, a URL's beginning; errors name it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from profiles.csvfile import RecordsError, RowError

T = TypeVar("T")


class SettingsError(ValueError):
    """A setting is missing or malformed; the sentence names it."""

    code = "setting"


def reader(environ: Mapping[str, str]) -> Callable[[str], str | None]:
    """Reads `PUSHSVC_<name>`, or the file that `PUSHSVC_<name>_FILE` names; empty is not given."""

    def get(name: str) -> str | None:
        path = environ.get(f"PUSHSVC_{name}_FILE")
        if path:
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except OSError as exc:
                raise SettingsError(f"PUSHSVC_{name}_FILE cannot be read: {exc.strerror}.") from exc
            except UnicodeDecodeError as exc:
                raise SettingsError(f"PUSHSVC_{name}_FILE is not UTF-8 text.") from exc
        return environ.get(f"PUSHSVC_{name}") or None

    return get


def number(text: str | None, name: str, default: float) -> float:
    """A number from 0 on, of the default's kind."""
    if text is None:
        return default
    try:
        value = type(default)(text)
    except ValueError as exc:
        raise SettingsError(f"PUSHSVC_{name.upper()} is not a number: {text!r}.") from exc
    if not math.isfinite(value) or value < 0:
        raise SettingsError(f"PUSHSVC_{name.upper()} must be a number from 0 on: {text!r}.")
    return value


def file_rows(
    get: Callable[[str], str | None], name: str, read: Callable[[str], tuple[T, tuple[RowError, ...]]], none: T
) -> T:
    """What an operator's file says; one bad row refuses it whole: half a calendar counts wrong days."""
    path = get(name)
    if path is None:
        return none
    try:
        found, errors = read(path)
    except RecordsError as exc:
        raise SettingsError(f"PUSHSVC_{name}: {path}, {exc.place}: {exc.sentence}") from exc
    if errors:
        first, more = errors[0], f" {len(errors) - 1} more rows are wrong." if len(errors) > 1 else ""
        raise SettingsError(f"PUSHSVC_{name}: {path}, line {first.line}, {first.column}: {first.sentence}{more}")
    return found


def check_scheme(name: str, url: str | None, schemes: tuple[str, ...]) -> None:
    """Raises SettingsError where a URL is given and is none of these kinds; says nothing of what it holds."""
    if url is not None and url.partition(":")[0] not in schemes:
        raise SettingsError(f"PUSHSVC_{name.upper()} must begin with {' or '.join(f'{each}:' for each in schemes)}.")
