"""One person against every policy in force: `python -m benchmarks.persons [--policies N] [--people N] [--json]`.

ours: persons a second for the whole answer: which policies fit, which might and what each lacks (`answer`), and the
questions worth asking (`settling`), one person after another, a new one each time. baseline: the trees of a sample of
the policies walked one by one with `decide`, as many as there are taken from the sample's pace. limit: one numpy pass
over the truths of the same conditions: gathered by policy, and reduced. Residents with families, firms with years and
certificates; `shapes`: trees that differ by more than their figures and codes.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np

from benchmarks.measuring import Measured, Peak, show, watching_memory
from benchmarks.shapes import ON, counties, entries, shape, trees
from profiles.building import build_frame
from profiles.columns import Frame
from profiles.criteria import decide
from profiles.criteria.program import NOT
from profiles.criteria.settling import settling
from profiles.criteria.table import ClauseTable, Entry, answer, compile_table
from profiles.lifecycle import derive
from profiles.standards import industries

RUNS = 5
SAMPLE = 300  # policies of the baseline
YEARS = (2023, 2024, 2025)


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policies", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    show(measure_person(given.policies, given.people), as_json=given.json)


def measure_person(policies: int = 20_000, people: int = 200) -> dict[str, Any]:
    """The object to print, with `person_p50_ms`, `person_p95_ms`, `parse_s`, `compile_s` and `shapes` in it."""
    start, peak = time.perf_counter(), Peak()
    with watching_memory(peak):
        drawn = list(trees(policies))
        made, parsing = _timed(lambda: entries(drawn))
        table, compiling = _timed(lambda: compile_table(made))
        crowd = [derive(one, ON) for one in persons(people + 1)]
        _whole(table, crowd.pop())  # what is worked out once belongs to the start
        measured = Measured("persons", policies, "persons/s")
        milliseconds: list[float] = []
        for run in range(RUNS):
            took = [_seconds(partial(_whole, table, one)) for one in crowd[run::RUNS]]
            milliseconds += [1000 * one for one in took]
            measured.ours.append(len(took) / sum(took))
            measured.baseline.append(_baseline(made, crowd[run::RUNS][:2]))
            measured.limit.append(_limit(table))
    measured.more = {
        "person_p50_ms": round(float(np.percentile(milliseconds, 50)), 2),
        "person_p95_ms": round(float(np.percentile(milliseconds, 95)), 2),
        "people": people,
        "shapes": len({shape(tree) for tree in drawn}),
        "conditions": len(table.people.program.conditions),
        "parse_s": round(parsing, 2),
        "compile_s": round(compiling, 2),
    }
    return measured.result(seconds=time.perf_counter() - start, peak_mb=peak.mb)


def persons(n: int, *, seed: int = 7) -> list[Frame]:
    """n frames of one profile each; what is held of them is full of gaps, as registers are."""
    draw = random.Random(seed)
    trades = sorted(code for code in industries.table() if len(code) == 5)
    made = ((_firm if draw.random() < 0.5 else _resident)(draw, trades) for _ in range(n))
    return [_frame(number, *one) for number, one in enumerate(made, start=1)]


def _frame(number: int, told: dict[str, Any], beside: dict[str, Any]) -> Frame:
    family, papers = beside.get("dependants", ()), beside.get("qualifications", ())
    lists = {name: [beside.get(name)] for name in ("benefits", "objectives")}
    columns = {name: [value] for name, value in told.items()}
    tags = [beside.get("interests", ())]
    return build_frame([number], columns, interests=tags, dependants=[family], lists=lists, qualifications=[papers])


def _resident(draw: random.Random, _trades: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    home = draw.choice(counties())
    told = {
        "birth_date": date(1940, 1, 1) + timedelta(days=draw.randrange(28_000)),
        "sex": draw.choice(("female", "male")),
        "household_region": home,
        "employment": draw.choice(("employed", "unemployed", "student", "retired")),
        "insurance_months": draw.randrange(400),
        "owns_home": draw.random() < 0.6,
        "household_income": draw.randrange(20_000, 600_000),
        "household_size": draw.randrange(1, 6),
        "school_level": draw.choice(("primary", "senior", "bachelor", "master")),
        "tenure": draw.choice(("owner", "tenant")),
        "resident_since": date(2000, 1, 1) + timedelta(days=draw.randrange(9_000)),
        "talent_class": draw.choice("ABCDEF"),
    }
    children = [(date(2006, 1, 1) + timedelta(days=draw.randrange(7_400)), home) for _ in range(draw.randrange(4))]
    beside = {"dependants": children, "interests": draw.sample(("租房", "养老", "就业"), draw.randrange(3))}
    return {"kind": "citizen", "region": home, **_gaps(draw, told)}, beside


def _firm(draw: random.Random, trades: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    revenue = draw.randrange(50, 90_000)
    told: dict[str, Any] = {
        "industry": draw.choice(trades),
        "founded_on": date(1995, 1, 1) + timedelta(days=draw.randrange(10_900)),
        "legal_form": draw.choice(("limited", "joint_stock", "partnership")),
        "legal_status": "active",
        "registered_capital": draw.randrange(10, 50_000),
        "dishonest": False,
        "premiums_paid": True,
        "patent_invention": draw.randrange(20),
        "patent_utility": draw.randrange(20),
        "rd_staff": draw.randrange(200),
        "rd_institution": draw.choice(("none", "district", "city")),
    }
    for year in ("", *(f"@{one}" for one in YEARS)):
        told |= {f"employees{year}": draw.randrange(1, 900), f"revenue{year}": round(revenue * draw.uniform(0.7, 1.3))}
        told |= {f"assets{year}": revenue * 2, f"rd_spend{year}": round(revenue * draw.uniform(0, 0.12))}
    since = ON - timedelta(days=draw.randrange(1_000))
    paper = (draw.choice(("national_hnte", "tech_sme", "innovative_sme")), since, since + timedelta(days=1_094))
    beside: dict[str, Any] = {"qualifications": [paper] if draw.random() < 0.4 else []}
    beside |= {"benefits": ["稳岗返还"] if draw.random() < 0.5 else None, "objectives": [draw.choice(("扩产", "上市"))]}
    return {"kind": "enterprise", "region": draw.choice(counties()), **_gaps(draw, told)}, beside


def _gaps(draw: random.Random, told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if draw.random() < 0.75}


def _whole(table: ClauseTable, person: Frame) -> None:
    settling(answer(table, person, ON))


def _baseline(made: list[Entry], crowd: list[Frame]) -> float:
    sample = [one for one in made[:: max(1, len(made) // SAMPLE)] if one.criteria is not None]

    def walk() -> None:
        for person in crowd:
            for one in sample:
                decide(one.criteria, person, on=ON, deadline=one.deadline, published=one.published)

    return len(crowd) / (_seconds(walk) * len(made) / len(sample))


def _limit(table: ClauseTable) -> float:
    """One gather of every node's parts and one reduction, as if all trees were one deep and all were known."""
    program = table.people.program
    truths = np.ones(program.size, dtype=np.uint8)
    parts = np.concatenate([step.children for step in program.steps if step.op != NOT])
    sizes = [np.diff(np.append(step.starts, len(step.children))) for step in program.steps if step.op != NOT]
    starts = np.concatenate(([0], np.cumsum(np.concatenate(sizes))[:-1]))
    return 1 / min(_seconds(lambda: np.minimum.reduceat(truths[parts], starts)) for _ in range(5))


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    found = work()
    return found, time.perf_counter() - start


def _seconds(work: Callable[[], object]) -> float:
    return _timed(work)[1]


if __name__ == "__main__":
    main()
