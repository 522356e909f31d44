"""The registry: what passes the gate serves, one command takes it back, and the last good model serves on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from pushsvc.context import Context
from pushsvc.pipeline import models
from pushsvc.pipeline.models import ModelError, admit, earlier, last_good, rollback, state_of_serving, use
from pushsvc.pipeline.scoring import model_in_use
from pushsvc.store import models as stored
from pushsvc.store.locks import lock_models
from pushsvc.store.models import Served, add_model
from pushsvc.store.session import transaction
from recommenders.artifact import dump
from recommenders.model import Model
from tests.modelling import assessed, by_hand
from tests.pipeline.damage import DAMAGES, damage
from tests.registering import ask, count

GOOD = {"audience_auc_cold": 0.8, "audience_auc_activity": 0.6, "audience_auc_deciles": [0.7, 0.75]}
Made = Callable[..., Model]


@pytest.fixture
def made(request: pytest.FixtureRequest) -> Made:
    """A good model of its own for each call: no other test's copy is mistaken for it."""
    numbers = iter(range(100))

    def make(favours: str = "region=990105", **card: Any) -> Model:
        told = {"algorithm": "2", "evaluation": GOOD, "name": f"{request.node.name} {next(numbers)}"}
        return by_hand({favours: 1.0}, card=told | card)

    return make


def serving(ctx: Context) -> int | None:
    """The model that serves, as the database has it."""
    with transaction(ctx.engine) as conn:
        stamp = stored.active_stamp(conn)
    return stamp[0] if stamp else None


def states(ctx: Context) -> dict[int, str]:
    """State by model."""
    return dict(tuple(row) for row in ask(ctx, "select id, state from model order by id"))


def test_a_good_model_serves_and_its_card_says_what_let_it(ctx: Context, made: Made) -> None:
    pia = assessed(ctx)
    first = admit(ctx, made())
    assert first.serving
    second = admit(ctx, made(), by="周岚")
    with transaction(ctx.engine) as conn:
        (row,) = stored.model_rows(conn, model_id=second.id)
        found = model_in_use(conn)
    assert (row.state, row.assessment, row.card["assessment"], row.card["parent"]) == ("serving", pia, pia, first.id)
    assert row.card["recipe"]["audience"]["lightfm"] == 1.0
    assert found is not None
    assert found[0] == second.id
    assert states(ctx) == {first.id: "retired", second.id: "serving"}
    assert ask(ctx, "select actor, action, object from audit order by id")[-1] == ("周岚", "model.train", "model:2")


def test_a_model_that_fails_is_kept_and_the_one_before_serves_on(ctx: Context, made: Made) -> None:
    assessed(ctx)
    good = admit(ctx, made()).id
    poor = admit(ctx, made(evaluation=GOOD | {"audience_auc_cold": 0.59}))
    assert not poor.serving
    assert [check.check for check in poor.checks if not check.passed] == ["above_activity"]
    assert states(ctx) == {good: "serving", poor.id: "refused"}
    with pytest.raises(ModelError, match=r"0\.5900.*0\.6000") as error:
        use(ctx, poor.id, by="周岚")
    assert error.value.code == "refused"
    assert serving(ctx) == good


def test_a_model_that_waited_for_its_assessment_can_be_used_once_there_is_one(ctx: Context, made: Made) -> None:
    number = admit(ctx, made()).id
    assert states(ctx) == {number: "refused"}
    with pytest.raises(ModelError, match="impact assessment"):
        use(ctx, number, by="周岚")
    assessed(ctx)
    assert use(ctx, number, by="周岚").serving
    assert ask(ctx, "select model_id, actor, why from model_serving") == [(number, "周岚", "use")]


