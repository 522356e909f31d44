"""Computed quantities, their comparisons and tables of tiers, read from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiles.criteria.leaf_parsing import checked_year, chosen_op, known_fact
from profiles.criteria.places import check_date, join
from profiles.criteria.quantities import Combined, Elapsed, Held, LastYears, Measure, Quotient, Weighted
from profiles.criteria.shapes import COMBINED, ELAPSED, EQUALS, ORDERS, QUOTIENTS
from profiles.criteria.trees import CriteriaError, Measured, Tier, Tiers
from profiles.facts import Fact

Facts = Mapping[str, Fact]
_COMPARISONS = (*EQUALS, *ORDERS)
_EDGES = ("up_to", "below")


def read_measured(tree: Any, place: str, facts: Facts) -> Measured:
    """A quantity against a number."""
    op = chosen_op(tree, place, _COMPARISONS)
    measure = read_measure(tree["measure"], join(place, "measure"), facts)
    check_date(tree.get("on", ""), join(place, "on"))
    return Measured(measure, op, float(tree[op]), place, tree.get("clause", ""), tree.get("on", ""))


def read_tiers(tree: Any, place: str, facts: Facts) -> Tiers:
    """A table of tiers: every row but the last with one bound."""
    check_date(tree.get("on", ""), join(place, "on"))
    rows = [_tier(row, join(place, f"tiers[{i}]")) for i, row in enumerate(tree["tiers"])]
    for i, row in enumerate(rows[:-1]):
        if not row.edge:
            raise CriteriaError("tier_bound", join(place, f"tiers[{i}]"), "Only the last row may be without a bound.")
    if rows[-1].edge:
        raise CriteriaError(
            "no_last_tier", join(place, "tiers"), "The last row must have no bound: it is for all else."
        )
    by, of = (read_measure(tree[key], join(place, key), facts) for key in ("by", "of"))
    return Tiers(tuple(rows), by, of, place, tree.get("clause", ""), tree.get("on", ""))


def _tier(row: Any, place: str) -> Tier:
    edges = [edge for edge in _EDGES if edge in row]
    if len(edges) > 1:
        raise CriteriaError("tier_bound", place, "A row has one bound: up_to or below.")
    op = chosen_op(row, place, _COMPARISONS)
    return Tier(edges[0] if edges else "", float(row[edges[0]]) if edges else 0.0, op, float(row[op]))


def read_measure(tree: Any, place: str, facts: Facts) -> Measure:
    """The quantity a JSON value says. Raises CriteriaError: unknown_fact, not_a_number, not_a_date, not_yearly."""
    for how in COMBINED:
        if how in tree:
            return Combined(how, _parts(tree[how], join(place, how), facts))
    for how in QUOTIENTS:
        if how in tree:
            over, under = _parts(tree[how], join(place, how), facts)
            return Quotient(over, under, how == "percent")
    if "weighted" in tree:
        return _weighted(tree["weighted"], join(place, "weighted"), facts)
    if "years" in tree:
        return _years(tree, place, facts)
    for how in ELAPSED:
        if how in tree:
            return _elapsed(how, tree[how], join(place, how), facts)
    fact = known_fact(tree["fact"], join(place, "fact"), facts)
    if fact.kind != "number":
        raise CriteriaError("not_a_number", join(place, "fact"), f"{fact.name} is no number: it cannot be measured.")
    return Held(fact.name, checked_year(tree, place, fact))


def _parts(trees: Any, place: str, facts: Facts) -> tuple[Measure, ...]:
    return tuple(read_measure(tree, f"{place}[{i}]", facts) for i, tree in enumerate(trees))


def _weighted(rows: Any, place: str, facts: Facts) -> Weighted:
    parts = [
        (read_measure(row["of"], join(f"{place}[{i}]", "of"), facts), float(row["times"])) for i, row in enumerate(rows)
    ]
    return Weighted(tuple(parts))


def _years(tree: Any, place: str, facts: Facts) -> LastYears:
    fact, years, take = known_fact(tree["of"], join(place, "of"), facts), int(tree["years"]), tree["take"]
    if not fact.yearly:
        raise CriteriaError("not_yearly", join(place, "of"), f"{fact.name} is not held by year.")
    if take == "growth" and years < 2:
        raise CriteriaError("bad_value", join(place, "years"), "Growth needs at least two years.")
    return LastYears(years, fact.name, take)


def _elapsed(how: str, name: str, place: str, facts: Facts) -> Elapsed:
    fact = known_fact(name, place, facts)
    if fact.kind != "date":
        raise CriteriaError("not_a_date", place, f"{fact.name} is no date: no time passes since it.")
    unit, _, direction = how.partition("_")
    return Elapsed(unit, fact.name, direction == "until")
