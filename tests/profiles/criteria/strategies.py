"""Random people and random trees over a few facts of every type, with values near enough to meet at the bounds."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from profiles.facts import KINDS
from tests.profiles.criteria.strategies_figures import figures, member_figures
from tests.profiles.making import TODAY

Trees = st.SearchStrategy[Any]
DEADLINE, PUBLISHED = date(2026, 7, 15), date(2026, 6, 1)
NAMED = {"today": TODAY, "deadline": DEADLINE, "published": PUBLISHED}
dates = st.dates(date(2023, 1, 1), date(2026, 9, 1)) | st.sampled_from([TODAY, DEADLINE, date(2024, 2, 29)])
places = st.sampled_from(["990101", "990102", "990103", "990114", "990100", "330106", "330106002"])
asked_places = st.sampled_from(["990101", "990102", "990103", "990100", "990000", "330106", "000000", "330106002"])
numbers = st.integers(-1, 5)
_figures = st.integers(0, 5)  # no register tells a figure below zero
_levels = st.sampled_from(["none", "city", "province", "nation"])
_benefits = st.sampled_from(["低保", "租房补贴", "育儿补贴"])


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


_papers = st.tuples(st.sampled_from(["national_hnte", "tech_sme"]), _maybe(dates), _maybe(dates))
people = st.fixed_dictionaries(
    {
        "kind": _maybe(st.sampled_from(KINDS)),
        "birth_date": _maybe(dates),
        "founded_on": _maybe(dates),
        "region": _maybe(places),
        "industry": _maybe(st.sampled_from(["I6513", "6513", "I65", "I", "I64"])),
        "employees": _maybe(_figures),
        "revenue": _maybe(_figures),
        "rd_spend": _maybe(_figures),
        **{f"{fact}@{year}": _maybe(_figures) for fact in ("revenue", "rd_spend") for year in (2023, 2024, 2025)},
        "owns_home": _maybe(st.booleans()),
        "dishonest": _maybe(st.booleans()),
        "talent_class": _maybe(st.sampled_from("ABCDEF")),
        "rd_institution": _maybe(_levels),
        "qualifications_listed_on": _maybe(dates),
        "qualifications": st.lists(_papers, max_size=3),
        "benefits": _maybe(st.lists(_benefits, max_size=2, unique=True)),
        "objectives": _maybe(st.lists(st.sampled_from(["扩大规模", "绿色转型"]), max_size=2, unique=True)),
        "interests": st.lists(st.sampled_from(["租房", "养老"]), max_size=2, unique=True),
        "dependants": st.lists(st.tuples(_maybe(dates), _maybe(places)), max_size=3),
    }
)

_iso = dates.map(date.isoformat)
_on = st.sampled_from([{}, {"on": "deadline"}, {"on": "published"}, {"on": "today"}]) | st.sampled_from(
    [{"on": "2024-02-29"}, {"on": "2025-12-31"}, {"on": "2026-01-01"}]
)
_day = _iso | st.sampled_from(["today", "deadline", "published"])
_compare = ["eq", "ne", "lt", "le", "gt", "ge"]
_orders = ["lt", "le", "gt", "ge"]
_date_ops = ["before", "on_or_before", "after", "on_or_after", "valid_on"]


def _leaf(names: list[str], ops: list[str], values: st.SearchStrategy[Any], *more: Trees) -> Trees:
    asked = st.tuples(st.sampled_from(names), st.sampled_from(ops), values)
    return _with(asked.map(lambda part: {"fact": part[0], part[1]: part[2]}), _on, *more)


def _with(first: Trees, *more: Trees) -> Trees:
    """One dictionary of several."""
    return st.tuples(first, *more).map(lambda parts: {key: value for part in parts for key, value in part.items()})


def _against(values: st.SearchStrategy[Any]) -> Trees:
    return st.tuples(st.sampled_from(_compare), values).map(lambda part: {part[0]: part[1]})


_years = st.sampled_from([-1, -2, -3, 2024, 2025]).map(lambda year: {"year": year})
_bounds = st.sampled_from([-100, 0, 1, 2, 3, 5, 50, 100, 150])
_rows = st.lists(
    _with(
        st.sampled_from(["up_to", "below"]).flatmap(lambda edge: numbers.map(lambda n: {edge: n})), _against(_bounds)
    ),
    max_size=2,
)
_tiers = st.tuples(_rows, _against(_bounds)).map(lambda part: {"tiers": [*part[0], part[1]]})
_held = st.sampled_from([1, 2, 6, 12, 24]).map(lambda n: {"held_months": n})
_lapses = st.sampled_from([0, 1, 30, 400]).map(lambda n: {"lapses_within": n})
_window = st.fixed_dictionaries({}, optional={"from": _iso, "to": _iso}).filter(bool)
_words = st.lists(_benefits, min_size=1, max_size=2)

_facts = st.one_of(
    _leaf(["age", "age_months", "employees", "revenue", "rd_ratio"], _compare, numbers),
    _leaf(["age", "employees"], ["in"], st.lists(numbers, min_size=1, max_size=3)),
    _leaf(["revenue", "rd_spend"], _compare, numbers, _years),
    _leaf(["region"], ["in_region", "in"], st.lists(asked_places, min_size=1, max_size=2)),
    _leaf(["region"], ["eq", "ne"], asked_places),
    _leaf(["industry"], ["in_industry"], st.lists(st.sampled_from(["I65", "I6513", "I64", "I"]), min_size=1)),
    _leaf(["owns_home", "dishonest"], ["eq", "ne"], st.booleans()),
    _leaf(["talent_class"], ["eq", "ne"], st.sampled_from("ABF")),
    _leaf(["rd_institution"], [*_compare], _levels),
    _leaf(["kind"], ["in"], st.lists(st.sampled_from(KINDS), min_size=1, max_size=3)),
    _leaf(["birth_date", "founded_on"], _date_ops, _day),
    _leaf(["founded_on"], ["within_days"], st.integers(0, 90)),
    _leaf(["interests"], ["has"], st.sampled_from(["租房", "育儿"])),
    _leaf(["benefits"], ["has"], _benefits),
    _leaf(["objectives"], ["has"], st.sampled_from(["扩大规模", "稳岗"])),
)
_computed = st.one_of(
    _with(figures.map(lambda one: {"measure": one}), _against(_bounds), _on),
    _with(st.tuples(figures, figures).map(lambda two: {"by": two[0], "of": two[1]}), _tiers, _on),
    _with(
        st.sampled_from(["national_hnte", "tech_sme"]).map(lambda key: {"qualification": key}),
        st.just({}) | _held | _lapses,
        _on,
    ),
    _words.map(lambda words: {"requires": words}) | _words.map(lambda words: {"excludes": words}),
    _with(_window.map(lambda window: {"during": window}), _on),
)
_members = st.one_of(
    _leaf(["age", "age_months", "age_days"], _compare, numbers),
    _leaf(["household_region"], ["in_region"], st.lists(asked_places, min_size=1, max_size=2)),
    _with(member_figures.map(lambda one: {"measure": one}), _against(_bounds), _on),
)


def _grown(leaves: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[Any]:
    def grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        lists = st.lists(inner, max_size=3)
        return lists.map(lambda c: {"all": c}) | lists.map(lambda c: {"any": c}) | inner.map(lambda c: {"not": c})

    return st.recursive(leaves, grow, max_leaves=most)


_family = _grown(_members, 3)
_counted = _with(_family.map(lambda tree: {"count_dependants": tree}), _against(st.integers(0, 3)))
trees = _grown(_facts | _computed | _family.map(lambda tree: {"any_dependant": tree}) | _counted, 8)