def test_of_two_trainings_at_once_the_second_is_judged_against_the_first(ctx: Context, made: Made) -> None:
    assessed(ctx)
    worse = made(evaluation=GOOD | {"audience_auc_cold": 0.7, "data": "one log"})
    better = made(evaluation=GOOD | {"data": "one log"})
    with ThreadPoolExecutor(1) as pool:
        with transaction(ctx.engine) as conn:
            lock_models(conn)
            other = pool.submit(admit, ctx, worse)
            wait_for_lock(ctx, other)
            number = add_model(conn, dump(better), better.card, active=True, at=ctx.clock())
        found = other.result()
    assert [check.check for check in found.checks if not check.passed] == ["not_below_serving"]
    assert serving(ctx) == number


def wait_for_lock(ctx: Context, other: Future[Any]) -> None:
    """Until the other waits for an advisory lock in this database, or is done without one."""
    waits = "select count(*) from pg_locks where locktype = 'advisory' and not granted and database = :it"
    (it,) = ask(ctx, "select oid from pg_database where datname = current_database()")[0]
    while not other.done() and not ask(ctx, waits, it=it)[0][0]:
        pass


def test_an_assessment_that_is_named_must_be_recorded(ctx: Context, made: Made) -> None:
    assessed(ctx, "1", id="PIA-OLD")
    with pytest.raises(ModelError) as error:
        admit(ctx, made(), assessment="PIA-NONE")
    assert (error.value.code, count(ctx, "model")) == ("unknown_assessment", 0)
    assert not admit(ctx, made(), assessment="PIA-OLD").serving, "it is of another version"


def test_a_card_that_json_cannot_hold_is_refused_before_anything_is_stored(ctx: Context, made: Made) -> None:
    with pytest.raises(ModelError) as error:
        admit(ctx, made(evaluation=GOOD | {"audience_auc_cold": float("nan")}))
    assert (error.value.code, count(ctx, "model")) == ("bad_card", 0)


def test_rolling_back_goes_one_step_at_a_time_to_the_first(ctx: Context, made: Made) -> None:
    assessed(ctx)
    numbers = [admit(ctx, made()).id for _ in range(3)]
    assert [rollback(ctx, by="周岚"), rollback(ctx, by="周岚")] == [numbers[1], numbers[0]]
    with pytest.raises(ModelError) as error:
        rollback(ctx, by="周岚")
    assert (error.value.code, serving(ctx)) == ("no_earlier", numbers[0])
    assert ask(ctx, "select count(*) from audit where action = 'model.rollback' and actor = '周岚'") == [(2,)]
    with transaction(ctx.engine) as conn:
        assert [one.why for one in stored.history(conn)] == ["train"] * 3 + ["rollback"] * 2


def test_a_model_taken_back_can_be_used_again_and_taken_back_again(ctx: Context, made: Made) -> None:
    assessed(ctx)
    first, second = (admit(ctx, made()).id for _ in range(2))
    assert rollback(ctx, by="周岚") == first
    assert use(ctx, second, by="周岚").serving
    assert rollback(ctx, by="周岚") == first


def test_rolling_back_passes_over_what_cannot_be_read(ctx: Context, made: Made) -> None:
    assessed(ctx)
    first, second, third = (admit(ctx, made()).id for _ in range(3))
    damage(ctx, second, "byte")
    assert rollback(ctx, by="周岚") == first
    (detail,) = ask(ctx, "select detail from audit where action = 'model.rollback'")[0]
    assert detail["from"] == third
    assert "model 2" in detail["passed_over"][0]


def test_rolling_back_to_what_no_assessment_covers_is_refused(ctx: Context, made: Made) -> None:
    with transaction(ctx.engine) as conn:
        old = made()
        add_model(conn, dump(old), dict(old.card) | {"algorithm": "1"}, active=True, at=ctx.clock())
    assessed(ctx)
    newer = admit(ctx, made()).id
    with pytest.raises(ModelError, match="model 1: impact assessment"):
        rollback(ctx, by="周岚")
    assert serving(ctx) == newer


@pytest.mark.parametrize("act", [lambda ctx: use(ctx, 1, by=" "), lambda ctx: rollback(ctx, by="")])
def test_who_decides_has_a_name(ctx: Context, act: Callable[[Context], object]) -> None:
    with pytest.raises(ModelError) as error:
        act(ctx)
    assert error.value.code == "no_name"


