"""Invented criteria of many shapes: what grants, subsidies and programmes ask of residents and of firms."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from profiles.criteria import parse
from profiles.criteria.compiling import Entry
from profiles.standards import industries, regions

Tree = dict[str, Any]
ON = date(2026, 6, 1)
_FIRMS = {"fact": "kind", "in": ["enterprise", "cooperative", "self_employed"]}
_PEOPLE = {"fact": "kind", "in": ["citizen", "self_employed"]}
_PAPERS = ("national_hnte", "tech_sme", "innovative_sme", "city_tech_center", "srdi_sme")
_RIGHTS = ("patent_invention", "patent_utility", "patent_design", "software_copyright", "ic_layout")
_SCHOOL = ("senior", "college", "bachelor", "master", "doctor")
_WORDS = ("扩产", "上市", "出海", "数字化", "节能")
_BENEFITS = ("低保", "租房补贴", "育儿补贴", "稳岗返还")


def trees(policies: int, *, seed: int = 1) -> Iterator[Tree]:
    """So many criteria as JSON: a kind, mostly a place, and one to four conditions, some of them alternatives."""
    draw = random.Random(seed)
    places, trades = (
        [_around(home) for home in counties()],
        sorted(code for code in industries.table() if len(code) in (3, 4)),
    )
    for _ in range(policies):
        firm = draw.random() < 0.55
        gate: list[Tree] = [dict(_FIRMS if firm else _PEOPLE)]
        if draw.random() < 0.85:
            gate.append({"fact": "region", "in_region": [draw.choice(draw.choice(places))]})
        if firm and draw.random() < 0.3:
            gate.append({"fact": "industry", "in_industry": draw.sample(trades, draw.randint(1, 4))})
        asked = [_clause(draw, firm=firm, number=i) for i in range(draw.randint(1, 4))]
        yield {"all": gate + asked}


def entries(asked: Iterable[Tree], *, seed: int = 2) -> list[Entry]:
    """Trees parsed, as a table takes them, two thirds with a deadline of their own."""
    draw = random.Random(seed)
    found = []
    for tree in asked:
        deadline = ON + timedelta(days=draw.randrange(300)) if draw.random() < 0.67 else None
        found.append(Entry(parse(tree), deadline, ON - timedelta(days=draw.randrange(700))))
    return found


def shape(tree: Any) -> Any:
    """The tree without its figures and codes: what two trees of one shape have in common."""
    if isinstance(tree, list):
        return tuple(sorted({str(shape(one)) for one in tree})) if tree and isinstance(tree[0], dict) else "…"
    if not isinstance(tree, dict):
        return "…"
    return tuple((name, tree[name] if name in ("fact", "of", "take") else shape(tree[name])) for name in sorted(tree))


@cache
def counties() -> tuple[str, ...]:
    """Four hundred counties, as the register of invented people has them."""
    found = sorted(code for code, one in regions.table().items() if one.level == "county" and len(code) == 6)
    return tuple(code for code in found if regions.parse_region(code) == code and not regions.needs_confirmation(code))[
        :400
    ]


def _around(home: str) -> tuple[str, ...]:
    """The county, its city and its province, as far as they are places of today."""
    table = regions.table()
    found = (home, home[:4] + "00", home[:2] + "0000")
    return tuple(code for code in found if code in table and not regions.needs_confirmation(code))


def _clause(draw: random.Random, *, firm: bool, number: int) -> Tree:
    ask = _of_firm if firm else _of_person
    chance = draw.random()
    if chance < 0.12:
        return {"any": [ask(draw, number), ask(draw, number)]}
    if chance < 0.17:
        return {"not": ask(draw, number)}
    return ask(draw, number)


def _of_person(draw: random.Random, number: int) -> Tree:
    age, months = draw.randrange(16, 70), draw.randrange(1, 120)
    deadline = {"on": "deadline"} if draw.random() < 0.4 else {}
    child: Tree = {"fact": "age", "lt": draw.choice((3, 6, 14, 18))}
    asked: tuple[Tree, ...] = (
        {"fact": "age", "ge": age, **deadline},
        {"all": [{"fact": "age", "ge": age}, {"fact": "age", "le": age + draw.randrange(5, 30)}]},
        {"fact": "owns_home", "eq": draw.random() < 0.3},
        {"fact": "insurance_months", "ge": months},
        {"fact": "household_region", "in_region": [_around(draw.choice(counties()))[-1]]},
        {"fact": "employment", "in": draw.sample(("employed", "unemployed", "student", "retired"), 2)},
        {"fact": "school_level", "ge": draw.choice(_SCHOOL)},
        {"fact": "talent_class", "in": draw.sample("ABCDEF", 3)},
        {"fact": "sex", "eq": "female"},
        {"fact": "tenure", "eq": draw.choice(("owner", "tenant"))},
        {"fact": "household_income", "le": draw.randrange(20, 200) * 1000},
        _ratio("household_income", "household_size", "le", draw.randrange(8, 60) * 1000),
        {"measure": {"years_since": "resident_since"}, "ge": draw.randrange(1, 10), **deadline},
        {"measure": {"months_since": "resident_since"}, "ge": months},
        {"any_dependant": child},
        {"any_dependant": {"all": [child, {"fact": "household_region", "in_region": [draw.choice(counties())]}]}},
        {"count_dependants": child, "ge": draw.randint(1, 3)},
        {"requires": [draw.choice(_BENEFITS)]},
        {"excludes": draw.sample(_BENEFITS, 2)},
        {"fact": "interests", "has": draw.choice(("租房", "养老", "就业"))},
        {"fact": "resident_since", "on_or_before": (ON - timedelta(days=draw.randrange(3000))).isoformat()},
        {"fact": "stage", "has": draw.choice(("就业", "养老", "置业", "教育"))},
        {"fact": "disability", "eq": True},
        {"during": {"from": "2026-01-01", "to": f"2026-{draw.randrange(7, 13):02}-28"}},
    )
    return _said(draw.choice(asked), number)


def _of_firm(draw: random.Random, number: int) -> Tree:
    year, share, figure = {"year": -1}, draw.choice((1.5, 3, 4, 5, 6)), draw.choice((100, 300, 500, 1000, 2000, 5000))
    deadline = {"on": "deadline"} if draw.random() < 0.4 else {}
    spent: Tree = {"percent": [{"years": 3, "of": name, "take": "sum"} for name in ("rd_spend", "revenue")]}
    tiers: list[Tree] = [{"up_to": figure, "ge": share + 2}, {"up_to": figure * 4, "ge": share + 1}, {"ge": share}]
    asked: tuple[Tree, ...] = (
        {"fact": "revenue", "ge": figure, **year},
        {"fact": "revenue", "le": figure * 20},
        {"fact": "employees", "le": draw.randrange(20, 1000)},
        {"fact": "size", "in": draw.sample(("micro", "small", "medium", "large"), 2)},
        {"fact": "rd_ratio_3y", "ge": share},
        {"tiers": tiers, "by": {"fact": "revenue", **year}, "of": spent, **deadline},
        {"measure": {"years_since": "founded_on"}, "ge": draw.randint(1, 5), **deadline},
        {"measure": {"years_since": "founded_on"}, "le": draw.randint(3, 12)},
        {"measure": {"years": 3, "of": "rd_spend", "take": "sum"}, "ge": draw.randrange(50, 500)},
        {"measure": {"years": draw.randint(2, 3), "of": "revenue", "take": "growth"}, "ge": draw.randrange(5, 30)},
        {"measure": {"years": 3, "of": "revenue", "take": draw.choice(("max", "mean"))}, "ge": figure},
        _ratio("rd_staff", "employees", "ge", draw.randrange(5, 30), how="percent"),
        {"measure": {"sum": [{"fact": name} for name in draw.sample(_RIGHTS, 3)]}, "ge": draw.randint(1, 8)},
        {"measure": {"weighted": _weights(draw)}, "ge": draw.randrange(5, 40)},
        {"any": [{"fact": name, "ge": draw.randint(1, 6)} for name in _RIGHTS[:4]]},
        {"qualification": draw.choice(_PAPERS), **deadline},
        {"qualification": draw.choice(_PAPERS), "held_months": draw.choice((6, 12, 24))},
        {"qualification": draw.choice(_PAPERS), "lapses_within": draw.choice((30, 90, 180))},
        {"not": {"qualification": draw.choice(_PAPERS)}},
        {"fact": "dishonest", "eq": False},
        {"fact": "premiums_paid", "eq": True},
        {"fact": "legal_form", "in": draw.sample(("limited", "joint_stock", "partnership"), 2)},
        {"fact": "registered_capital", "le": figure * 2},
        {"fact": "layoff_rate", "le": draw.choice((5.5, 20, 30))},
        {"fact": "rd_institution", "ge": draw.choice(("district", "city", "province"))},
        {"fact": "rd_staff", "ge": draw.randrange(5, 60)},
        {"fact": "founded_on", "after": (ON - timedelta(days=draw.randrange(4000))).isoformat()},
        {"fact": "objectives", "has": draw.choice(_WORDS)},
        {"excludes": draw.sample(_BENEFITS, 2)},
        {"measure": {"days_until": "activity_to"}, "ge": draw.randrange(60)},
    )
    return _said(draw.choice(asked), number)


def _ratio(over: str, under: str, op: str, value: float, *, how: str = "ratio") -> Tree:
    return {"measure": {how: [{"fact": over}, {"fact": under}]}, op: value}


def _weights(draw: random.Random) -> list[Tree]:
    return [{"of": {"fact": name}, "times": draw.randint(1, 5)} for name in _RIGHTS[:3]]


def _said(tree: Tree, number: int) -> Tree:
    """With the clause it stands for, where it is a condition of its own."""
    return tree if {"all", "any", "not"} & tree.keys() else {**tree, "clause": f"第{number + 2}条"}
