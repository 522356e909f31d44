"""What we hold of one profile where a leaf asks. Of a sensitive fact only that something is held: words may travel."""

from __future__ import annotations

import math

from profiles.columns import Column, Frame, day
from profiles.criteria.leaves import Days, applies, facts_of
from profiles.criteria.measure_words import fact_named, measure_unit
from profiles.criteria.measures import measure_values
from profiles.criteria.pairs import Pair, figure, iso, joined
from profiles.criteria.papers import holding, is_open
from profiles.criteria.phrases import code_words, flag_words
from profiles.criteria.quantities import Measure, measured_facts
from profiles.criteria.trees import During, HasQualification, Leaf, LeafNode, Measured, Receives, Tiers
from profiles.derived import fact_column
from profiles.facts import FACTS, Fact
from profiles.yearly import year_name

_NOTHING = ("未登记", "nothing on file")
_PRIVATE = ("已登记", "an entry on file")
_NONE = ("无", "none")
_NOT_ASKED = ("不适用", "not applicable")


def held_words(leaf: LeafNode, frame: Frame, days: Days) -> Pair:
    """What is held for the one profile of the frame."""
    match leaf:
        case Receives():
            return _list(frame, "benefits")
        case During():
            today = iso(day(days.named(leaf.on)))
            return today, today
        case HasQualification():
            return _paper(leaf, frame, days)
        case _:
            return _of_facts(leaf, frame, days) if applies(facts_of(leaf), frame)[0] else _NOT_ASKED


def held(column: Column, row: int, fact: Fact) -> Pair:
    """One value of a column."""
    value = column.values[row]
    if not column.known()[row]:
        return _NOTHING
    if fact.sensitive:
        return _PRIVATE
    if column.kind == "number":
        return figure(float(value), (fact.unit_zh, fact.unit_en))
    if column.kind == "date":
        return iso(value), iso(value)
    if column.kind == "flag":
        return flag_words(fact, bool(value))
    return code_words(fact, column.levels[value])


def _of_facts(leaf: Leaf | Measured | Tiers, frame: Frame, days: Days) -> Pair:
    on = days.named(leaf.on)
    if isinstance(leaf, Measured):
        return _figure(leaf.measure, frame, days, leaf.on)
    if isinstance(leaf, Tiers):
        parts = [_figure(measure, frame, days, leaf.on) for measure in (leaf.by, leaf.of)]
        return joined(parts, (",", ", "))
    if leaf.op == "has":
        return _list(frame, leaf.fact)
    column = frame.column(year_name(leaf.fact, leaf.year, on)) if leaf.year else fact_column(frame, leaf.fact, on)
    return held(column, 0, fact_named(leaf.fact))


def _figure(measure: Measure, frame: Frame, days: Days, on: str) -> Pair:
    value = float(measure_values(measure, frame, days.named(on))[0])
    if math.isnan(value):
        return _NOTHING
    sensitive = any(FACTS[name].sensitive for name in measured_facts(measure) if name in FACTS)
    return _PRIVATE if sensitive else figure(value, measure_unit(measure))


def _list(frame: Frame, name: str) -> Pair:
    sets = frame.tags if name == "interests" else frame.listing(name).sets
    if name != "interests" and not frame.listing(name).told[0]:
        return _NOTHING
    words = sets.words(0)
    return ("、".join(words), ", ".join(words)) if words else _NONE


def _paper(leaf: HasQualification, frame: Frame, days: Days) -> Pair:
    on = days.named(leaf.on)
    held_now, end = holding(frame, leaf.key, on)
    if held_now[0]:
        last = int(end[0])
        return ("持有", "held") if is_open(last) else (f"持有至{iso(last)}", f"held until {iso(last)}")
    rows = frame.certificates().columns["key"]
    recorded = any(rows.levels[code] == leaf.key for code in rows.values if code >= 0)
    listed = frame.column("qualifications_listed_on").known()[0]
    return ("未持有", "not held") if recorded or listed else _NOTHING
