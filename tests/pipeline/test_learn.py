"""The recommender learns from what people did, and is put to use only when it beats chance."""

from __future__ import annotations

import numpy as np
import pytest

from pushsvc.context import Context
from pushsvc.pipeline.learn import evaluate, load_material, train
from pushsvc.pipeline.scoring import model_in_use
from pushsvc.store.interactions import NewInteraction, add_interactions
from pushsvc.store.session import transaction
from recommenders.errors import InteractionError, TrainingUnavailable
from recommenders.training import available
from tests.modelling import use_model
from tests.registering import ask, count, issue, register

TOPICS = {"talent": "990105", "elder": "990101"}


def city(ctx: Context, *, taste: bool) -> None:
    """People of two districts and policies of two topics; each district reads one topic, or anybody reads anything."""
    draw = np.random.default_rng(7)
    people = {region: [register(ctx, f"{region}-{i}", region=region) for i in range(30)] for region in TOPICS.values()}
    everybody = [person for group in people.values() for person in group]
    rows = []
    for topic, region in TOPICS.items():
        for i in range(10):
            issue(ctx, f"{topic}-{i}", topic=topic, tags=[topic], region=region)
            policy = ask(ctx, "select max(id) from policy")[0][0]
            readers = draw.choice(people[region] if taste else everybody, 12, replace=False)
            rows += [NewInteraction(int(person), policy, "clicked", ctx.clock()) for person in readers]
    with transaction(ctx.engine) as conn:
        add_interactions(conn, rows)


def test_a_model_that_beats_chance_is_put_to_use_with_its_card(ctx: Context) -> None:
    if not available():
        city(ctx, taste=True)
        with pytest.raises(TrainingUnavailable):
            train(ctx)
        return
    city(ctx, taste=True)
    steps: list[str] = []
    learnt = train(ctx, seed=3, progress=lambda done, total, what: steps.append(what))
    assert learnt.active
    assert learnt.card["evaluation"]["audience_auc_cold"] > 0.7
    assert steps == ["evaluation", "training"]
    with transaction(ctx.engine) as conn:
        found = model_in_use(conn)
    assert found is not None
    assert (found[0], len(found[1].card["mean"])) == (learnt.id, len(found[1].profile_vocab))  # type: ignore[arg-type]  # JSON


def test_a_model_no_better_than_chance_is_kept_but_not_used(ctx: Context) -> None:
    if not available():
        return
    use_model(ctx, {"region=990105": 1.0})
    city(ctx, taste=False)
    learnt = train(ctx, seed=3)
    auc = learnt.card["evaluation"]["audience_auc_cold"]
    assert learnt.active == (auc is not None and auc > 0.5)
    assert ask(ctx, "select count(*) from model where active") == [(1,)]
    assert count(ctx, "model") == 2


def test_evaluating_stores_nothing(ctx: Context) -> None:
    if not available():
        return
    city(ctx, taste=True)
    assert "audience_auc_activity" in evaluate(ctx)
    assert count(ctx, "model") == 0


def test_nothing_to_learn_from_is_said(ctx: Context) -> None:
    register(ctx, "a")
    with pytest.raises(InteractionError):
        train(ctx)


def test_what_says_more_weighs_more_and_a_dismissal_says_nothing(ctx: Context) -> None:
    people = [register(ctx, ref) for ref in ("a", "b", "c")]
    issue(ctx, "p")
    kinds = [(people[0], "opened"), (people[1], "opened"), (people[1], "applied"), (people[2], "dismissed")]
    with transaction(ctx.engine) as conn:
        add_interactions(conn, [NewInteraction(person, 1, kind, ctx.clock()) for person, kind in kinds])
    material = load_material(ctx)
    assert material.interactions.profile_ids.tolist() == people[:2]
    assert np.round(material.interactions.strength, 2).tolist() == pytest.approx([0.4, 1.0])
    assert material.exposed.tolist() == people
