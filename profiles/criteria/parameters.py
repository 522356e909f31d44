"""Figures that many criteria share and that change on a day (a minimum wage, a poverty line): bound before deciding.

A table is data: by name, its words, its unit and its values, each with its days, both ends included, and its source.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from profiles.criteria.schema import dotted
from profiles.criteria.trees import CriteriaError


@dataclass(frozen=True)
class Dated:
    """A value from `start` to `end`, both included; None is open."""

    value: float
    start: date | None
    end: date | None
    source: str

    def holds_on(self, day: date) -> bool:
        """Whether the value is in force that day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Parameter:
    """One figure. `values` do not overlap."""

    name: str
    zh: str
    en: str
    unit: str
    values: tuple[Dated, ...]

    def value_on(self, day: date) -> float | None:
        """The value in force that day, None where there is none."""
        return next((one.value for one in self.values if one.holds_on(day)), None)


@dataclass(frozen=True)
class Parameters:
    """All figures by name."""

    by_name: Mapping[str, Parameter] = field(default_factory=dict)


NO_PARAMETERS = Parameters()


def read_parameters(table: Mapping[str, Any]) -> Parameters:
    """`{name: {"zh", "en", "unit", "values": [{"value", "from"?, "to"?, "source"}]}}` as a JSON file holds it.

    Raises CriteriaError: bad_value (a wrong value or date), overlap (two values on one day), place `name.values[i]`.
    """
    return Parameters({name: _parameter(name, row) for name, row in table.items()})


def bind(tree: Any, parameters: Parameters, on: date | None) -> Any:
    """The tree (of the right shape) with every `{"param": name, "times"?: n}` as the number it is on that day.

    Raises CriteriaError: unknown_parameter, no_value_on_day, with the parameter's place.
    """
    return _bound(tree, (), (parameters, on))


def _bound(tree: Any, place: tuple[str | int, ...], with_: tuple[Parameters, date | None]) -> Any:
    if isinstance(tree, list):
        return [_bound(part, (*place, i), with_) for i, part in enumerate(tree)]
    if not isinstance(tree, dict):
        return tree
    if "param" in tree:
        return _value(tree, dotted(place), with_)
    return {key: _bound(part, (*place, key), with_) for key, part in tree.items()}


def _value(tree: Mapping[str, Any], place: str, with_: tuple[Parameters, date | None]) -> float:
    (parameters, on), name = with_, tree["param"]
    found = parameters.by_name.get(name)
    if found is None:
        raise CriteriaError("unknown_parameter", place, f"{name!r} is no known parameter.")
    value = None if on is None else found.value_on(on)
    if value is None:
        day = "no day" if on is None else on.isoformat()
        raise CriteriaError("no_value_on_day", place, f"{name} has no value for {day}.")
    return value * float(tree.get("times", 1))


def _parameter(name: str, row: Mapping[str, Any]) -> Parameter:
    try:
        rows = [_dated(value, f"{name}.values[{i}]") for i, value in enumerate(row["values"])]
        zh, en, unit = (str(row[key]) for key in ("zh", "en", "unit"))
    except (KeyError, TypeError) as exc:
        raise CriteriaError("bad_value", name, f"A parameter needs zh, en, unit and values: {exc}.") from exc
    values = sorted(rows, key=lambda one: one.start or date.min)
    for i, (one, after) in enumerate(pairwise(values)):
        if one.end is None or after.start is None or after.start <= one.end:
            raise CriteriaError("overlap", f"{name}.values[{i + 1}]", f"Two values of {name} hold on one day.")
    return Parameter(name, zh, en, unit, tuple(values))


def _dated(row: Mapping[str, Any], place: str) -> Dated:
    try:
        start, end = (date.fromisoformat(row[key]) if row.get(key) else None for key in ("from", "to"))
        value = float(row["value"])
        source = str(row["source"])
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise CriteriaError("bad_value", place, f"A value needs value, source and true dates: {exc}.") from exc
    if not math.isfinite(value) or (start and end and start > end):
        raise CriteriaError("bad_value", place, "A value is a number, from a day to a later one.")
    return Dated(value, start, end, source)


def asked_parameters(tree: Any) -> frozenset[str]:
    """The names of the parameters that a tree stands on."""
    if isinstance(tree, list):
        return frozenset(name for part in tree for name in asked_parameters(part))
    if not isinstance(tree, dict):
        return frozenset()
    own = {tree["param"]} if isinstance(tree.get("param"), str) else set()
    return frozenset(own).union(*(asked_parameters(part) for part in tree.values()))


def stand_ins(tree: Any) -> Parameters:
    """A 1 for every parameter the tree stands on: enough to see whether all else is right."""
    one = (Dated(1.0, None, None, ""),)
    return Parameters({name: Parameter(name, name, name, "", one) for name in asked_parameters(tree)})
