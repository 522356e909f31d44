"""Explanations: `python -m benchmarks.explain [--people N] [--profiles N] [--runs R] [--json]`.

ours: the exact terms of the score of one person for one policy, the best reasons, said in Chinese; one policy and many
people, each a call of its own. baseline: the same by leaving out one feature after the other and scoring anew. limit:
nothing but the product that each term is a cell of. `many`: every call of another policy.

campaign: what reasons and proofs add to a campaign, from the published columns to a planned message or a named refusal
for everybody: with them (`with_s`), and with none (`without_s`), in turns; `choosing`: the same of the choosing alone.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.databases import fresh_context, own_servers
from benchmarks.filling import fill
from benchmarks.measuring import Measured, Peak, rate, show, watching_memory
from benchmarks.readers import Readers, readers
from profiles.facts import KINDS
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, choosing, recommending
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.ingest_policies import upsert_policy
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.publish import publish, submit
from pushsvc.pipeline.snapshots import publish_snapshot
from pushsvc.store.audience import Selections
from pushsvc.store.interactions import NewInteraction, add_interactions
from pushsvc.store.models import add_model
from pushsvc.store.people import ids_after
from pushsvc.store.session import transaction
from recommenders.artifact import dump
from recommenders.audience import scores
from recommenders.explain import Person, population_mean, reasons, terms
from recommenders.features import FeatureRows, profile_features
from recommenders.learning import learn
from recommenders.model import Model
from recommenders.recipe import Blend, Recipe
from recommenders.training import Config
from recommenders.wording import say

TOWN = (5_000, 300, 30_000)  # what the model is learnt from: profiles, policies, pairs
FEW = 20  # people of the baseline
ALL = {"min_z": -1000.0}  # everybody is good enough
POLICY = {"title": "关于租房申报的通知", "agency": "民政局", "region": "990105", "body": "第一条 给予补贴。"}
# Three clauses that nearly everybody meets, one of them an alternative.
EVERYBODY: dict[str, Any] = {
    "all": [
        {"fact": "kind", "in": list(KINDS)},
        {"any": [{"fact": "kind", "eq": "citizen"}, {"fact": "kind", "ne": "citizen"}]},
        {"not": {"fact": "kind", "eq": "other"}},
    ]
}
RECIPE = Recipe(
    Blend(lightfm=1.0, other=0.2, nearest=0.3, ridge=0.3, declared=0.2, epochs=10), Blend(lightfm=1.0, epochs=10)
)
READ = 0.5  # readings a profile, spread evenly over the policies that the model knows


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--profiles", type=int, default=200_000, help="of the city that the campaign is for")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    town, start = readers(*TOWN), time.perf_counter()
    model = learn(town.frame, town.policies, town.log, recipe=RECIPE, config=Config(dim=32))
    result = measure(town, model, asked.people, asked.runs) | campaign(model, asked.profiles, asked.runs)
    show(result | {"seconds": round(time.perf_counter() - start, 1)}, as_json=asked.json)


def measure(town: Readers, model: Model, people: int, runs: int) -> dict[str, Any]:
    """One call after the other, `runs` times over."""
    start, peak, found = time.perf_counter(), Peak(), Measured("explain", people, "explanations/s")
    features = profile_features(town.frame, model.profile_vocab)
    vocabulary, mean = model.profile_vocab, population_mean(features)
    rows = [FeatureRows(features[[row % len(town.frame)]], vocabulary) for row in range(people)]
    tokens = [one.tokens for one in town.policies]
    many = []
    with watching_memory(peak):
        for _ in range(runs):
            found.ours.append(rate(people, lambda: [explained(model, tokens[0], row, mean) for row in rows]))
            found.baseline.append(rate(FEW, lambda: [ablated(model, tokens[0], row) for row in rows[:FEW]]))
            found.limit.append(rate(people, partial(_products, model, rows)))
            pairs = [(row, tokens[number % len(tokens)]) for number, row in enumerate(rows)]
            many.append(rate(people, lambda: [explained(model, other, row, mean) for row, other in pairs]))  # noqa: B023
    found.more = {"many": round(statistics.median(many), 1), "features": len(model.profile_vocab)}
    return found.result(seconds=time.perf_counter() - start, peak_mb=peak.mb)


def explained(model: Model, tokens: tuple[str, ...], row: FeatureRows, mean: np.ndarray[Any, Any]) -> list[str]:
    """What a person reads."""
    best = reasons(terms(model, tokens, Person(row), mean=mean))
    return [say(one, "zh") for one in best]


def ablated(model: Model, tokens: tuple[str, ...], row: FeatureRows) -> list[float]:
    """By how much the score falls without each of the person's features."""
    whole = float(scores(model, tokens, row)[0])
    falls = []
    for place in range(row.matrix.nnz):
        less = row.matrix.copy()
        less.data[place] = 0
        falls.append(whole - float(scores(model, tokens, FeatureRows(less, row.vocabulary))[0]))
    return falls


