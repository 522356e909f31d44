"""Forty positions of an operator's sliders: trees that differ in a threshold, a place or a trade."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.city_people import DISTRICTS

POSITIONS = 10  # of each slider
_TRADES = ("C", "C39", "G", "I", "I65", "I6513", "M73", "F51", "E", "C27")
Tree = dict[str, Any]


def questions() -> Iterator[Tree]:
    """Four sliders in ten positions each."""
    for at in range(POSITIONS):
        places = list(DISTRICTS[: at + 3])
        yield _residents(places=list(DISTRICTS[:11]), oldest=60, months=6, income=60_000 + 30_000 * at)
        yield _residents(places=places, oldest=35 + 3 * at, months=6 * at, income=180_000)
        yield _firms(places=list(DISTRICTS), trade=_TRADES[at], employees=300, founded=5)
        yield _firms(places=places, trade="C", employees=50 + 100 * at, founded=1 + at)


def _residents(*, places: list[str], oldest: int, months: int, income: int) -> Tree:
    return {
        "all": [
            {"fact": "region", "in_region": places},
            {"fact": "age", "le": oldest},
            {"fact": "employment", "in": ["employed", "unemployed"]},
            {"fact": "insurance_months", "ge": months},
            {"fact": "household_income", "le": income},
        ]
    }


def _firms(*, places: list[str], trade: str, employees: int, founded: int) -> Tree:
    return {
        "all": [
            {"fact": "kind", "in": ["enterprise", "cooperative", "self_employed"]},
            {"fact": "region", "in_region": places},
            {"fact": "industry", "in_industry": [trade]},
            {"fact": "employees", "le": employees},
            {"fact": "years_since_founded", "ge": founded},
            {"fact": "legal_status", "eq": "active"},
        ]
    }
