"""Who is a policy for: `python -m benchmarks.audience [--profiles N] [--runs R] [--all] [--json]`.

ours: five conditions that one profile in ten meets, the model's scores of those, the best 100,000: from the mapped
columns to ids in order. baseline: the same ids by pandas (`audience_rivals`). limit: one numpy pass over each column
that conditions and scores touch, and one float32 product of the eligible rows of a dense model, 32 numbers each.
Beside these the live count: forty trees that differ in places, trades and thresholds, each new to the columns, with
its breakdown, the counts of every condition, and what is missing.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks.audience_questions import questions
from benchmarks.audience_rivals import POLICY, Chosen, by_pandas, floor_of, limit_of, table_of
from benchmarks.city import arrays_of, mapped_city
from benchmarks.city_people import ON
from benchmarks.measuring import Measured, Peak, show, watching_memory
from profiles.columns import Frame
from profiles.criteria import parse
from profiles.criteria.blocks import judge_blocks
from profiles.criteria.leaves import Days
from profiles.criteria.trees import Criteria
from profiles.facets import breakdown
from profiles.lifecycle import derive
from profiles.snapshot.segments import Segment, Snapshot
from profiles.snapshot.views import View
from recommenders.content import Space
from recommenders.features import profile_vocabulary
from recommenders.linear import plan_scores, snapshot_scores
from recommenders.model import Model, no_past, no_side
from recommenders.recipe import Blend, Recipe
from recommenders.selecting import RowIds, choose_best
from recommenders.vocabulary import Vocabulary, build

TOP, D, WARM = 100_000, 32, 0.02
TOKENS = ("kind=subsidy", "topic=talent", "theme=就业")
_RUNS = 20  # policies against the subscriptions
_SURE = 100_000  # from so many profiles on, the share of those eligible is no matter of luck
_SAMPLE = 5_000  # profiles of a segment whose tokens the model knows


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--all", action="store_true", help="subscriptions and the clause table, too")
    parser.add_argument("--queries", type=int, default=1_000_000, help="stored keyword queries, with --all")
    parser.add_argument("--subscriptions", type=int, default=3_000_000, help="tag subscriptions, with --all")
    parser.add_argument("--policies", type=int, default=20_000, help="policies in force, with --all")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    result = measure(asked.profiles, asked.runs)
    if asked.all:
        result |= others(asked.queries, asked.subscriptions, asked.policies)
    show(result, as_json=asked.json)


def measure(profiles: int, runs: int) -> dict[str, Any]:
    """Audience and live count over one city, `runs` times over."""
    start, peak, found = time.perf_counter(), Peak(), Measured("audience", profiles, "profiles/s")
    with mapped_city(profiles) as snapshot:
        model, criteria = model_of(snapshot), parse(POLICY)
        with watching_memory(peak):
            chosen = select(snapshot, criteria, model)
            counts = [seconds(partial(live_count, snapshot, tree)) for tree in questions()]
        share = chosen.eligible / len(snapshot)
        assert profiles < _SURE or 0.095 <= share <= 0.105, share
        rows = judge_blocks(criteria, snapshot, days=Days(ON)).rows
        table, limit = table_of(snapshot, model.own_ids), limit_of(snapshot, rows, D)
        floor, floors = floor_of(snapshot, chosen.eligible, D), list[float]()
        plan = plan_scores(model, TOKENS, snapshot, on=ON)
        for _ in range(runs):
            forget(snapshot)
            found.ours.append(profiles / seconds(lambda: select(snapshot, criteria, model)))
            found.baseline.append(profiles / seconds(lambda: by_pandas(table, plan, TOP)))
            found.limit.append(profiles / seconds(limit))
            floors.append(seconds(floor))
        same_as(chosen, by_pandas(table, plan, TOP))
        found.more = (
            _figures(found, counts) | _to_floor(found, floors) | {"eligible": round(share, 4), **sizes(snapshot)}
        )
    return found.result(seconds=time.perf_counter() - start, peak_mb=peak.mb)


def others(queries: int, subscriptions: int, policies: int) -> dict[str, Any]:
    """Keyword and tag subscriptions against one policy, and one person against the policies in force."""
    from benchmarks.persons import measure_person
    from benchmarks.subscriptions import measure_keywords, measure_tags

    return {
        "keyword_p95_ms": measure_keywords(queries, _RUNS)["p95_ms"],
        "tag_p95_ms": measure_tags(subscriptions, _RUNS)["p95_ms"],
        "person_p95_ms": measure_person(policies)["person_p95_ms"],
    }


def select(snapshot: Snapshot, criteria: Criteria, model: Model, top: int = TOP) -> Chosen:
    """The best of the eligible as the service chooses them: criteria, scores, rank."""
    decision = judge_blocks(criteria, snapshot, days=Days(ON), missing=False)
    rows = decision.rows
    asked = list(zip(snapshot.segments, rows, strict=True))
    scores = snapshot_scores(plan_scores(model, TOKENS, snapshot, on=ON), asked, threads=2)
    ids = RowIds(asked)
    best = choose_best(scores, ids, top_n=top)
    return Chosen(ids[best], scores[best], decision.yes)


def live_count(snapshot: Snapshot, tree: dict[str, Any]) -> dict[str, Any]:
    """What an operator sees while a slider moves: yes, no, unknown, what is missing, and who the yes are."""
    decision = judge_blocks(parse(tree), snapshot, days=Days(ON), nodes=True)
    facets = breakdown(snapshot, decision.rows, on=ON)
    return {"yes": decision.yes, "unknown": decision.unknown, "missing": dict(decision.missing), "facets": facets}


def same_as(chosen: Chosen, other: Chosen) -> None:
    """Raise AssertionError unless both chose the same ids in the same order."""
    assert chosen.eligible == other.eligible, (chosen.eligible, other.eligible)
    assert np.array_equal(chosen.ids, other.ids), "two ways chose other profiles"


def forget(snapshot: Snapshot) -> None:
    """A new policy's conditions have not been answered by level before: forget the answers of the last run."""
    for one in snapshot.segments:
        for held in (*one.columns.values(), *one.sets.values()):
            if held.levels is not None:
                held.levels.answers.clear()


