"""How the facts of the city's residents fall out: shares and spreads are invented, but of the usual sizes."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from benchmarks.city_draws import Draw, Weights, by_class, codes_by, of_days, of_flag, of_numbers, of_sets, of_words
from profiles.columns import day
from profiles.facts import FACTS, SCHOOL_LEVELS
from profiles.snapshot.encoding import Encoded, Levels
from profiles.standards import regions

ON = date(2026, 6, 1)
DISTRICTS = tuple(f"9901{number:02d}" for number in range(1, 14))
ZONE = "990171"
_TAGS = ("租房", "社保", "托育", "养老", "就业", "创业", "人才", "补贴", "公积金", "医保", "研发", "融资")
_OBJECTIVES = ("扩产", "上市", "出海", "数字化", "节能")
_BENEFITS = ("稳岗补贴", "租房补贴", "生育津贴", "研发补助", "创业补贴", "技能提升补贴")


def _places() -> tuple[tuple[str, ...], Weights]:
    """The city's districts, streets of a neighbouring province, and counties elsewhere, with their weights."""
    table = regions.table()
    current = sorted(code for code, one in table.items() if not one.successors and code[:2] != "99")
    streets = [code for code in current if len(code) == 9][:600]
    counties = [code for code in current if len(code) == 6 and table[code].level == "county"]
    weights = [*np.linspace(1.4, 0.6, 13) / 13 * 0.88, 0.02, *[0.06 / len(streets)] * len(streets)]
    return (*DISTRICTS, "990100", *streets, *counties), np.array([*weights, *[0.04 / len(counties)] * len(counties)])


def _births(places: Weights) -> Weights:
    """More of the middle years than of the youngest, and ever fewer of the old."""
    ages = (1 - places) * 95
    return np.asarray(
        np.where(ages < 60, 0.8 + 0.4 * np.sin(ages / 60 * np.pi), np.exp(-(((ages - 60) / 16) ** 2)) * 0.8)
    )


_PLACES, _WEIGHTS = _places()
_HOME = np.concatenate((np.full(13, 0.7 / 13), [0.0], np.full(len(_PLACES) - 14, 0.3 / (len(_PLACES) - 14))))
_MONTHS = np.arange(481, dtype=np.float64)
_WORK = ("employed", "unemployed", "student", "retired")

OF_ALL = {
    "region": of_words(_PLACES, _WEIGHTS, 0.10),
    "dishonest": of_flag(0.02, 0.30),
    "moved_in_on": of_days(date(2001, 1, 1), ON, 0.88),
    "functional_zone": of_words((ZONE,), [1.0], 0.93),
}
PEOPLE = {
    "birth_date": of_days(date(1931, 1, 1), ON, 0.12, weigh=_births),
    "sex": of_words(("female", "male"), [0.49, 0.51], 0.10),
    "household_region": of_words(_PLACES, _HOME, 0.25),
    "household_size": of_numbers(np.arange(1.0, 9.0), [0.15, 0.28, 0.27, 0.16, 0.08, 0.04, 0.01, 0.01], 0.20),
    "school_level": of_words(SCHOOL_LEVELS, [0.05, 0.15, 0.25, 0.2, 0.16, 0.15, 0.03, 0.01], 0.25),
    "tenure": of_words(FACTS["tenure"].levels, [0.62, 0.30, 0.08], 0.30),
    "resident_since": of_days(date(1971, 1, 1), ON, 0.35, weigh=lambda places: 0.2 + places),
    "talent_class": of_words(tuple("ABCDEF"), [0.01, 0.03, 0.08, 0.18, 0.3, 0.4], 0.94),
}
# By class of age: unknown, under 16, 16–22, 23–59, 60 and more.
AGE_CLASS = np.zeros(len(PEOPLE["birth_date"].levels) + 1, dtype=np.uint8)
_DAYS = PEOPLE["birth_date"].levels.numbers
assert _DAYS is not None
AGE_CLASS[1:] = 4 - np.searchsorted([day(date(ON.year - age, 6, 1)) for age in (60, 23, 16)], _DAYS, side="right")
_JOBS = ([0.62, 0.05, 0.13, 0.20], [0, 0, 1.0, 0], [0.2, 0.05, 0.75, 0], [0.9, 0.07, 0.01, 0.02], [0.08, 0, 0, 0.92])
PEOPLE_BY_AGE = {
    "employment": by_class(Levels("code", words=_WORK), [codes_by(shares, 0.15) for shares in _JOBS]),
    "insurance_months": by_class(
        Levels("number", _MONTHS),
        [
            codes_by(np.exp(-_MONTHS / scale) + (_MONTHS == 0) * zero, 0.18)
            for scale, zero in ((120, 20), (0.1, 1), (12, 10), (140, 8), (250, 20))
        ],
    ),
    "owns_home": by_class(
        Levels("flag", np.array([0, 1], dtype=np.int8)),
        [codes_by([1 - yes, yes], 0.22) for yes in (0.45, 0.01, 0.03, 0.55, 0.70)],
    ),
}
OF_FAMILY = {
    "birth_date": of_days(date(2006, 6, 1), ON, 0.08),
    "household_region": of_words(_PLACES, _HOME, 0.30),
}
SETS = {
    "interests": of_sets(_TAGS, 0.40, kinds=600, seed=1),
    "benefits": of_sets(_BENEFITS, 0.80, kinds=50, seed=2),
}
OBJECTIVES = of_sets(_OBJECTIVES, 0.60, kinds=30, seed=3)


def income(draw: Draw, n: int) -> Encoded:
    """Yearly household income in yuan, to ten yuan: more distinct values than 16 bits tell apart, so as they are."""
    values = np.exp(draw.standard_normal(n, dtype=np.float32) * np.float32(0.75) + np.float32(11.6))
    rounded: NDArray[np.float32] = np.round(values, -1)
    rounded[draw.random(n, dtype=np.float32) < 0.30] = np.nan
    return Encoded(rounded, None)