def _products(model: Model, rows: Sequence[FeatureRows]) -> None:
    held = model.audience.E_policy[:8].T
    for row in rows:
        (model.audience.E_profile[row.matrix.indices] @ held) * row.matrix.data[:, None]


def campaign(model: Model, profiles: int, runs: int) -> dict[str, Any]:
    """Campaigns for a whole city: with reasons, and without."""
    sides: dict[str, list[float]] = {"with_s": [], "without_s": [], "choosing_with_s": [], "choosing_without_s": []}
    with own_servers() as (settings, _), fresh_context(settings, "explain") as ctx:
        fill(ctx, profiles)
        _read(ctx, model, profiles)
        publish_snapshot(ctx)
        with transaction(ctx.engine) as conn:
            add_model(conn, dump(model), model.card, active=True, at=ctx.clock())
        chosen = audience(ctx, campaign_of(ctx, "first"))["selected"]
        for run in range(runs):
            for said in (True, False) if run % 2 == 0 else (False, True):  # neither always comes first
                _run(ctx, f"{said}-{run}", sides, said=said)
    medians = {name: statistics.median(times) for name, times in sides.items()}
    added = medians["with_s"] / medians["without_s"] - 1
    more = medians["choosing_with_s"] / medians["choosing_without_s"] - 1
    spread = {name: [round(min(times), 2), round(max(times), 2)] for name, times in sides.items()}
    figures = {"chosen": chosen, "added": round(added, 3), "choosing_added": round(more, 3)}
    return {"campaign": {**figures, "median": {name: round(one, 2) for name, one in medians.items()}, "spread": spread}}


def _read(ctx: Context, model: Model, profiles: int) -> None:
    """The policies that the model learnt from are there by their numbers, and people read them."""
    for number in range(1, int(model.past.ids[-1]) + 1):
        upsert_policy(ctx, {"ref": f"past-{number}", **POLICY})
    draw, count = np.random.default_rng(1), round(READ * profiles)
    with transaction(ctx.engine) as conn:
        ids = np.array(ids_after(conn, 0, limit=profiles))
        pairs = zip(draw.choice(ids, count).tolist(), draw.choice(model.past.ids, count).tolist(), strict=True)
        add_interactions(conn, (NewInteraction(who, what, "clicked", ctx.clock()) for who, what in set(pairs)))


def _run(ctx: Context, ref: str, sides: dict[str, list[float]], *, said: bool) -> None:
    """One campaign, chosen and planned; with what is said of each, or without."""
    number, side = campaign_of(ctx, ref), "with_s" if said else "without_s"
    campaigns.submit(ctx, number, "author")
    campaigns.approve(ctx, number, "reviewer")
    campaigns.start(ctx, number, "author")
    with ExitStack() as silent:
        if not said:
            silent.enter_context(patch.object(recommending, "_why", _nothing))
            silent.enter_context(patch.object(choosing, "with_proofs", _unproved))
        chosen = _seconds(partial(audience, ctx, number))
    planned = _seconds(partial(plan, ctx, number))
    sides[side].append(chosen + planned)
    sides[f"choosing_{side}"].append(chosen)


def campaign_of(ctx: Context, ref: str) -> int:
    """The draft campaign of a new policy: everybody fits, and everybody is chosen by the model."""
    outcome = upsert_policy(ctx, {"ref": ref, **POLICY, "criteria": EVERYBODY})
    assert outcome == "new", outcome
    submit(ctx, ref, "author")
    return publish(ctx, ref, author="author", reviewer="reviewer", audience=ALL)


def _nothing(plan: object, model_id: int, snapshot: object, located: Any) -> list[str]:
    return [f'{{"model": {model_id}}}' for _, which, _ in located for _ in which]


def _unproved(selected: Selections, *others: object, **more: object) -> Selections:
    return selected


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
