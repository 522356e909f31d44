"""How far a slider of a fact goes, and in which steps: from nothing to more than most profiles have."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from profiles.facts import Fact


@dataclass(frozen=True)
class Scale:
    """From `low` to `high` in steps of `step`."""

    low: float
    high: float
    step: float

    def holding(self, value: float) -> Scale:
        """The scale stretched, and its step made finer, so that the value is on it."""
        low, high = min(self.low, _round_out(value)), max(self.high, _round_out(value))
        step = self.step
        while step > 0.01 and not _on(value - low, step):
            step = round(step / 10, 2) if step >= 0.1 else 0.01
        return Scale(low, high, step)


NO_SCALE = Scale(0, 0, 1)
_PERCENT = Scale(0, 100, 1)
_OF_FACT = {
    "age": Scale(0, 100, 1),
    "age_months": Scale(0, 216, 1),
    "age_days": Scale(0, 365, 1),
    "insurance_months": Scale(0, 360, 1),
    "employees": Scale(0, 1000, 1),
    "rd_staff": Scale(0, 500, 1),
    "revenue": Scale(0, 40_000, 10),
    "assets": Scale(0, 40_000, 10),
    "rd_spend": Scale(0, 5_000, 10),
    "contract_amount": Scale(0, 5_000, 10),
    "registered_capital": Scale(0, 10_000, 10),
    "household_income": Scale(0, 300_000, 1_000),
    "household_size": Scale(1, 10, 1),
    "household_parts": Scale(0, 10, 1),
    "layoff_rate": _PERCENT,
    "rd_ratio": Scale(0, 30, 1),
    "rd_ratio_3y": Scale(0, 30, 1),
    "years_since_founded": Scale(0, 30, 1),
}
_OF_UNIT = {
    "%": _PERCENT,
    "years": Scale(0, 30, 1),
    "months": Scale(0, 120, 1),
    "days": Scale(0, 365, 1),
    "people": Scale(0, 1000, 1),
    "yuan": Scale(0, 300_000, 1_000),
    "0,000 yuan": Scale(0, 40_000, 10),
    "points": _PERCENT,
}


def scale_of(fact: Fact) -> Scale:
    """A fact's scale."""
    return _OF_FACT.get(fact.name) or scale_of_unit((fact.unit_zh, fact.unit_en))


def scale_of_unit(unit: tuple[str, str]) -> Scale:
    """The scale of a computed quantity, by its unit."""
    return _OF_UNIT.get(unit[1], _PERCENT)


def _on(value: float, step: float) -> bool:
    return abs(value / step - round(value / step)) < 1e-9


def _round_out(value: float) -> float:
    """The value away from zero to one leading digit: 730 -> 800."""
    if not value:
        return 0.0
    unit = 10.0 ** floor(log10(abs(value)))
    return unit * (ceil(value / unit) if value > 0 else floor(value / unit))
