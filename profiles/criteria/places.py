"""Small helpers of the parsers: places in a tree, and days."""

from __future__ import annotations

from datetime import date

from profiles.columns import day
from profiles.criteria.shapes import DAY_WORDS
from profiles.criteria.trees import CriteriaError


def join(place: str, part: str) -> str:
    """The place of a part: `all[2]` and `fact` -> `all[2].fact`."""
    return f"{place}.{part}" if place else part


def check_date(text: str, place: str) -> int | None:
    """An ISO date as days since 1970-01-01; None for nothing or a day word. Raises CriteriaError "bad_date"."""
    if not text or text in DAY_WORDS:
        return None
    try:
        return day(date.fromisoformat(text))
    except ValueError as exc:
        raise CriteriaError("bad_date", place, f"{text!r} is no day of the calendar.") from exc
