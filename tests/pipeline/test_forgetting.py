"""Who is erased is gone from stored models too; what the model learnt of everybody serves on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pushsvc.context import Context
from pushsvc.pipeline.forgetting import forget_erased
from pushsvc.pipeline.rights import erase
from pushsvc.pipeline.scoring import model_in_use
from pushsvc.store.models import add_model
from pushsvc.store.session import transaction
from recommenders.artifact import dump
from recommenders.model import Model
from tests.clock import Clock
from tests.modelling import by_hand
from tests.registering import ask, register


def knowing(*ids: int) -> Model:
    """A model with an own vector of each of these profiles."""
    model, count = by_hand({"region=990105": 1.0}), len(ids)

    def own(width: int) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
        return {"own_vectors": np.ones((count, width), np.float32), "own_bias": np.ones(count, np.float32)}

    audience, feed = replace(model.audience, **own(0)), replace(model.feed, **own(1))
    return replace(model, own_ids=np.array(sorted(ids)), own_weight=0.3, audience=audience, feed=feed)


def test_the_own_vectors_of_the_erased_are_taken_out_and_the_model_serves_on(ctx: Context) -> None:
    gone, stays = register(ctx, "a"), register(ctx, "b")
    model = knowing(gone, stays)
    with transaction(ctx.engine) as conn:
        number = add_model(conn, dump(model), model.card, active=True, at=ctx.clock())
        assert model_in_use(conn) is not None
    erase(ctx, gone, actor="self")
    ask(ctx, "update profile set erased_at = erased_at + interval '1 second' where erased_at is not null returning 1")
    assert forget_erased(ctx) == 1
    with transaction(ctx.engine) as conn:
        found = model_in_use(conn)
    assert found is not None
    assert (found[0], found[1].own_ids.tolist(), len(found[1].feed.own_vectors)) == (number, [stays], 1)
    assert ask(ctx, "select action, detail from audit where action = 'model.forget'") == [
        ("model.forget", {"profiles": 1})
    ]


def test_who_was_erased_while_a_model_learnt_is_taken_out_of_it(ctx: Context, clock: Clock) -> None:
    gone, stays = register(ctx, "a"), register(ctx, "b")
    began = ctx.clock()
    clock.forward(minutes=10)
    erase(ctx, gone, actor="self")
    clock.forward(minutes=10)
    model = knowing(gone, stays)
    with transaction(ctx.engine) as conn:
        add_model(conn, dump(model), {**model.card, "made_at": began.isoformat()}, active=True, at=ctx.clock())
    assert forget_erased(ctx) == 1
    clock.forward(hours=2)
    assert forget_erased(ctx) == 0


def test_whose_erasure_was_not_yet_committed_is_taken_out_the_next_time(ctx: Context, clock: Clock) -> None:
    model = knowing(register(ctx, "a"), late := register(ctx, "b"))
    with transaction(ctx.engine) as conn:
        add_model(conn, dump(model), model.card, active=True, at=ctx.clock())
    clock.forward(hours=2)
    slow = ctx.clock()  # what the erasure, not yet committed, says
    erase(ctx, register(ctx, "c"), actor="self")
    clock.forward(seconds=1)
    assert forget_erased(ctx) == 0
    ask(ctx, "update profile set erased_at = :at where id = :id returning 1", at=slow, id=late)
    assert forget_erased(ctx) == 1


def test_where_nobody_was_erased_no_model_is_touched(ctx: Context) -> None:
    model = knowing(register(ctx, "a"))
    with transaction(ctx.engine) as conn:
        add_model(conn, dump(model), model.card, active=True, at=ctx.clock())
    before = ask(ctx, "select checksum, card from model")
    assert forget_erased(ctx) == 0
    assert ask(ctx, "select checksum, card from model") == before
