"""A second way to decide: one person at a time, one node at a time, in plain Python. None is unknown."""

from __future__ import annotations

import calendar
import operator
from datetime import date, timedelta
from typing import Any

from profiles.facts import DEPENDANT_FACTS, FACTS

# The places the strategies use, spelled out again: what each may be, and what lies above it.
PLACES = {"990114": ("990102", "990103")}
ABOVE = {
    "990101": {"990101", "990100", "990000", "000000"},
    "990102": {"990102", "990100", "990000", "000000"},
    "990103": {"990103", "990100", "990000", "000000"},
    "990100": {"990100", "990000", "000000"},
    "330106": {"330106", "330100", "330000", "000000"},
}
COMPARE = {"eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt}
COMPARE |= {"ge": operator.ge, "before": operator.lt, "on_or_before": operator.le, "after": operator.gt}
COMPARE |= {"on_or_after": operator.ge, "valid_on": operator.ge}
Days = dict[str, date]


def evaluate(tree: Any, person: dict[str, Any], days: Days, facts: Any = FACTS) -> bool | None:
    if "all" in tree:
        parts = [evaluate(child, person, days, facts) for child in tree["all"]]
        return False if False in parts else None if None in parts else True
    if "any" in tree:
        parts = [evaluate(child, person, days, facts) for child in tree["any"]]
        return True if True in parts else None if None in parts else False
    if "not" in tree:
        inner = evaluate(tree["not"], person, days, facts)
        return None if inner is None else not inner
    if "any_dependant" in tree:
        family = [{"birth_date": born, "household_region": home} for born, home in person.get("dependants", ())]
        return evaluate({"any": []}, {}, days) if not family else _any(tree["any_dependant"], family, days)
    return _leaf(tree, person, days, facts)


def _any(tree: Any, family: list[dict[str, Any]], days: Days) -> bool | None:
    parts = [evaluate(tree, one, days, DEPENDANT_FACTS) for one in family]
    return True if True in parts else None if None in parts else False


def _leaf(tree: Any, person: dict[str, Any], days: Days, facts: Any) -> bool | None:
    name = tree["fact"]
    op = next(key for key in tree if key not in ("fact", "on", "clause"))
    if person.get("kind") and person["kind"] not in facts[name].subjects:
        # Not-equal on a tree of codes is a "not": it holds where the fact cannot be.
        return bool(op == "ne" and facts[name].tree)
    if name == "interests":
        return tree["has"] in person.get("interests", ())
    on = days[tree.get("on", "today")]
    held = _held(name, person, on)
    if held is None:
        return None
    return _compare(op, held, tree[op], {**days, "today": on}, facts[name].tree)


def _compare(op: str, held: Any, value: Any, days: Days, tree: str) -> bool | None:
    if tree:
        many = value if isinstance(value, list) else [value]
        inside = _within_region(held, many) if tree == "region" else _within_industry(held, many)
        return inside if op != "ne" or inside is None else not inside
    if op == "in":
        return held in value
    if op == "within_days":
        return bool(days["today"] <= held <= days["today"] + timedelta(days=value))
    if isinstance(held, date):
        value = days[value] if value in days else date.fromisoformat(value)
    return bool(COMPARE[op](held, value))


def _held(name: str, person: dict[str, Any], on: date) -> Any:
    if name in ("age", "age_months", "age_days"):
        return _age(name, person.get("birth_date"), on)
    if name == "rd_ratio":
        spend, revenue = person.get("rd_spend"), person.get("revenue")
        return None if spend is None or revenue is None or revenue <= 0 else spend * 100.0 / revenue
    return person.get(name)


def _age(name: str, born: date | None, on: date) -> int | None:
    if born is None or born > on:
        return None
    if name == "age_days":
        return (on - born).days
    months = 0
    while _month_later(born, months + 1) <= on:
        months += 1
    return months if name == "age_months" else months // 12


def _month_later(born: date, months: int) -> date:
    year, month = divmod(born.year * 12 + born.month - 1 + months, 12)
    return date(year, month + 1, min(born.day, calendar.monthrange(year, month + 1)[1]))


def _within_region(held: str, asked: list[str]) -> bool | None:
    answers: set[bool | None] = set()
    for place in PLACES.get(held, (held,)):
        if ABOVE[place] & set(asked):
            answers.add(True)
        else:
            answers.add(None if any(place in ABOVE.get(one, ()) for one in asked) else False)
    return answers.pop() if len(answers) == 1 else None


def _within_industry(held: str, asked: list[str]) -> bool | None:
    digits = held if held[0].isalpha() else f"I{held}"
    if any(digits.startswith(one) for one in asked):
        return True
    return None if any(one.startswith(digits) for one in asked) else False
