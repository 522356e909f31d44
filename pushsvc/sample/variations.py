"""Variations of the sample's policies: by district, by year, by amount and by event, always in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from pushsvc.sample.data_files import load
from pushsvc.sample.places import CITY, DISTRICTS
from pushsvc.sample.wording import Scope

Variation = tuple[dict[str, Any], Scope, str, str, str, dict[str, date]]
_BACK = (0, 1, 2, 1, 3, 2, 0, 1, 3, 2)  # the year of each round, counted back from the city's day


def variations(on: date) -> Iterator[Variation]:
    """(spec, scope, ref, family, event, days) without end in practice; a family and an event are never repeated."""
    forms = [*load("forms_people"), *load("forms_enterprise")]
    seen: set[tuple[str, str]] = set()
    serial = 0
    for turn in range(10):
        for place, form in enumerate(forms):
            year = on.year - _BACK[turn]
            region = _region(form, turn, place)
            family = form.get("family") or (form["slug"] if region == CITY else f"{form['slug']}-{region}")
            serial += 1
            event = _event(form, year, serial, (family, seen))
            if event is None or (form.get("past") and year == on.year):
                continue
            seen.add((family, event))
            days = _days(form, year, serial, on)
            scope = Scope(region, year, serial, days["opens"], days["closes"])
            yield form, scope, f"v{serial:03d}-{form['slug']}", family, event, days


def _region(form: dict[str, Any], turn: int, place: int) -> str:
    """The city, or a district: the first round stays in the first district for what residents get."""
    if form["scope"] == "city":
        return CITY
    if turn == 0 and form["topic"] in ("family", "elder"):
        return DISTRICTS[0]
    return DISTRICTS[(place * 5 + turn * 3) % len(DISTRICTS)]


def _event(form: dict[str, Any], year: int, serial: int, known: tuple[str, set[tuple[str, str]]]) -> str | None:
    family, seen = known
    if form["event"] == "issue":
        return f"issue:{year}-{serial}"
    for name in (form["event"], "changed"):
        if (family, f"{name}:{year}") not in seen:
            return f"{name}:{year}"
    return None


def _days(form: dict[str, Any], year: int, serial: int, on: date) -> dict[str, date]:
    """Published in one of the form's months, mostly in spring, never after `on`; this year's are still in force."""
    months = form["months"]
    published = date(year, months[serial % len(months)], 1 + serial * 7 % 27)
    if published >= on:
        published = on - timedelta(days=3 + serial % 40)
    opens = published + timedelta(days=3 + serial % 9)
    closes = opens + timedelta(days=30 + serial * 11 % 60)
    valid = published + timedelta(days=540) if form["event"] in ("new", "changed") else closes
    if year == on.year and form["kind"] != "emergency":
        closes = max(closes, on + timedelta(days=15 + serial % 50))
        valid = max(valid, closes)
    return {
        "written": published - timedelta(days=4),
        "published": published,
        "opens": opens,
        "closes": closes,
        "valid": valid,
    }
