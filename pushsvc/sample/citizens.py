"""The citizens' true facts. What the register lacks is hidden later, so that behaviour can follow the truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from profiles.columns import Column, Nested
from profiles.facts import FACTS
from pushsvc.sample.draw import Floats, Ints, Mask, codes, days_before, flags, flip, numbers, pick
from pushsvc.sample.places import DISTRICTS, ELSEWHERE, SPLIT, WEIGHTS

YEAR = 365.25
OVER_60, NEWBORNS, MINORS = 0.22, 30 / 12000, 40 / 12000
TALENT_SHARES = (1, 3, 7, 17, 27, 45)  # classes A to F
_HOMES = (*DISTRICTS, *ELSEWHERE)
_PLACES = (*DISTRICTS, SPLIT)


@dataclass(frozen=True)
class Citizens:
    """n citizens: `ages` in years; minors come last, `guardians` holds their guardians' rows."""

    columns: dict[str, Column]
    dependants: Nested
    ages: Floats
    guardians: Ints
    sensitive: dict[str, Mask]


def draw_citizens(rng: np.random.Generator, n: int, on: date) -> Citizens:
    """n citizens as they are on `on`."""
    minors = max(1, round(n * MINORS)) if n > 20 else 0
    ages = _ages(rng, n, minors)
    district = pick(rng, WEIGHTS, n)
    work = _work(rng, ages)
    home = np.where(flip(rng, 0.7, n), district, rng.integers(0, len(_HOMES), n))
    columns = {
        "region": codes(np.where(flip(rng, 0.01, n), len(DISTRICTS), district), _PLACES),
        "birth_date": days_before(on, ages * YEAR),
        "sex": codes(rng.integers(0, 2, n), FACTS["sex"].levels),
        "household_region": codes(home, _HOMES),
        "employment": codes(work, FACTS["employment"].levels),
        "insurance_months": numbers(_insurance(rng, ages, work)),
        "owns_home": flags(_owners(rng, ages)),
        "talent_class": codes(pick(rng, TALENT_SHARES, n), tuple("ABCDEF"), _talents(rng, ages, work)),
    }
    adult = np.flatnonzero((ages > 28) & (ages < 55))
    guardians = rng.choice(adult, minors) if minors else np.zeros(0, dtype=np.int64)
    return Citizens(columns, _families(rng, ages, home, on), ages, guardians, _sensitive(rng, ages))


def _ages(rng: np.random.Generator, n: int, minors: int) -> Floats:
    """float64[n]: 22 % over 60, thinning out towards 98; the last `minors` between 6 and 17."""
    elders = round(n * OVER_60)
    adults = 18.5 + 40.5 * rng.beta(1.3, 1.5, n - elders - minors)
    old = np.minimum(60.6 + rng.exponential(9.5, elders), 98.0)
    grown = rng.permutation(np.concatenate((adults, old)))
    return np.concatenate((grown, rng.uniform(6, 17, minors)))


def _work(rng: np.random.Generator, ages: Floats) -> Ints:
    """int64[n]: employed, unemployed, student, retired."""
    adult = pick(rng, (88, 9, 3, 0), len(ages))
    young = pick(rng, (34, 8, 58, 0), len(ages))
    old = pick(rng, (10, 1, 0, 89), len(ages))
    work = np.where(ages < 23, young, np.where(ages >= 60, old, adult))
    return np.where(ages < 18, 2, work)


def _insurance(rng: np.random.Generator, ages: Floats, work: Ints) -> Floats:
    """Months paid: short for students, decades for the retired."""
    span = np.clip((ages - 22) * 12, 1, 420)
    months = span * rng.beta(1.6, 1.6, len(ages))
    months = np.where(work == 2, rng.integers(0, 4, len(ages)), months)
    return np.floor(np.where(work == 3, np.maximum(months, 180), months))


def _owners(rng: np.random.Generator, ages: Floats) -> Mask:
    chance = np.clip(0.12 + (ages - 24) * 0.026, 0.08, 0.9)
    return flip(rng, np.where(ages < 18, 0.0, chance), len(ages))


def _talents(rng: np.random.Generator, ages: Floats, work: Ints) -> Mask:
    prime = (ages > 22) & (ages < 48) & (work == 0)
    return flip(rng, np.where(prime, 0.62, np.where((ages >= 48) & (ages < 60), 0.09, 0.01)), len(ages))


def _sensitive(rng: np.random.Generator, ages: Floats) -> dict[str, Mask]:
    return {
        "hardship": flip(rng, np.where(ages >= 60, 0.07, 0.02), len(ages)),
        "disability": flip(rng, 0.015, len(ages)),
    }


def _families(rng: np.random.Generator, ages: Floats, home: Ints, on: date) -> Nested:
    """Children of people between 23 and 48; a fixed share of them is younger than 60 days."""
    n = len(ages)
    children = np.where(flip(rng, 0.36, n), rng.integers(1, 3, n), 0)
    children = np.where((ages > 23) & (ages < 48), children, 0)
    offsets = np.concatenate(([0], np.cumsum(children))).astype(np.int64)
    parents = np.repeat(np.arange(n), children)
    oldest = np.clip((ages[parents] - 22) * YEAR, 200, 17 * YEAR)
    days = 61 + rng.random(len(parents)) * (oldest - 61)
    newborn = rng.choice(len(parents), min(len(parents), round(n * NEWBORNS)), replace=False)
    days[newborn] = rng.integers(3, 59, len(newborn))
    columns = {"birth_date": days_before(on, days), "household_region": codes(home[parents], _HOMES)}
    return Nested(offsets, columns)
