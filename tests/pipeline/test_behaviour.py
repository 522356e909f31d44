"""What is kept of everybody's reading beside the model is read anew as soon as any of it counts no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import insert

from pushsvc.context import Context
from pushsvc.pipeline.behaviour import everybody
from pushsvc.pipeline.preferences import subscribe
from pushsvc.store import tables
from pushsvc.store.session import transaction
from pushsvc.store.tags import refuse_tag
from recommenders.behaviour import Behaviour
from recommenders.matrix import from_parts
from recommenders.model import Model, Past
from tests.modelling import by_hand
from tests.registering import ask, issue, register


@pytest.fixture
def look(ctx: Context) -> Callable[[], Behaviour]:
    """Two people with a tag read the one policy of a model, which bears it; the look at all readers is kept."""
    people = [register(ctx, ref, interests="租房") for ref in "ab"]
    issue(ctx, "p", tags="租房")
    with transaction(ctx.engine) as conn:
        for person in people:
            row = {"profile_id": person, "policy_id": 1, "kind": "opened", "at": ctx.clock()}
            conn.execute(insert(tables.feedback).values(row))
    model = _remembering(by_hand({"wish=托育": 1.0, "wish=租房": 1.0}))

    def found() -> Behaviour:
        with transaction(ctx.engine) as conn:
            return everybody(conn, ctx, model)

    assert found().ids.tolist() == people
    return found


def _remembering(model: Model) -> Model:
    none = np.zeros(1, dtype=np.int64)
    return replace(model, past=Past(np.array([1]), from_parts(none, none, np.ones(1, np.float32), (1, 1))))


def test_two_who_delete_a_tag_at_once_are_both_heeded(ctx: Context, look: Callable[[], Behaviour]) -> None:
    with ctx.engine.connect() as first, ctx.engine.connect() as second:
        assert refuse_tag(first, 1, "租房", ctx.clock())
        assert refuse_tag(second, 2, "租房", ctx.clock())
        second.commit()  # the later number is there first
        assert look().ids.tolist() == [1]
        first.commit()
    assert look().ids.tolist() == []


def test_a_policy_that_turns_out_to_be_sensitive_is_forgotten_at_once(
    ctx: Context, look: Callable[[], Behaviour]
) -> None:
    ask(ctx, "update policy set sensitive = true returning 1")
    assert look().ids.tolist() == []


def test_a_policy_given_a_tag_that_somebody_deleted_counts_for_them_no_more(
    ctx: Context, look: Callable[[], Behaviour]
) -> None:
    register(ctx, "a", interests="租房|托育")
    with transaction(ctx.engine) as conn:
        assert refuse_tag(conn, 1, "托育", ctx.clock())
    assert look().ids.tolist() == [1, 2]
    ask(ctx, "update policy set tags = '{租房,托育}' returning 1")
    assert look().ids.tolist() == [2]


def test_a_wish_that_is_changed_in_place_counts_as_changed(ctx: Context, look: Callable[[], Behaviour]) -> None:
    assert subscribe(ctx, 1, {"ref": "w", "themes": "托育"}) == []
    before = look().with_wishes(from_parts(*[np.zeros(0, np.int64)] * 2, np.zeros(0, np.float32), (1, 2)), 1)
    assert subscribe(ctx, 1, {"ref": "w", "themes": "租房"}) == []
    after = look().with_wishes(from_parts(*[np.zeros(0, np.int64)] * 2, np.zeros(0, np.float32), (1, 2)), 1)
    assert before.indices.tolist() != after.indices.tolist()
