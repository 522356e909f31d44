"""The field in which a fact is filled in: its kind, its choices, what is held of it, and where a code is looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, url_for

from profiles.facts import FACTS, Fact
from pushsvc.pipeline import corrections
from pushsvc.pipeline.held import Held, Told
from pushsvc.pipeline.value_words import fact_name, say_value
from pushsvc.store import reading
from pushsvc.store.session import transaction
from pushsvc.web.current import context
from pushsvc.web.i18n import locale
from pushsvc.web.words import today

YEARS = 5  # back from this one, for a yearly fact
CHOOSERS = {"industry": "choosers.industry", "region": "choosers.region"}


@dataclass(frozen=True)
class Field:
    """One fact to fill in. `now`: what is held; `old`: the same as the field would send it, "" where nothing is.

    `chooser`: where its code may be looked up, "" where there is no such page.
    """

    fact: Fact
    name: str
    now: Told | None
    old: str
    levels: Sequence[tuple[str, str]]
    regions: Sequence[str]
    years: Sequence[int]
    chooser: str


def field_of(name: str, year: int | None, held: Held) -> Field:
    """The field of a fact (of a year) of this profile."""
    fact = FACTS[name]
    now = _now(held, name, year)
    return Field(
        fact=fact,
        name=fact_name(name, locale()),
        now=now,
        old=_sent(now),
        levels=[(one, say_value(name, one, locale())) for one in fact.levels],
        regions=_regions() if fact.tree == "region" else (),
        years=_years(held, name, year) if fact.yearly else (),
        chooser=chooser(fact.tree, url_for("facts.form", fact=name, year=year), "claimed"),
    )


def of_years(names: Sequence[str], year: int | None) -> list[str]:
    """Those that are held by year, where a year is asked for."""
    return [name for name in names if year is None or FACTS[name].yearly]


def chooser(tree: str, back: str, field: str) -> str:
    """The page on which a code of this tree is found by word, and which leads back with it in `field`."""
    endpoint = CHOOSERS.get(tree, "")
    return url_for(endpoint, next=back, field=field) if endpoint in current_app.view_functions else ""


def regions() -> list[str]:
    """The places that anybody or any policy names, for choosing without the tree."""
    return _regions()


def _sent(now: Told | None) -> str:
    if now is None or now.value is None:
        return ""
    if isinstance(now.value, bool):
        return "yes" if now.value else "no"
    return str(now.value)


def _years(held: Held, name: str, year: int | None) -> list[int]:
    """The years to choose from: the last few, those of which something is held, and the one that was asked for."""
    last = today().year
    found = {*range(last, last - YEARS, -1), *held.yearly.get(name, ()), *((year,) if year is not None else ())}
    return sorted((one for one in found if corrections.EARLIEST_YEAR <= one <= last), reverse=True)


def _now(held: Held, name: str, year: int | None) -> Told | None:
    """What is held of the fact now; None where nothing is."""
    if year is not None:
        return held.yearly.get(name, {}).get(year)
    return next((one for one in (*held.facts, *held.sensitive) if one.fact == name), None)


def _regions() -> list[str]:
    with transaction(context().engine) as connection:
        return reading.regions_in_use(connection)
