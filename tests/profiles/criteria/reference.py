"""A second way to decide: one person at a time, one node at a time, in plain Python. None is unknown."""

from __future__ import annotations

import operator
from datetime import date, timedelta
from typing import Any

from profiles.facts import DEPENDANT_FACTS, FACTS, MARKET
from tests.profiles.criteria.reference_figures import age_of, asked_of, measured, months_from

# The places the strategies use, spelled out again: what each may be, and what lies above it.
PLACES = {"990114": ("990102", "990103")}
ABOVE = {
    "990101": {"990101", "990100", "990000", "000000"},
    "990102": {"990102", "990100", "990000", "000000"},
    "990103": {"990103", "990100", "990000", "000000"},
    "990100": {"990100", "990000", "000000"},
    "330106": {"330106", "330100", "330000", "000000"},
    "330106002": {"330106002", "330106", "330100", "330000", "000000"},
}
COMPARE = {"eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt}
COMPARE |= {"ge": operator.ge, "before": operator.lt, "on_or_before": operator.le, "after": operator.gt}
COMPARE |= {"on_or_after": operator.ge, "valid_on": operator.ge}
Days = dict[str, date]
_DAY = timedelta(days=1)


def evaluate(tree: Any, person: dict[str, Any], days: Days, facts: Any = FACTS) -> bool | None:
    if "all" in tree:
        parts = [evaluate(child, person, days, facts) for child in tree["all"]]
        return False if False in parts else None if None in parts else True
    if "any" in tree:
        return _any([evaluate(child, person, days, facts) for child in tree["any"]])
    if "not" in tree:
        inner = evaluate(tree["not"], person, days, facts)
        return None if inner is None else not inner
    if "any_dependant" in tree or "count_dependants" in tree:
        return _family(tree, person, days)
    if "requires" in tree or "excludes" in tree:
        return _receives(tree, person.get("benefits"))
    on = _day(tree, days)
    if "qualification" in tree:
        return _paper(tree, person, on)
    if "during" in tree:
        window = tree["during"]
        return window.get("from", "0000") <= on.isoformat() <= window.get("to", "9999")
    if "measure" in tree or "tiers" in tree:
        return _figures(tree, person, on, facts)
    return _leaf(tree, person, days, facts)


def _day(tree: Any, days: Days) -> date:
    word = tree.get("on", "today")
    return days[word] if word in days else date.fromisoformat(word)


def _any(parts: list[bool | None]) -> bool | None:
    return True if True in parts else None if None in parts else False


def _family(tree: Any, person: dict[str, Any], days: Days) -> bool | None:
    family = [{"birth_date": born, "household_region": home} for born, home in person.get("dependants", ())]
    inner = tree["any_dependant" if "any_dependant" in tree else "count_dependants"]
    parts = [evaluate(inner, one, days, DEPENDANT_FACTS) for one in family]
    if "any_dependant" in tree:
        return _any(parts)
    op = next(key for key in tree if key in COMPARE)
    possible = range(parts.count(True), parts.count(True) + parts.count(None) + 1)
    answers = {bool(COMPARE[op](count, tree[op])) for count in possible}
    return answers.pop() if len(answers) == 1 else None


def _receives(tree: Any, held: Any) -> bool | None:
    if held is None:
        return None
    if "excludes" in tree:
        return not set(tree["excludes"]) & set(held)
    return set(tree["requires"]) <= set(held)


def _paper(tree: Any, person: dict[str, Any], on: date) -> bool | None:
    rows = [row[1:] for row in person.get("qualifications", ()) if row[0] == tree["qualification"]]
    if not _covered(rows, on):
        surely = bool(rows) or bool(person.get("qualifications_listed_on"))
        return False if surely or person.get("kind") not in (*MARKET, None) else None
    if "lapses_within" in tree:
        return not all(_covered(rows, on + n * _DAY) for n in range(1, tree["lapses_within"] + 2))
    return _held_for(rows, on, tree["held_months"]) if "held_months" in tree else True


def _covered(rows: Any, on: date) -> bool:
    return any((start or date.min) <= on <= (end or date.max) for start, end in rows)


def _held_for(rows: Any, on: date, months: int) -> bool | None:
    dated, undated = [row for row in rows if row[0]], [row for row in rows if not row[0]]
    first = on + _DAY  # back day by day, as long as a row with a known start covers the day before
    while _covered(dated, first - _DAY):
        first -= _DAY
    if months_from(first, on) >= months:
        return True
    return None if any((end or date.max) >= first - _DAY for _, end in undated) else False


def _figures(tree: Any, person: dict[str, Any], on: date, facts: Any) -> bool | None:
    measures = [tree["measure"]] if "measure" in tree else [tree["by"], tree["of"]]
    kinds = [facts[name].subjects for one in measures for name in asked_of(one)]
    if person.get("kind") and not all(person["kind"] in kind for kind in kinds):
        return False
    if "measure" in tree:
        return _against(tree, measured(tree["measure"], person, on))
    by, of = (measured(one, person, on) for one in measures)
    if by is None:
        answers = {_against(row, of) for row in tree["tiers"]}
        return answers.pop() if len(answers) == 1 else None
    for row in tree["tiers"]:
        if by <= row.get("up_to", by) and ("below" not in row or by < row["below"]):
            return _against(row, of)
    raise AssertionError("the last row is for all else")


def _against(row: Any, value: Any) -> bool | None:
    op = next(key for key in row if key in COMPARE)
    return None if value is None else bool(COMPARE[op](value, row[op]))


def _leaf(tree: Any, person: dict[str, Any], days: Days, facts: Any) -> bool | None:
    name = tree["fact"]
    op = next(key for key in tree if key not in ("fact", "on", "clause", "year"))
    if person.get("kind") and person["kind"] not in facts[name].subjects:
        # Not-equal on a tree of codes is a "not": it holds where the fact cannot be.
        return bool(op == "ne" and facts[name].tree)
    if op == "has":
        words = person.get(name, () if name == "interests" else None)
        return None if words is None else tree["has"] in words
    on = _day(tree, days)
    held = person.get(f"{name}@{_year(tree['year'], on)}") if "year" in tree else _held(name, person, on)
    if held is None:
        return None
    if facts[name].ordered and op in ("lt", "le", "gt", "ge"):
        levels = facts[name].levels
        return bool(COMPARE[op](levels.index(held), levels.index(tree[op])))
    return _compare(op, held, tree[op], {**days, "today": on}, facts[name].tree)


def _year(year: int, on: date) -> int:
    return year if year > 0 else on.year + year


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
        return age_of(name, person.get("birth_date"), on)
    if name == "rd_ratio":
        spend, revenue = person.get("rd_spend"), person.get("revenue")
        return None if spend is None or revenue is None or revenue <= 0 else spend * 100.0 / revenue
    return person.get(name)


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
