"""Figures a second way: one person, exact fractions, months counted one by one. None is unknown."""

from __future__ import annotations

import calendar
from datetime import date
from fractions import Fraction
from typing import Any


def measured(measure: Any, person: dict[str, Any], on: date) -> Fraction | None:
    """The quantity for one person."""
    if "years" in measure:
        return _years(measure, person, on)
    for unit in ("years", "months", "days"):
        if f"{unit}_since" in measure:
            return _since(unit, person.get(measure[f"{unit}_since"]), on)
    if "days_until" in measure:
        then = person.get(measure["days_until"])
        return None if then is None else Fraction((then - on).days)
    if "weighted" in measure:
        rows = [(measured(row["of"], person, on), Fraction(row["times"])) for row in measure["weighted"]]
        return None if any(value is None for value, _ in rows) else sum(v * times for v, times in rows if v is not None)
    how = next((key for key in ("sum", "max", "min", "mean", "percent", "ratio") if key in measure), "")
    return _combined(how, measure[how], person, on) if how else _held(measure, person, on)


def _combined(how: str, parts: Any, person: dict[str, Any], on: date) -> Fraction | None:
    found = [measured(part, person, on) for part in parts]
    values = [value for value in found if value is not None]
    if len(values) < len(found):
        return None
    if how in ("percent", "ratio"):
        return None if values[1] <= 0 else values[0] / values[1] * (100 if how == "percent" else 1)
    return {"sum": sum, "max": max, "min": min, "mean": lambda v: sum(v) / len(v)}[how](values)


def _held(measure: Any, person: dict[str, Any], on: date) -> Fraction | None:
    name, year = measure["fact"], measure.get("year", 0)
    if year:
        value = person.get(f"{name}@{year if year > 0 else on.year + year}")
    elif name in ("age", "age_months", "age_days"):
        value = age_of(name, person.get("birth_date"), on)
    else:
        value = person.get(name)
    return None if value is None else Fraction(value)


def _years(measure: Any, person: dict[str, Any], on: date) -> Fraction | None:
    years = range(on.year - measure["years"], on.year)
    held = {year: person.get(f"{measure['of']}@{year}") for year in years}
    founded = person.get("founded_on")
    counted = {y: v for y, v in held.items() if v is not None or founded is None or founded.year <= y}
    values = [Fraction(value) for value in counted.values() if value is not None]
    if not values or len(values) < len(counted):
        return None
    if measure["take"] == "growth":
        return _growth(dict(zip(counted, values, strict=True)))
    return {"sum": sum, "max": max, "min": min, "mean": lambda v: sum(v) / len(v)}[measure["take"]](values)


def _growth(values: dict[int, Fraction]) -> Fraction | None:
    pairs = [(values[year], values[year + 1]) for year in values if year + 1 in values]
    if not pairs or any(base <= 0 for base, _ in pairs):
        return None
    return sum((after / base - 1) * 100 for base, after in pairs) / Fraction(len(pairs))


def _since(unit: str, then: date | None, on: date) -> Fraction | None:
    if then is None:
        return None
    if unit == "days":
        return Fraction((on - then).days)
    months = months_from(then, on)
    return Fraction(months // 12 if unit == "years" else months)


def asked_of(measure: Any) -> list[str]:
    """The facts a quantity asks for."""
    if isinstance(measure, list):
        return [name for part in measure for name in asked_of(part)]
    names = [name for part in measure.values() if isinstance(part, (dict, list)) for name in asked_of(part)]
    keys = ("fact", "of", "years_since", "months_since", "days_since", "days_until")
    return names + [measure[key] for key in keys if isinstance(measure.get(key), str)]


def age_of(name: str, born: date | None, on: date) -> int | None:
    """Full years, months or days; nobody has an age before birth."""
    if born is None or born > on:
        return None
    if name == "age_days":
        return (on - born).days
    months = months_from(born, on)
    return months if name == "age_months" else months // 12


def months_from(start: date, on: date) -> int:
    """Full months from one day to another, below zero backwards; found by trying."""
    months = (on.year - start.year) * 12 + on.month - start.month + 1
    while month_later(start, months) > on:
        months -= 1
    return months


def month_later(start: date, months: int) -> date:
    """The same day of the month, or the month's last."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