def test_a_model_that_is_not_there_cannot_be_used(ctx: Context) -> None:
    with pytest.raises(ModelError) as error:
        use(ctx, 7, by="周岚")
    assert error.value.code == "unknown_model"


@pytest.mark.parametrize("how", DAMAGES)
def test_the_last_good_model_serves_on(ctx: Context, made: Made, how: str, caplog: pytest.LogCaptureFixture) -> None:
    assessed(ctx)
    good = admit(ctx, made("region=990105")).id
    bad = admit(ctx, made("region=990101")).id
    damage(ctx, bad, how)
    with caplog.at_level(logging.ERROR), transaction(ctx.engine) as conn:
        found = model_in_use(conn)
        state = state_of_serving(conn, ctx.clock())
    assert found is not None
    assert found[0] == good
    assert "990105" in found[1].profile_vocab.levels[0]
    assert f"model {bad} cannot serve: " in caplog.text
    assert f"model {good} serves in place of model {bad}" in caplog.text
    assert state is not None
    assert (state.id, state.instead, state.damage is None) == (bad, good, False)


def test_where_every_model_is_damaged_none_serves(ctx: Context, made: Made) -> None:
    assessed(ctx)
    for _ in range(2):
        damage(ctx, admit(ctx, made()).id, "byte")
    with transaction(ctx.engine) as conn:
        assert last_good(conn) is None
        assert model_in_use(conn) is None


def test_a_damaged_model_cannot_be_put_to_use(ctx: Context, made: Made) -> None:
    assessed(ctx)
    first = admit(ctx, made()).id
    admit(ctx, made())
    damage(ctx, first, "byte")
    with pytest.raises(ModelError, match="damaged"):
        use(ctx, first, by="周岚")


def test_a_serving_model_that_fails_today_is_not_said_to_be_in_use(ctx: Context, made: Made) -> None:
    assessed(ctx)
    only = admit(ctx, made()).id
    damage(ctx, only, "byte")
    with pytest.raises(ModelError, match=r"damaged.* It was serving before") as error:
        use(ctx, only, by="周岚")
    assert (error.value.code, serving(ctx)) == ("refused", only)


def test_figures_written_into_the_database_afterwards_let_nobody_serve(ctx: Context, made: Made) -> None:
    assessed(ctx)
    poor = admit(ctx, made(evaluation=GOOD | {"audience_auc_cold": 0.59})).id
    ask(ctx, "update model set card = jsonb_set(card, '{evaluation,audience_auc_cold}', '0.99') returning 1")
    with pytest.raises(ModelError, match="Its card is not the one"):
        use(ctx, poor, by="周岚")
    assert serving(ctx) is None


def test_a_refused_model_never_serves_in_anothers_place(ctx: Context, made: Made) -> None:
    assessed(ctx)
    admit(ctx, made(evaluation={}))
    only = admit(ctx, made()).id
    damage(ctx, only, "byte")
    with transaction(ctx.engine) as conn:
        assert models.last_good(conn) is None


def served(*entries: tuple[int, str]) -> list[Served]:
    """A history of models and why they began to serve."""
    return [Served(number, datetime(2026, 1, 1, tzinfo=UTC), None, "周岚", why) for number, why in entries]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([(1, "train")], []),
        ([(1, "train"), (2, "train"), (3, "use")], [2, 1]),
        ([(1, "train"), (2, "train"), (1, "rollback")], []),
        ([(1, "train"), (2, "train"), (1, "use")], [2]),
        ([(1, "train"), (2, "train"), (1, "rollback"), (3, "train")], [1]),
        ([(1, "upgrade"), (2, "train"), (3, "train"), (2, "rollback"), (1, "rollback"), (3, "use")], [1]),
    ],
)
def test_what_was_taken_back_is_not_what_served_before(entries: list[tuple[int, str]], expected: list[int]) -> None:
    assert earlier(served(*entries)) == expected
