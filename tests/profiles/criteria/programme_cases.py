"""The cases of each programme: the firm that passes, and its changes (see `programme_rows`)."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.profiles.criteria import programme_rows as r
from tests.profiles.criteria.programme_rows import FIRM, HNTE, Row, each, ip, papers, rd

CENTRE = ("city_tech_center", date(2025, 6, 24), None)
OLD_CENTRE = ("city_tech_center", date(2023, 1, 1), date(2025, 12, 31))
RD_CENTRE = ("city_hnte_rdcenter", date(2025, 1, 1), None)
PILOT = ("hz_patent_pilot", date(2024, 1, 1), date(2026, 12, 31))

# By programme: what its passing firm has besides FIRM, and the rows.
CASES: dict[str, tuple[dict[str, Any], list[Row]]] = {
    "prov_sme_tech": ({}, [*r.IN_PROVINCE, *r.A_YEAR, *r.ONE_RIGHT]),
    "city_hnte": (
        {},
        [
            *r.IN_CITY,
            *r.ONE_RIGHT,
            ({"founded_on": date(2025, 6, 25)}, "no"),
            (rd(3000, 150), "yes"),
            (rd(3000, 149.99), "no"),
            (rd(3000.01, 149.99), "yes"),
            (rd(3000.01, 119), "no"),
            (rd(10000, 400), "yes"),
            (rd(10000, 399), "no"),
            (rd(10000.01, 399), "yes"),
            (rd(10001, 300.03), "yes"),
            (rd(10001, 300), "no"),
            (rd(23, 1.15), "yes"),  # exactly 5 %
            (each("rd_spend", 0, 0, 300), "yes"),
            (each("rd_spend", 0, 0, 299), "no"),
            (each("rd_spend", 100, None, 100), "? rd_spend@2024"),
            (each("revenue", None, 2000, 2000), "? revenue@2023"),
            ({"revenue@2025": None}, "? revenue@2025"),
            (rd(0, 0), "? revenue@2025"),  # a share of nothing says nothing: to be confirmed
            # A firm younger than three years is judged by the years it has.
            ({"founded_on": date(2024, 5, 1), "revenue@2023": None, "rd_spend@2023": None}, "yes"),
            ({"founded_on": date(2023, 5, 1), "revenue@2023": None}, "? revenue@2023"),
        ],
    ),
    "city_tech_center": (
        {"rd_staff": 15, "rd_skilled_share": 50},
        [
            *r.IN_CITY,
            *r.HIGH_TECH,
            (each("rd_spend", 50, 50, 100), "yes"),
            (each("rd_spend", 50, 50, 99.9), "no"),
            (each("rd_spend", 500, None, 100), "? rd_spend@2024"),
            ({"rd_staff": 14}, "no"),
            ({"rd_staff": 3, "employees": 20}, "yes"),
            ({"rd_staff": None}, "? rd_staff"),
            ({"employees": None}, "? employees"),
            ({"employees": 0, "rd_staff": 0}, "? employees"),
            ({"rd_skilled_share": 49.9}, "no"),
            ({"rd_skilled_share": None}, "? rd_skilled_share"),
        ],
    ),
    "city_hnte_rdcenter": (
        {"rd_staff": 15, "revenue@2025": 1000, "rd_spend@2025": 30},
        [
            *r.IN_CITY,
            *r.A_YEAR,
            *r.HIGH_TECH,
            *r.FOUR_RIGHTS,
            ({"rd_spend@2025": 29.9}, "no"),
            ({"rd_spend@2025": None}, "? rd_spend@2025"),
            ({"revenue@2025": None}, "? revenue@2025"),
            ({"revenue@2023": None}, "yes"),
            ({"revenue@2025": 0}, "? revenue@2025"),
            ({"rd_staff": 14}, "no"),
            ({"rd_staff": None}, "? rd_staff"),
        ],
    ),
    "prov_tech_center": (
        {**papers(HNTE, CENTRE), "revenue@2025": 20000, "rd_staff": 50},
        [
            *r.FOUR_RIGHTS,
            ({"region": "310104"}, "yes"),
            (papers(HNTE, ("city_tech_center", date(2025, 6, 25), None)), "no"),
            (papers(HNTE, ("city_tech_center", None, None)), "? qualifications"),
            (papers(HNTE, ("city_tech_center", date(2020, 1, 1), date(2026, 6, 23))), "no"),
            # Renewed without a gap it counts from the first; after a gap, from the renewal.
            (papers(HNTE, OLD_CENTRE, ("city_tech_center", date(2026, 1, 1), None)), "yes"),
            (papers(HNTE, OLD_CENTRE, ("city_tech_center", date(2026, 1, 2), None)), "no"),
            (papers(HNTE), "? qualifications"),
            (papers(CENTRE), "? qualifications"),
            ({"revenue@2025": 19999.99}, "no"),
            ({"revenue@2025": None}, "? revenue@2025"),
            ({"rd_staff": 49}, "no"),
            ({"rd_staff": None}, "? rd_staff"),
        ],
    ),
    "prov_hnte_rdcenter": (
        {**papers(HNTE, RD_CENTRE), **rd(2000, 120), "rd_institution": "enterprise", "rd_staff": 15},
        [
            *r.IN_PROVINCE,
            (ip(ic_layout=4), "yes"),
            (ip(ic_layout=3), "no"),
            (ip(ic_layout=1, patent_utility=1, patent_design=1, software_copyright=1), "yes"),
            (ip(ic_layout=None), "? ic_layout"),
            (papers(HNTE), "? qualifications"),
            (papers(RD_CENTRE), "? qualifications"),
            (papers(HNTE, ("city_hnte_rdcenter", date(2020, 1, 1), date(2025, 12, 31))), "no"),
            (rd(2000, 119), "no"),
            (rd(4999, 299.94), "yes"),
            (rd(4999, 299), "no"),
            (rd(5000, 200), "yes"),  # the first row is for less than 5000 only
            (rd(5000, 199), "no"),
            (rd(20000, 800), "yes"),
            (rd(20000, 799), "no"),
            (rd(20001, 600.03), "yes"),
            (rd(20001, 600), "no"),
            (rd(50000, 1000.01), "yes"),  # more than 1000 last year will do, whatever the share
            (rd(50000, 1000), "no"),
            (each("rd_spend", None, 10, 1001), "yes"),
            (each("rd_spend", None, 100, 100), "? rd_spend@2023"),
            (each("rd_spend", 100, 100, None), "? rd_spend@2025"),
            ({"revenue@2025": None}, "? revenue@2025"),
            ({"rd_institution": "none"}, "no"),
            ({"rd_institution": None}, "? rd_institution"),
            ({"rd_staff": 14}, "no"),
            ({"rd_skilled_share": 59.9}, "no"),
            ({"rd_skilled_share": None}, "? rd_skilled_share"),
        ],
    ),
    "hz_major_sci": (
        {"rd_spend@2025": 1000},
        [
            *r.HIGH_TECH,
            ({"rd_institution": "nation"}, "yes"),
            ({"rd_institution": "city"}, "no"),
            ({"rd_institution": "none"}, "no"),
            ({"rd_institution": None}, "? rd_institution"),
            ({"rd_spend@2025": 999.99}, "no"),
            ({"rd_spend@2025": None}, "? rd_spend@2025"),
            ({"rd_spend@2025": None, "rd_institution": "city"}, "no"),
            ({"rd_spend@2025": None, "rd_institution": None}, "? rd_institution rd_spend@2025"),
        ],
    ),
    "zj_major_sci": (
        {"revenue@2025": 2000, "rd_spend@2025": 30},
        [
            ({"rd_spend@2025": 29.99}, "no"),
            ({"revenue@2025": 2000.01}, "no"),
            ({"revenue@2025": 0.02, "rd_spend@2025": 0.0003}, "yes"),
            ({"revenue@2025": 0}, "? revenue@2025"),
            ({"rd_spend@2025": None}, "? rd_spend@2025"),
            ({"revenue@2025": None}, "? revenue@2025"),
            ({"revenue@2025": None, "rd_spend@2025": None}, "? rd_spend@2025 revenue@2025"),
            ({"revenue@2024": None, "rd_spend@2024": None}, "yes"),
            ({"kind": "citizen"}, "no"),
            ({"kind": None}, "yes"),
            ({"kind": "cooperative"}, "yes"),
        ],
    ),
    "hz_patent_pilot": (
        {**ip(patent_invention=4), "revenue@2025": 3000},
        [
            ({"revenue@2025": 2999.99}, "no"),
            ({"revenue@2025": None}, "? revenue@2025"),
            (ip(patent_invention=3, patent_utility=2, patent_design=1), "yes"),
            (ip(patent_invention=3, patent_utility=2), "no"),
            (ip(patent_utility=10), "yes"),
            (ip(patent_utility=9, patent_design=1), "no"),
            (ip(patent_design=20), "yes"),
            (ip(software_copyright=50), "no"),
            (ip(patent_invention=3, patent_design=None), "? patent_design"),
            (ip(patent_invention=3, patent_design=None) | {"revenue@2025": 1}, "no"),
        ],
    ),
    "hz_patent_demo": (
        {**papers(PILOT), **ip(patent_invention=6), "revenue@2025": 3000},
        [
            (papers(), "? qualifications"),
            (papers(HNTE), "? qualifications"),
            (papers(("hz_patent_pilot", date(2023, 1, 1), date(2026, 6, 24))), "yes"),
            (papers(("hz_patent_pilot", date(2023, 1, 1), date(2026, 6, 23))), "no"),
            ({"revenue@2025": 2999}, "no"),
            (ip(patent_invention=5, patent_utility=2, patent_design=1), "yes"),
            (ip(patent_invention=5, patent_utility=2), "no"),
            (ip(patent_invention=None), "? patent_invention"),
        ],
    ),
    "national_hnte": (
        {},
        [
            (ip(patent_utility=5), "yes"),
            (ip(patent_utility=4), "no"),
            (ip(patent_design=5), "yes"),
            (ip(patent_design=4), "no"),
            (ip(software_copyright=6), "yes"),
            (ip(software_copyright=5), "no"),
            (ip(software_copyright=None), "? software_copyright"),
            ({"region": "310104"}, "yes"),
            (rd(5000, 250), "yes"),
            (rd(5000, 249), "no"),
            (rd(5001, 249), "yes"),
            (rd(20000, 800), "yes"),
            (rd(20000, 799), "no"),
            (rd(20001, 799), "yes"),
            (rd(30000, 900), "yes"),
            (rd(30000, 899), "no"),
            (rd(200, 10), "yes"),
            (rd(199.99, 10), "no"),
            # Small, but growing by 10 % and 20 %: 15 % a year.
            (each("revenue", 100, 110, 132) | each("rd_spend", 10), "yes"),
            (each("revenue", 100, 110, 131) | each("rd_spend", 10), "no"),
            (each("revenue", 0, 110, 132) | each("rd_spend", 10), "? revenue@2025"),
            (each("revenue", 100, None, 100) | each("rd_spend", 10), "? revenue@2024"),
            (each("rd_spend", 100, None, 100), "? rd_spend@2024"),
        ],
    ),
    "city_startup": (
        {"founded_on": date(2022, 1, 1), "revenue@2025": 3000, "rd_spend@2025": 150},
        [
            *r.IN_CITY,
            *r.A_YEAR,
            *r.ONE_RIGHT,
            ({"founded_on": date(2020, 6, 25)}, "yes"),  # five full years until the day before the sixth anniversary
            ({"founded_on": date(2020, 6, 24)}, "no"),
            ({"registered_capital": 1000.01}, "no"),
            ({"registered_capital": None}, "? registered_capital"),
            ({"rd_spend@2025": 149.9}, "no"),
            ({"rd_spend@2025": None}, "? rd_spend@2025"),
            ({"revenue@2025": 3000.01, "rd_spend@2025": 151}, "no"),
            ({"revenue@2025": None}, "? revenue@2025"),
        ],
    ),
}


def firm(programme: str, change: dict[str, Any]) -> dict[str, Any]:
    """The programme's passing firm with the change."""
    return {**FIRM, **CASES[programme][0], **change}
