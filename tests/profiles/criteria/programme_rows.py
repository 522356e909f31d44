"""Firms for the twelve programmes: for each one that passes, then the same firm with a change, and the answer by hand.

Answers: "yes", "no", or "?" and the facts that are missing. The day is 24 June 2026: the last year is 2025, the last
three are 2023 to 2025.
"""

from __future__ import annotations

from datetime import date
from typing import Any

Row = tuple[dict[str, Any], str]
YEARS = (2023, 2024, 2025)
HNTE = ("national_hnte", date(2024, 12, 1), date(2027, 11, 30))


def each(fact: str, *values: float | None) -> dict[str, Any]:
    """A yearly fact for 2023, 2024 and 2025: three values, or one for all."""
    return dict(zip((f"{fact}@{year}" for year in YEARS), values if len(values) == 3 else values * 3, strict=True))


def rd(revenue: float, spend: float) -> dict[str, Any]:
    """The same revenue and R&D spending in each of the three years."""
    return each("revenue", revenue) | each("rd_spend", spend)


def papers(*rows: tuple[str, date | None, date | None]) -> dict[str, Any]:
    """The certificates held."""
    return {"qualifications": list(rows)}


def ip(**counts: int | None) -> dict[str, Any]:
    """Rights held: those named, and none of the others."""
    names = ("patent_invention", "patent_utility", "patent_design", "software_copyright", "ic_layout")
    return dict.fromkeys(names, 0) | counts


FIRM: dict[str, Any] = {
    "kind": "enterprise",
    "region": "330106",
    "founded_on": date(2018, 3, 1),
    "employees": 100,
    "rd_staff": 50,
    "rd_skilled_share": 60,
    "registered_capital": 1000,
    "rd_institution": "province",
    **ip(patent_invention=1),
    **rd(2000, 100),
    **papers(HNTE),
}

# Who is registered where, for how long: the rows of every programme that asks it.
IN_PROVINCE: list[Row] = [
    ({"region": "330110"}, "yes"),
    ({"region": "330203"}, "yes"),
    ({"region": "330000"}, "yes"),
    ({"region": "310104"}, "no"),
    ({"region": "000000"}, "? region"),
    ({"region": None}, "? region"),
]
IN_CITY: list[Row] = [
    ({"region": "330100"}, "yes"),
    ({"region": "330106002"}, "yes"),
    ({"region": "330203"}, "no"),
    ({"region": "310104"}, "no"),
    ({"region": "330000"}, "? region"),
    ({"region": None}, "? region"),
]
A_YEAR: list[Row] = [
    ({"founded_on": date(2025, 6, 24)}, "yes"),
    ({"founded_on": date(2025, 6, 25)}, "no"),
    ({"founded_on": date(2026, 6, 25)}, "no"),
    ({"founded_on": None}, "? founded_on"),
]
ONE_RIGHT: list[Row] = [
    (ip(patent_utility=1), "yes"),
    (ip(patent_design=1), "yes"),
    (ip(software_copyright=1), "yes"),
    (ip(ic_layout=3), "no"),
    (ip(), "no"),
    (ip(patent_design=None), "? patent_design"),
    (ip(patent_design=None, patent_utility=None), "? patent_design patent_utility"),
    (ip(patent_invention=1, patent_utility=None), "yes"),
]
HIGH_TECH: list[Row] = [
    (papers(), "? qualifications"),
    ({**papers(), "qualifications_listed_on": date(2026, 1, 1)}, "no"),
    (papers(("tech_sme", None, None)), "? qualifications"),
    (papers(("national_hnte", date(2026, 6, 24), date(2029, 6, 23))), "yes"),
    (papers(("national_hnte", date(2026, 6, 25), date(2029, 6, 24))), "no"),
    (papers(("national_hnte", date(2023, 6, 25), date(2026, 6, 24))), "yes"),
    (papers(("national_hnte", date(2023, 6, 24), date(2026, 6, 23))), "no"),
    (papers(("national_hnte", date(2023, 6, 24), None)), "yes"),
]
FOUR_RIGHTS: list[Row] = [
    (ip(ic_layout=1), "yes"),
    (ip(patent_utility=4), "yes"),
    (ip(patent_utility=2, patent_design=1, software_copyright=1), "yes"),
    (ip(patent_utility=2, patent_design=1), "no"),
    (ip(patent_utility=3, software_copyright=None), "? software_copyright"),
    (ip(patent_invention=None, patent_utility=3), "? patent_invention"),
]
