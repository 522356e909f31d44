"""What only firms have beyond the basics: certificates, figures of earlier years, rights and staff of research."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from profiles.building import certificates_of
from profiles.columns import EPOCH, MISSING_DATE, Certificate, Column, Nested, day
from profiles.facts import LEGAL_FORMS, PLACE_LEVELS, YEARLY
from pushsvc.sample.draw import Floats, Mask, codes, flip, numbers, pick

HISTORY_YEARS = 3
# Certificate -> the years it is given for.
TERMS = {"national_hnte": 3, "tech_sme": 1}
OBJECTIVES = ("研发创新", "数字化转型", "市场开拓", "稳岗扩岗", "节能降碳", "上市培育")
BENEFITS = ("研发后补助", "稳岗返还", "租金补助", "参展补贴", "数字化改造补助")


@dataclass(frozen=True)
class Trait:
    """Which of n entities are firms, do research, have technology; and the figures they have now."""

    firm: Mask
    does: Mask
    tech: Mask
    soft: Mask
    employees: Floats
    revenue: Floats
    rd_spend: Floats


def draw_research(rng: np.random.Generator, trait: Trait, on: date) -> dict[str, Column]:
    """Rights, staff, legal form and capital of each firm; and `fact@year` of the three full years before `on`."""
    n, firm = len(trait.firm), trait.firm
    staff = np.floor(trait.employees * np.where(trait.tech, rng.uniform(0.15, 0.5, n), rng.uniform(0.02, 0.1, n)))
    labs = np.where(trait.tech, pick(rng, (50, 25, 12, 8, 4, 1), n), 0)
    return {
        "legal_form": codes(pick(rng, (88, 6, 3, 3), n), LEGAL_FORMS, firm),
        "registered_capital": numbers(np.round(np.maximum(trait.revenue, 10) * rng.uniform(0.1, 0.8, n)), firm),
        "patent_invention": _pieces(rng, 1.6, trait.tech),
        "patent_utility": _pieces(rng, 5.0, trait.tech),
        "patent_design": _pieces(rng, 0.8, trait.tech),
        "software_copyright": _pieces(rng, 9.0, trait.does & trait.soft),
        "rd_staff": numbers(np.maximum(staff, 1), firm & trait.does),
        "rd_skilled_share": numbers(np.round(rng.uniform(40, 98, n)), trait.tech),
        "rd_institution": codes(labs, PLACE_LEVELS, trait.tech),
        "qualifications_listed_on": Column(
            "date", np.where(firm & flip(rng, 0.9, n), day(on) - 20, MISSING_DATE).astype(np.int32)
        ),
        **_years(rng, trait, on.year - 1),
    }


def draw_lists(rng: np.random.Generator, firm: Mask) -> dict[str, list[list[str]]]:
    """What some firms strive for and what some received, by list fact; an empty list: nobody told."""
    aims, given = flip(rng, 0.35, len(firm)) & firm, flip(rng, 0.25, len(firm)) & firm
    return {"objectives": _some(rng, OBJECTIVES, aims), "benefits": _some(rng, BENEFITS, given)}


def certificates(days: dict[str, Column]) -> Nested:
    """The certificates from the days they lapse, by key: each was given for its term."""
    rows: list[list[Certificate]] = [[] for _ in next(iter(days.values())).values]
    for key, column in days.items():
        for row in np.flatnonzero(column.values != MISSING_DATE).tolist():
            until = date.fromordinal(int(column.values[row]) + EPOCH)
            rows[row].append(given_for(key, until))
    return certificates_of(rows)


def given_for(key: str, until: date) -> Certificate:
    """The certificate that lapses on `until`, from the day its term began."""
    return key, until - timedelta(days=round(TERMS[key] * 365.25) - 1), until


def _pieces(rng: np.random.Generator, mean: float, known: Mask) -> Column:
    return numbers(rng.poisson(mean, len(known)), known)


def _years(rng: np.random.Generator, trait: Trait, last: int) -> dict[str, Column]:
    """The present figures are the last year's; earlier ones are smaller by the growth of each year."""
    figures = {"employees": trait.employees, "revenue": trait.revenue, "rd_spend": trait.rd_spend}
    found: dict[str, Column] = {}
    factor = np.ones(len(trait.firm))
    for year in range(last, last - HISTORY_YEARS, -1):
        for name in (name for name in YEARLY if name in figures):
            known = trait.firm & (trait.does if name == "rd_spend" else True)
            digits = 0 if name == "employees" else 1
            found[f"{name}@{year}"] = numbers(np.round(figures[name] * factor, digits), known)
        factor = factor / np.clip(rng.normal(1.12, 0.15, len(factor)), 0.7, 1.8)
    return found


def _some(rng: np.random.Generator, words: Sequence[str], tells: Mask) -> list[list[str]]:
    counts = rng.integers(1, 3, len(tells))
    picked = (sorted(rng.choice(len(words), count, replace=False).tolist()) for count in counts.tolist())
    return [[words[n] for n in row] if told else [] for row, told in zip(picked, tells.tolist(), strict=True)]
