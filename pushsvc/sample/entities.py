"""The market entities' true facts: self-employed people, enterprises, co-operatives and others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from profiles.columns import Column, Nested
from profiles.facts import FACTS, KINDS
from pushsvc.sample.data_files import load
from pushsvc.sample.draw import Floats, Ints, Mask, codes, days_before, flags, flip, log_between, numbers, pick
from pushsvc.sample.places import DISTRICTS, SPLIT, WEIGHTS, ZONE
from pushsvc.sample.research import Trait, certificates, draw_lists, draw_research

SELF_EMPLOYED, ENTERPRISES, OTHERS = 4200, 3600, 200  # of 8,000
SIZE_SHARES = (1.5, 6.5, 24, 68)  # large, medium, small, micro
_PLACES = (*DISTRICTS, SPLIT)


@dataclass(frozen=True)
class Entities:
    """n entities: columns by fact and `fact@year`, certificates, and by list fact the words of each."""

    columns: dict[str, Column]
    certificates: Nested
    lists: dict[str, list[list[str]]]


def draw_kinds(n: int) -> Ints:
    """int64[n]: the kinds of n entities as indices into KINDS, in the shares of the city."""
    total = SELF_EMPLOYED + ENTERPRISES + OTHERS
    own, firms = round(n * SELF_EMPLOYED / total), round(n * ENTERPRISES / total)
    rest = n - own - firms
    names = (
        ["self_employed"] * own
        + ["enterprise"] * firms
        + ["cooperative"] * (rest - rest // 4)
        + ["other"] * (rest // 4)
    )
    return np.array([KINDS.index(name) for name in names], dtype=np.int64)


def draw_entities(rng: np.random.Generator, kinds: Ints, on: date) -> Entities:
    """The entities of these kinds as they are on `on`."""
    n = len(kinds)
    own, firm = kinds == KINDS.index("self_employed"), kinds == KINDS.index("enterprise")
    trade = _trades(rng, kinds)
    size = np.where(firm, pick(rng, SIZE_SHARES, n), 3)
    figures = _figures(rng, trade, size)
    founded = rng.exponential(6.0, n) * 365.25 + 20
    columns = {
        "region": codes(np.where(flip(rng, 0.01, n), len(DISTRICTS), pick(rng, WEIGHTS, n)), _PLACES),
        "functional_zone": codes(np.zeros(n), (ZONE,), firm & flip(rng, 0.14, n)),
        "industry": codes(trade, [row["code"] for row in load("trades")]),
        "founded_on": days_before(on, founded),
        "employees": numbers(np.floor(figures["employees"])),
        "revenue": numbers(np.round(figures["revenue"], 1)),
        "assets": numbers(np.round(figures["assets"], 1)),
        "dishonest": flags(flip(rng, 0.02, n)),
        "legal_status": codes(flip(rng, 0.02, n).astype(np.int64), FACTS["legal_status"].levels),
        "birth_date": days_before(on, rng.uniform(21, 62, n) * 365.25, own),
    }
    facts, papers, trait = _firm_facts(rng, firm, on=on, trade=trade, figures=figures, founded=founded)
    return Entities(columns | facts | draw_research(rng, trait, on), certificates(papers), draw_lists(rng, firm))


def _trades(rng: np.random.Generator, kinds: Ints) -> Ints:
    trades: list[dict[str, Any]] = load("trades")
    n = len(kinds)
    farms = np.array([float(row["code"].startswith("A")) for row in trades])
    by_firm = pick(rng, [row["enterprise"] for row in trades], n)
    by_self = pick(rng, [row["self"] for row in trades], n)
    by_farm = pick(rng, list(farms), n)
    picked = np.where(kinds == KINDS.index("enterprise"), by_firm, by_self)
    return np.where(kinds == KINDS.index("cooperative"), by_farm, picked)


def _figures(rng: np.random.Generator, trade: Ints, size: Ints) -> dict[str, Floats]:
    """Employees, revenue and assets inside the bounds of the size class, so that the official method finds it again."""
    usual = {"employees": (600, 120, 12), "revenue": (20000, 2000, 120), "assets": (20000, 3000, 100)}
    smallest = {"employees": 1.0, "revenue": 3.0, "assets": 2.0}
    drawn = {}
    for name, fallback in usual.items():
        steps = np.array([row["bounds"].get(name, fallback) for row in load("trades")], dtype=np.float64)[trade]
        edges = np.column_stack((steps[:, 0] * 6, steps, np.full(len(trade), smallest[name])))
        rows = np.arange(len(trade))
        drawn[name] = log_between(rng, edges[rows, size + 1], edges[rows, size])
    return drawn


def _firm_facts(
    rng: np.random.Generator, firm: Mask, *, on: date, trade: Ints, figures: dict[str, Floats], founded: Floats
) -> tuple[dict[str, Column], dict[str, Column], Trait]:
    """What only enterprises have: research, contracts, lay-offs, branches; and when their certificates lapse."""
    n, revenue = len(firm), figures["revenue"]
    labs = np.array([row["code"][0] in "IM" for row in load("trades")])[trade]
    soft = np.array([row["code"].startswith("I65") for row in load("trades")])[trade]
    makes = np.array([row["code"].startswith("C") for row in load("trades")])[trade]
    share = np.clip(rng.lognormal(np.where(labs, 2.3, 1.1), 0.7, n), 0.1, 60)
    does = firm & flip(rng, np.where(labs, 0.9, np.where(makes, 0.5, 0.1)), n)
    tech = does & flip(rng, 0.3, n)
    moved = founded * rng.random(n)
    spend = np.round(np.where(does, revenue * share / 100, 0), 1)
    facts = {
        "rd_spend": numbers(spend, firm),
        "contract_amount": numbers(np.round(revenue * rng.uniform(0.03, 0.4, n), 1), firm & soft),
        "layoff_rate": numbers(np.round(rng.gamma(1.2, 2.2, n), 1), firm),
        "premiums_paid": flags(flip(rng, 0.9, n), firm),
        "moved_in_on": days_before(on, moved, firm & flip(rng, 0.07, n)),
        "is_branch": flags(flip(rng, 0.05, n), firm),
    }
    lapses = {
        "national_hnte": days_before(on, rng.uniform(-1090, 250, n), tech),
        "tech_sme": days_before(on, rng.uniform(-360, 120, n), does & flip(rng, 0.35, n)),
    }
    return facts, lapses, Trait(firm, does, tech, soft, np.floor(figures["employees"]), np.round(revenue, 1), spend)
