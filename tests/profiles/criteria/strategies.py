"""Random people and random trees over a few facts of every type."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from profiles.facts import KINDS
from tests.profiles.making import TODAY

DEADLINE, PUBLISHED = date(2026, 7, 15), date(2026, 6, 1)
NAMED = {"today": TODAY, "deadline": DEADLINE, "published": PUBLISHED}
dates = st.dates(date(2023, 1, 1), date(2026, 9, 1)) | st.sampled_from([TODAY, DEADLINE, date(2024, 2, 29)])
places = st.sampled_from(["990101", "990102", "990103", "990114", "990100", "330106"])
asked_places = st.sampled_from(["990101", "990102", "990103", "990100", "990000", "330106", "000000"])
numbers = st.integers(-1, 5)


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


people = st.fixed_dictionaries(
    {
        "kind": _maybe(st.sampled_from(KINDS)),
        "birth_date": _maybe(dates),
        "region": _maybe(places),
        "industry": _maybe(st.sampled_from(["I6513", "6513", "I65", "I", "I64"])),
        "employees": _maybe(numbers),
        "revenue": _maybe(numbers),
        "rd_spend": _maybe(numbers),
        "owns_home": _maybe(st.booleans()),
        "dishonest": _maybe(st.booleans()),
        "talent_class": _maybe(st.sampled_from("ABCDEF")),
        "hightech_until": _maybe(dates),
        "interests": st.lists(st.sampled_from(["租房", "养老"]), max_size=2, unique=True),
        "dependants": st.lists(st.tuples(_maybe(dates), _maybe(places)), max_size=2),
    }
)

_on = st.sampled_from([{}, {"on": "deadline"}, {"on": "published"}])
_day = dates.map(date.isoformat) | st.sampled_from(["today", "deadline", "published"])


def _leaf(names: list[str], ops: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    parts = st.tuples(st.sampled_from(names), st.sampled_from(ops), values, _on)
    return parts.map(lambda part: {"fact": part[0], part[1]: part[2], **part[3]})


_compare = ["eq", "ne", "lt", "le", "gt", "ge"]
_date_ops = ["before", "on_or_before", "after", "on_or_after", "valid_on"]
_own = st.one_of(
    _leaf(["age", "age_months", "employees", "revenue", "rd_ratio"], _compare, numbers),
    _leaf(["age", "employees"], ["in"], st.lists(numbers, min_size=1, max_size=3)),
    _leaf(["region"], ["in_region", "in"], st.lists(asked_places, min_size=1, max_size=2)),
    _leaf(["region"], ["eq", "ne"], asked_places),
    _leaf(["industry"], ["in_industry"], st.lists(st.sampled_from(["I65", "I6513", "I64", "I"]), min_size=1)),
    _leaf(["owns_home", "dishonest"], ["eq", "ne"], st.booleans()),
    _leaf(["talent_class"], ["eq", "ne"], st.sampled_from("ABF")),
    _leaf(["kind"], ["in"], st.lists(st.sampled_from(KINDS), min_size=1, max_size=3)),
    _leaf(["birth_date", "hightech_until"], _date_ops, _day),
    _leaf(["hightech_until"], ["within_days"], st.integers(0, 90)),
    _leaf(["interests"], ["has"], st.sampled_from(["租房", "育儿"])),
)
_members = st.one_of(
    _leaf(["age", "age_months", "age_days"], _compare, numbers),
    _leaf(["household_region"], ["in_region"], st.lists(asked_places, min_size=1, max_size=2)),
)


def _grown(leaves: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[Any]:
    def grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        lists = st.lists(inner, max_size=3)
        return lists.map(lambda c: {"all": c}) | lists.map(lambda c: {"any": c}) | inner.map(lambda c: {"not": c})

    return st.recursive(leaves, grow, max_leaves=most)


trees = _grown(_own | _grown(_members, 3).map(lambda tree: {"any_dependant": tree}), 8)
