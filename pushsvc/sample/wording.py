"""A policy's text from its numbers: one amount, one place. Criteria take the same numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from profiles.standards import regions

_NUMERALS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
_DATE = re.compile(r"date:(-?\d+)-(\d\d)-(\d\d)")


@dataclass(frozen=True)
class Scope:
    """What a text is filled with beside its numbers: where, which year, which days."""

    region: str  # a code
    year: int
    serial: int
    opens: date | None = None
    closes: date | None = None
    districts: tuple[str, ...] = ()


def values_of(spec: Mapping[str, Any], scope: Scope) -> dict[str, tuple[Any, str]]:
    """Name -> (value for the criteria, words for the text); a list of values is chosen from by the serial number."""
    found: dict[str, tuple[Any, str]] = {}
    for name, (given, unit) in spec["numbers"].items():
        value = given[scope.serial % len(given)] if isinstance(given, list) else given
        found[name] = _value(value, unit, scope.year)
    places = [regions.name_of(code) for code in scope.districts]
    found["region"] = (scope.region, regions.name_of(scope.region))
    found["districts"] = (list(scope.districts), "、".join(places))
    for name, number in (
        ("year", scope.year),
        ("last", scope.year - 1),
        ("plan_to", scope.year + 4),
        ("serial", scope.serial),
    ):
        found[name] = (number, str(number))
    for name, day in (("opens", scope.opens), ("closes", scope.closes)):
        if day is not None:
            found[name] = (day.isoformat(), in_words(day))
    return found


def in_words(day: date) -> str:
    """2026年6月24日"""
    return f"{day.year}年{day.month}月{day.day}日"


def fill(text: str, values: Mapping[str, tuple[Any, str]]) -> str:
    """The text with every {name} replaced by its words."""
    return text.format_map({name: words for name, (_, words) in values.items()})


def fill_criteria(tree: Any, values: Mapping[str, tuple[Any, str]]) -> Any:
    """The tree with every "$name" replaced by its value."""
    if isinstance(tree, dict):
        return {key: fill_criteria(value, values) for key, value in tree.items()}
    if isinstance(tree, list):
        return [fill_criteria(value, values) for value in tree]
    if isinstance(tree, str) and tree.startswith("$"):
        return values[tree[1:]][0]
    return tree


def body_of(clauses: Sequence[str], values: Mapping[str, tuple[Any, str]]) -> str:
    """The numbered clauses, one a paragraph; the items (一)(二)… of a clause on lines of their own."""
    lines = []
    for place, clause in enumerate(clauses):
        text = fill(clause, values)
        lines.append(f"第{_NUMERALS[place + 1]}条 " + re.sub(r"(\([一二三四五六七八九]\))", r"\n\1", text))
    return "\n".join(lines)


def _value(value: Any, unit: str, year: int) -> tuple[Any, str]:
    if isinstance(value, str):
        match = _DATE.fullmatch(value)
        if match is None:
            return value, value
        day = date(year + int(match[1]), int(match[2]), int(match[3]))
        return day.isoformat(), in_words(day)
    return value, f"{value:g}{unit}"
