"""How the facts of the city's firms fall out: trade, figures of three years, registration and certificates."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from benchmarks.city_draws import DRAWS, Draw, codes_by, encoded_like, of_days, of_flag, of_numbers, of_words
from benchmarks.city_people import OBJECTIVES, ON
from profiles.columns import Column
from profiles.facts import LEGAL_FORMS, SIZES
from profiles.ragged import Rows, offsets_of
from profiles.snapshot.encoding import Codes, Encoded, Levels, smallest_codes
from profiles.snapshot.segments import Belonging
from profiles.standards import industries, qualifications, sizes

YEARS = (2023, 2024, 2025)
_TRADES = tuple(sorted(code for code in industries.table() if len(code) == 5))
_MOST = 30_000  # people in one firm, and half of that on research
_PEOPLE = Levels("number", np.arange(_MOST + 1, dtype=np.float64))
_SIZES = Levels("code", words=SIZES)
_MISSING = {"employees": 0.15, "revenue": 0.25, "assets": 0.30, "rd_spend": 0.40, "rd_staff": 0.40}
_CAPITALS = np.unique(np.round(np.geomspace(1, 500_000, 3_000)))
_CERTIFIED = codes_by([0.72, 0.15, 0.08, 0.05], 0.0).astype(np.int64) - 1  # none, one, two or three


def _trade_weights() -> NDArray[np.float64]:
    """Few trades have most of the firms."""
    return np.asarray(1 / (1 + np.random.default_rng(4).permutation(len(_TRADES))) ** 0.8)


FIRMS = {
    "industry": of_words(_TRADES, _trade_weights(), 0.10),
    "founded_on": of_days(date(1985, 1, 1), ON, 0.10, weigh=lambda places: 0.1 + places**2),
    "legal_status": of_words(("active", "cancelled"), [0.93, 0.07], 0.12),
    "legal_form": of_words(LEGAL_FORMS, [0.62, 0.1, 0.05, 0.06, 0.02, 0.02, 0.06, 0.03, 0.02, 0.02], 0.20),
    "registered_capital": of_numbers(_CAPITALS, np.ones(len(_CAPITALS)), 0.18),
    "premiums_paid": of_flag(0.92, 0.35),
    "is_branch": of_flag(0.06, 0.20),
    "layoff_rate": of_numbers(np.arange(0, 40.5, 0.5), np.exp(-np.arange(81) / 8), 0.40),
    "patent_invention": of_numbers(np.arange(60.0), np.exp(-np.arange(60) / 3), 0.40),
    "patent_utility": of_numbers(np.arange(200.0), np.exp(-np.arange(200) / 6), 0.40),
    "software_copyright": of_numbers(np.arange(120.0), np.exp(-np.arange(120) / 4), 0.40),
}
_KEYS = tuple(sorted({one.key for one in qualifications.table()}))
PAPERS = {
    "key": of_words(_KEYS, 1 / np.arange(1, len(_KEYS) + 1), 0.0),
    "valid_from": of_days(date(2019, 1, 1), ON, 0.05),
    "valid_until": of_days(date(2024, 1, 1), date(2031, 12, 31), 0.10),
}


def firm_columns(draw: Draw, n: int) -> dict[str, Encoded]:
    """The columns of n firms, size class and R&D share with them."""
    columns = {name: drawn.encoded(draw, n) for name, drawn in FIRMS.items()}
    revenue = np.exp(draw.standard_normal(n) * 1.9 + 6.0)
    for year in (None, *YEARS):
        figures = _figures(draw, revenue if year is None else revenue * 0.9 ** (YEARS[-1] + 1 - year))
        columns |= {name if year is None else f"{name}@{year}": held for name, held in figures.items()}
    return columns | _derived(columns)


def papers(draw: Draw, n: int) -> Belonging:
    """The certificates of n firms."""
    offsets = offsets_of(_CERTIFIED[draw.integers(0, DRAWS, n, dtype=np.uint16)])
    columns = {name: drawn.encoded(draw, int(offsets[-1])) for name, drawn in PAPERS.items()}
    return Belonging(offsets.astype(np.uint32), columns)


def objectives(draw: Draw, n: int) -> Encoded:
    """What n firms aim at."""
    return OBJECTIVES.encoded(draw, n)


def _figures(draw: Draw, revenue: NDArray[np.float64]) -> dict[str, Encoded]:
    """One year's figures; money in ten thousand yuan with two decimals, which no 32-bit number holds."""
    n = len(revenue)

    def noise(spread: float) -> NDArray[np.float64]:
        return np.asarray(np.exp(draw.standard_normal(n) * spread))

    people = np.clip(np.round(revenue / 60 * noise(0.6)), 0, _MOST)
    counts = {"employees": people, "rd_staff": np.round(people * np.minimum(0.12 * noise(0.8), 1))}
    money = {"revenue": revenue * noise(0.2), "assets": revenue * noise(0.7), "rd_spend": revenue * 0.04 * noise(0.9)}
    found = {name: _counted(draw, values.astype(np.int64), _MISSING[name]) for name, values in counts.items()}
    return found | {name: _raw(draw, np.round(values, 2), _MISSING[name]) for name, values in money.items()}


def _counted(draw: Draw, values: Rows, missing: float) -> Encoded:
    codes: Codes = smallest_codes(values + 1, _MOST + 1)
    codes[draw.random(len(codes), dtype=np.float32) < missing] = 0
    return Encoded(codes, _PEOPLE)


def _raw(draw: Draw, values: NDArray[np.float64], missing: float) -> Encoded:
    values[draw.random(len(values), dtype=np.float32) < missing] = np.nan
    return Encoded(values, None)


def _derived(columns: dict[str, Encoded]) -> dict[str, Encoded]:
    employees, revenue, assets, spend = (columns[name].column().values for name in (*sizes.INDICATORS, "rd_spend"))
    size: Column = sizes.size_classes(columns["industry"].column(), employees, revenue, assets)
    share = np.full(len(revenue), np.nan)
    np.divide(spend * 100.0, revenue, out=share, where=np.isfinite(spend) & (revenue > 0))
    return {"size": encoded_like(size, _SIZES), "rd_ratio": Encoded(share, None)}
