"""Computed quantities over columns, as of a day: float64[n], NaN where a part is unknown; and which part that is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce

import numpy as np

from profiles.columns import Frame
from profiles.criteria.quantities import Combined, Elapsed, Held, LastYears, Measure, Quotient, Weighted
from profiles.criteria.trees import Tiers
from profiles.criteria.truths import NO, UNKNOWN, YES, Truth, compared, truth_of
from profiles.derived import DATED, PARTS, dated_values, fact_column, lacking, signed_days, signed_months
from profiles.ragged import Mask
from profiles.yearly import Numbers, lacking_years, last_years, over_years, year_name

_COMBINE = {"sum": np.add, "max": np.maximum, "min": np.minimum, "mean": np.add}  # each hands NaN on


def measure_values(measure: Measure, frame: Frame, on: date) -> Numbers:
    """float64[n]: the quantity of each profile as of the day; NaN where unknown."""
    match measure:
        case Held():
            return _held(measure, frame, on)
        case LastYears():
            return over_years(frame, measure.fact, measure.years, take=measure.take, on=on)
        case Elapsed():
            return _elapsed(measure, frame, on)
        case Combined():
            total = reduce(_COMBINE[measure.how], (measure_values(part, frame, on) for part in measure.parts))
            return np.asarray(total / len(measure.parts) if measure.how == "mean" else total)
        case Weighted():
            parts = (measure_values(part, frame, on) * times for part, times in measure.parts)
            return np.asarray(reduce(np.add, parts))
        case Quotient():
            return _quotient(measure, frame, on)


def over_days(measure: Elapsed | Held, frame: Frame, days: Sequence[date]) -> Numbers:
    """float64[k, n]: a duration, or a fact of DATED, on each of k days."""
    if isinstance(measure, Held):
        return dated_values(frame, measure.fact, days)
    column = frame.column(measure.fact)
    if measure.unit == "days":
        return signed_days(column, days) * (-1.0 if measure.until else 1.0)
    months = signed_months(column, days)
    return np.floor(months / 12) if measure.unit == "years" else months


def grain(measure: Measure) -> str:
    """How the quantity depends on the day it is asked for: not at all (""), by its "year", or by the "day"."""
    match measure:
        case Elapsed():
            return "day"
        case Held():
            by_year = measure.year < 0 or measure.fact == "rd_ratio_3y"
            return "day" if measure.fact in DATED and not measure.year else "year" if by_year else ""
        case LastYears():
            return "year"
        case _:
            grains = {grain(part) for part in parts_of(measure)}
            return next((one for one in ("day", "year") if one in grains), "")


def measure_lacking(measure: Measure, frame: Frame, on: date) -> dict[str, Mask]:
    """bool[n] by stored fact (a yearly one as `revenue@2025`): what is missing where the quantity is unknown for it."""
    match measure:
        case Held():
            if not measure.year:
                return lacking(frame, measure.fact, on)
            return {year_name(measure.fact, measure.year, on): np.isnan(_held(measure, frame, on))}
        case LastYears():
            return lacking_years(frame, measure.fact, measure.years, on)
        case Elapsed():
            return {measure.fact: ~frame.column(measure.fact).known()}
        case _:
            return _merged([measure_lacking(part, frame, on) for part in parts_of(measure)])


def last_part(measure: Measure, on: date) -> str:
    """The stored fact to confirm where all parts are held and still tell nothing: a base of zero, say."""
    match measure:
        case Held():
            if measure.year:
                return year_name(measure.fact, measure.year, on)
            return PARTS.get(measure.fact, (measure.fact,))[-1]
        case LastYears():
            return year_name(measure.fact, last_years(measure.years, on)[-1], on)
        case Elapsed():
            return measure.fact
        case _:
            return last_part(parts_of(measure)[-1], on)


def parts_of(measure: Measure) -> tuple[Measure, ...]:
    """The quantities a quantity is put together from; none for one read from a fact."""
    match measure:
        case Combined():
            return measure.parts
        case Weighted():
            return tuple(part for part, _ in measure.parts)
        case Quotient():
            return measure.over, measure.under
        case _:
            return ()


def tiers_truth(node: Tiers, frame: Frame, on: date) -> Truth:
    """uint8[n]: the first row whose bound holds decides; where no row can be picked, what all of them say."""
    by, of = measure_values(node.by, frame, on), measure_values(node.of, frame, on)
    known = ~np.isnan(of)
    rows = [truth_of(compared(row.op, of, row.value), known) for row in node.rows]
    low, high = reduce(np.minimum, rows), reduce(np.maximum, rows)
    result = np.where(low == high, low, UNKNOWN)  # for those whose row is unknown
    open_ = ~np.isnan(by)
    for row, truth in zip(node.rows, rows, strict=True):
        inside = open_ & tier_holds(row.edge, row.bound, by)
        result = np.where(inside, truth, result)
        open_ = open_ & ~inside
    return np.asarray(result, dtype=np.uint8)


def tier_holds(edge: str, bound: float, by: Numbers) -> Mask:
    """bool[n]: whether a row's bound holds; "up_to" takes the bound itself, "below" does not."""
    if not edge:
        return np.ones(len(by), dtype=np.bool_)
    return compared("le" if edge == "up_to" else "lt", by, bound)


def count_truth(sure: Numbers, possible: Numbers, op: str, value: float | Numbers) -> Truth:
    """uint8[n]: between `sure` and `possible` people; yes where every count in between says yes, no where none does."""
    if op in ("eq", "ne"):
        inside = (sure <= value) & (value <= possible) & (value == np.floor(value))
        state = np.where(inside, np.where(sure == possible, YES, UNKNOWN), NO)
        return np.asarray(YES - state if op == "ne" else state, dtype=np.uint8)
    ends = compared(op, sure, value), compared(op, possible, value)
    return np.where(ends[0] & ends[1], YES, np.where(ends[0] | ends[1], UNKNOWN, NO)).astype(np.uint8)


def _held(measure: Held, frame: Frame, on: date) -> Numbers:
    if measure.year:
        return np.asarray(frame.column(year_name(measure.fact, measure.year, on)).values, dtype=np.float64)
    return np.asarray(fact_column(frame, measure.fact, on).values, dtype=np.float64)


def _elapsed(measure: Elapsed, frame: Frame, on: date) -> Numbers:
    return np.asarray(over_days(measure, frame, [on])[0])


def _quotient(measure: Quotient, frame: Frame, on: date) -> Numbers:
    over, under = (measure_values(part, frame, on) for part in (measure.over, measure.under))
    result = np.full(len(frame), np.nan)
    np.divide(over * (100.0 if measure.percent else 1.0), under, out=result, where=under > 0)
    return result


def _merged(masks: list[dict[str, Mask]]) -> dict[str, Mask]:
    result: dict[str, Mask] = {}
    for part in masks:
        for fact, mask in part.items():
            result[fact] = result[fact] | mask if fact in result else mask
    return result
