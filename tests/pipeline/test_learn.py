"""The recommender learns from what people did, and is put to use only when it beats chance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pushsvc.context import Context
from pushsvc.pipeline.learn import evaluate, load_material, train
from pushsvc.pipeline.preferences import switch_personalised
from pushsvc.pipeline.scoring import model_in_use
from pushsvc.store.interactions import NewInteraction, add_interactions
from pushsvc.store.session import transaction
from recommenders.errors import InteractionError, TrainingUnavailable
from recommenders.training import available
from tests.clock import Clock
from tests.modelling import assessed, use_model
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
    assessed(ctx)
    steps: list[tuple[int, int]] = []
    learnt = train(ctx, seed=3, progress=lambda done, total, what: steps.append((done, total)))
    assert learnt.active
    assert learnt.card["evaluation"]["audience_auc_cold"] > 0.7
    assert learnt.card["learnt"] is True
    assert all(0 < done <= total for done, total in steps)
    with transaction(ctx.engine) as conn:
        found = model_in_use(conn)
    assert found is not None
    assert (found[0], len(found[1].card["mean"])) == (learnt.id, len(found[1].profile_vocab))  # type: ignore[arg-type]  # JSON


def test_a_model_no_better_than_chance_is_kept_but_not_used(ctx: Context) -> None:
    if not available():
        return
    before = use_model(ctx, {"region=990105": 1.0})
    city(ctx, taste=False)
    assessed(ctx)
    learnt = train(ctx, seed=3)
    assert not learnt.active
    assert [check.check for check in learnt.checks if not check.passed]
    with transaction(ctx.engine) as conn:
        found = model_in_use(conn)
    assert found is not None
    assert found[0] == before
    assert ask(ctx, "select count(*) from model where state = 'serving'") == [(1,)]
    assert count(ctx, "model") == 2


def test_evaluating_stores_nothing(ctx: Context) -> None:
    if not available():
        return
    city(ctx, taste=True)
    assert "audience_auc_activity" in evaluate(ctx)
    assert count(ctx, "model") == 0


def test_a_city_without_a_log_is_served_by_what_people_declared(ctx: Context) -> None:
    register(ctx, "a", interests=("租房",))
    issue(ctx, "p", title="租房补贴通知", tags=["租房"])
    assessed(ctx)
    learnt = train(ctx)
    assert (learnt.active, learnt.card["learnt"], learnt.card["why_not_learnt"]) == (True, False, "no_interactions")
    with transaction(ctx.engine) as conn:
        found = model_in_use(conn)
    assert found is not None
    assert not found[1].recipe.trained


def test_where_nothing_can_be_learnt_a_city_is_served_by_what_people_declared(
    ctx: Context, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LightFM does not load; the model knows the city as it was when the training began."""
    (tmp_path / "lightfm.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    city(ctx, taste=True)
    assessed(ctx)
    began = ctx.clock()
    for _ in range(2):
        with pytest.raises(TrainingUnavailable):
            train(ctx, progress=lambda *step: clock.forward(minutes=5))
    with transaction(ctx.engine) as conn:
        found = model_in_use(conn)
    assert found is not None
    assert (found[1].card["why_not_learnt"], found[1].card["made_at"]) == ("lightfm_broken", began.isoformat())
    assert count(ctx, "model") == 1


def test_what_was_learnt_but_does_not_pass_leaves_a_new_city_to_what_people_declared(ctx: Context) -> None:
    if not available():
        return
    city(ctx, taste=False)
    assessed(ctx)
    assert not train(ctx, seed=3).active
    with transaction(ctx.engine) as conn:
        found = model_in_use(conn)
    assert found is not None
    assert found[1].card["why_not_learnt"] == "gate"


def test_evaluating_without_a_log_is_said(ctx: Context) -> None:
    register(ctx, "a")
    with pytest.raises(InteractionError):
        evaluate(ctx)


def test_what_says_more_weighs_more_and_a_dismissal_says_nothing(ctx: Context) -> None:
    people = [register(ctx, ref) for ref in ("a", "b", "c")]
    issue(ctx, "p")
    kinds = [(people[0], "opened"), (people[1], "opened"), (people[1], "applied"), (people[2], "dismissed")]
    with transaction(ctx.engine) as conn:
        add_interactions(conn, [NewInteraction(person, 1, kind, ctx.clock()) for person, kind in kinds])
    material = load_material(ctx)
    assert material.interactions.profile_ids.tolist() == people[:2]
    assert np.round(material.interactions.strength, 2).tolist() == pytest.approx([0.4, 1.0])
    assert material.setting.exposed.tolist() == people


def test_from_who_switched_personalisation_off_nothing_is_learnt(ctx: Context) -> None:
    people = [register(ctx, ref) for ref in ("a", "b")]
    issue(ctx, "p")
    with transaction(ctx.engine) as conn:
        add_interactions(conn, [NewInteraction(person, 1, "clicked", ctx.clock()) for person in people])
    switch_personalised(ctx, people[0], False)
    material = load_material(ctx)
    assert material.interactions.profile_ids.tolist() == people[1:]
    assert material.setting.exposed.tolist() == people[1:]


def test_a_model_that_cannot_be_read_keeps_no_other_from_serving(ctx: Context) -> None:
    use_model(ctx, {"region=990105": 1.0})
    ask(ctx, "update model set arrays = 'of an older format' returning 1")
    register(ctx, "a", interests=("租房",))
    issue(ctx, "p", title="租房补贴通知", tags=["租房"])
    assessed(ctx)
    assert train(ctx).active