def model_of(snapshot: Snapshot, seed: int = 3) -> Model:
    """A model with random numbers of the usual size: it knows the city's tokens, and one profile in fifty itself."""
    draw = np.random.default_rng(seed)
    vocabularies = [profile_vocabulary(derive(_some(one), ON)) for one in snapshot.segments if len(one)]
    known = build(name for one in vocabularies for name in one.levels)
    ids = np.sort(np.concatenate([one.ids for one in snapshot.segments])).astype(np.int64)
    own = ids[draw.random(len(ids)) < WARM]

    def numbers(*shape: int) -> Any:
        return draw.normal(0, 0.3, shape).astype(np.float32)

    none = no_side(len(TOKENS), len(known), len(own))
    return Model(
        policies=Space(Vocabulary(TOKENS), np.ones(len(TOKENS), dtype=np.float32)),
        profile_vocab=known,
        audience=replace(
            none,
            E_policy=numbers(len(TOKENS), D),
            E_profile=numbers(len(known), D),
            b_profile=numbers(len(known)),
            own_vectors=numbers(len(own), D),
            own_bias=numbers(len(own)),
        ),
        feed=none,
        past=no_past(len(TOKENS)),
        recipe=Recipe(Blend(lightfm=1.0, declared=0.0)),
        own_ids=own,
        own_weight=0.3,
    )


def sizes(snapshot: Snapshot) -> dict[str, Any]:
    """Bytes a profile of the published columns: in all, and by column."""
    found: dict[str, int] = {}
    for one in snapshot.segments:
        for name, values in arrays_of(one):
            found[name] = found.get(name, 0) + values.nbytes
    total, n = sum(found.values()), len(snapshot)
    by_column = {name: round(size / n, 2) for name, size in sorted(found.items(), key=lambda item: -item[1])}
    return {"bytes_per_profile": round(total / n, 2), "bytes_by_column": by_column}


def _some(segment: Segment) -> Frame:
    return View(segment, slice(0, min(len(segment), _SAMPLE))).frame()


def _figures(found: Measured, counts: Sequence[float]) -> dict[str, Any]:
    """Milliseconds of the runs, and of the live counts."""
    runs = {"ours": found.ours, "limit": found.limit, "baseline": found.baseline}
    ms = {name: [1000 * found.n / rate for rate in rates] for name, rates in runs.items()}
    return {
        "p50_ms": _percentile(ms["ours"], 50),
        "p95_ms": _percentile(ms["ours"], 95),
        "limit_ms": _percentile(ms["limit"], 50),
        "baseline_ms": _percentile(ms["baseline"], 50),
        "count_p50_ms": _percentile([1000 * one for one in counts], 50),
        "count_p95_ms": _percentile([1000 * one for one in counts], 95),
        "questions": len(counts),
    }


def _to_floor(found: Measured, floors: Sequence[float]) -> dict[str, float]:
    """A bound nobody reaches, beside the limit: without the score's columns, its rows lying ready."""
    floor = statistics.median(floors)
    ours = found.n / statistics.median(found.ours)
    return {"floor_ms": round(1000 * floor, 2), "to_floor": round(floor / ours, 3)}


def _percentile(values: Sequence[float], share: int) -> float:
    return round(float(np.percentile(values, share)), 2)


def seconds(work: Callable[[], object]) -> float:
    """How long the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
