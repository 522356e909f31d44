"""The programmes' rules as they were published, read plainly for a firm whose facts are known. No engine of ours."""

from __future__ import annotations

import operator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.profiles.criteria.reference_figures import months_from

OPS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "is": operator.eq}
LEVELS = ["none", "enterprise", "district", "city", "province", "nation"]
Firm = dict[str, Any]


def source_state(rule: Any, firm: Firm, on: date) -> bool:
    """Whether the firm meets the rule. What is missing counts as not met: only known answers are asked."""
    if "all" in rule:
        return all(source_state(part, firm, on) for part in rule["all"])
    if "any" in rule:
        return any(source_state(part, firm, on) for part in rule["any"])
    if "tiers_on" in rule:
        return _tiers(rule, firm, on)
    name, op, value = rule["f"], rule["op"], rule["v"]
    if name == "region":
        return str(firm["region"]).startswith(value.rstrip("0") or "0")
    if name == "qualification":
        return _since(firm, value, on) is not None
    if name == "qualification_age_years":
        since = _since(firm, rule["arg"], on)
        return since is not None and months_from(since, on) // 12 >= value
    if name == "has_rd_institution":
        return (firm["rd_institution"] != "none") is value
    if name == "rd_institution_level":
        return LEVELS.index(firm["rd_institution"]) >= LEVELS.index(value)
    held = _figure(name, firm, on)
    return held is not None and bool(OPS[op](held, Fraction(str(value))))


def _tiers(rule: Any, firm: Firm, on: date) -> bool:
    by, of = _figure(rule["tiers_on"], firm, on), _figure(rule["measure"], firm, on)
    for bound, share in rule["rows"]:
        sign = bound.rstrip("0123456789")
        if by is not None and OPS[sign](by, int(bound[len(sign) :])):
            return of is not None and of >= Fraction(str(share))
    return False


def _figure(name: str, firm: Firm, on: date) -> Fraction | None:
    try:
        return _known_figure(name, firm, on)
    except (TypeError, ZeroDivisionError):  # a fact is missing, or a share of nothing
        return None


def _known_figure(name: str, firm: Firm, on: date) -> Fraction:
    years = [on.year - 3, on.year - 2, on.year - 1]
    spend, revenue = (
        [_exact(firm[f"{fact}@{year}"], firm, year) for year in years] for fact in ("rd_spend", "revenue")
    )
    if name.startswith(("sum(", "score(")):
        return _terms(name.partition("(")[2].rstrip(")"), firm)
    figures = {
        "years_registered": lambda: Fraction(months_from(firm["founded_on"], on) // 12),
        "revenue_last_year": lambda: revenue[2],
        "rd_spend_last_year": lambda: spend[2],
        "rd_ratio_last_year": lambda: spend[2] / revenue[2],
        "rd_ratio_last3y": lambda: sum(spend) / sum(revenue),
        "rd_spend_3y_total": lambda: sum(spend),
        "max_revenue_3y": lambda: max(revenue),
        "revenue_growth_2y_avg": lambda: (revenue[1] / revenue[0] + revenue[2] / revenue[1]) / 2 - 1,
        "rd_staff_ratio": lambda: Fraction(firm["rd_staff"]) / firm["employees"],
        "bachelor_or_mid_title_share_of_rd": lambda: _number(firm["rd_skilled_share"]) / 100,
    }
    return figures[name]() if name in figures else _number(firm[name])


def _exact(value: float | None, firm: Firm, year: int) -> Any:
    """A missing year is nothing (None + 1 fails), but before the founding it is 0."""
    if value is None and firm["founded_on"].year > year:
        return Fraction(0)
    return None if value is None else _number(value)


def _number(value: float) -> Fraction:
    if value is None:
        raise TypeError
    return Fraction(str(value))


def _terms(text: str, firm: Firm) -> Fraction:
    """`5*a+2*b` or `a,b`."""
    parts = [part.rpartition("*") for part in text.replace(",", "+").split("+")]
    return sum((Fraction(times or "1") * _number(firm[name]) for times, _, name in parts), Fraction(0))


def _since(firm: Firm, key: str, on: date) -> date | None:
    """Since when the certificate is held without a gap, None where it is not."""
    rows = [(start, end or date.max) for name, start, end in firm["qualifications"] if name == key and start]
    day = on
    if not any(start <= day <= end for start, end in rows):
        return None
    while any(start <= day - timedelta(days=1) <= end for start, end in rows):
        day -= timedelta(days=1)
    return day
