"""Stored models: at most one serves, what served when is kept, and nobody rewrites it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import Thread

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from pushsvc.store import models
from pushsvc.store.assessments import Assessment, add_assessment, assessment_by_id, assessments, covering
from pushsvc.store.session import transaction
from tests.clock import Clock


def add(engine: Engine, clock: Clock, *, active: bool = False) -> int:
    """A stored model of no content."""
    with transaction(engine) as conn:
        return models.add_model(conn, b"arrays", {"made": "by hand"}, at=clock(), active=active)


def serve(engine: Engine, clock: Clock, number: int, why: str = "use") -> None:
    """The model serves from now on."""
    with transaction(engine) as conn:
        models.serve(conn, number, at=clock(), by="周岚", why=why)


def test_a_stored_model_serves_only_when_it_is_told_to(engine: Engine, clock: Clock) -> None:
    number = add(engine, clock)
    with transaction(engine) as conn:
        assert models.active_model(conn) is None
        assert models.serving_candidates(conn) == []
        assert models.model_rows(conn)[0].state == "stored"
    serve(engine, clock, number)
    with transaction(engine) as conn:
        found = models.active_model(conn)
    assert found is not None
    assert (found.id, found.arrays, found.card) == (number, b"arrays", {"made": "by hand"})


def test_the_one_that_served_is_retired_and_both_times_are_kept(engine: Engine, clock: Clock) -> None:
    first, start = add(engine, clock, active=True), clock()
    clock.forward(days=3)
    second = add(engine, clock, active=True)
    with transaction(engine) as conn:
        assert {row.id: row.state for row in models.model_rows(conn)} == {first: "retired", second: "serving"}
        times = [(one.model_id, one.since, one.until) for one in models.history(conn)]
        assert models.serving_candidates(conn) == [second, first]
    assert times == [(first, start, clock()), (second, clock(), None)]


def test_to_serve_again_what_serves_changes_nothing(engine: Engine, clock: Clock) -> None:
    number = add(engine, clock, active=True)
    serve(engine, clock, number)
    with transaction(engine) as conn:
        assert len(models.history(conn)) == 1


def test_a_clock_that_was_set_back_ends_nothing_before_it_began(engine: Engine, clock: Clock) -> None:
    add(engine, clock, active=True)
    clock.forward(days=-1)
    add(engine, clock, active=True)
    with transaction(engine) as conn:
        first = models.history(conn)[0]
    assert first.until == first.since


def test_the_database_itself_lets_only_one_serve(engine: Engine, clock: Clock) -> None:
    add(engine, clock, active=True)
    number = add(engine, clock)
    with pytest.raises(IntegrityError), transaction(engine) as conn:
        conn.execute(text("update model set state = 'serving' where id = :id"), {"id": number})


def test_two_that_take_over_at_once_do_so_one_after_the_other(engine: Engine, clock: Clock) -> None:
    numbers = [add(engine, clock) for _ in range(6)]
    threads = [Thread(target=serve, args=(engine, clock, number)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with transaction(engine) as conn:
        times = models.history(conn)
        assert models.serving_candidates(conn)[0] == times[-1].model_id
    assert sorted(one.model_id for one in times) == numbers
    assert [one.until is None for one in times] == [False] * 5 + [True]


@pytest.mark.parametrize(
    "statement",
    [
        "delete from model_serving",
        "update model_serving set model_id = 2",
        "update model_serving set actor = 'nobody'",
        "update model_serving set since = since - interval '1 day'",
        "update model_serving set until = null",
        "update model_serving set until = now()",
    ],
)
def test_what_served_when_cannot_be_rewritten(engine: Engine, clock: Clock, statement: str) -> None:
    add(engine, clock, active=True)
    add(engine, clock, active=True)
    with pytest.raises(IntegrityError, match="never changed"), transaction(engine) as conn:
        conn.execute(text(statement))


def test_the_gates_answer_is_kept_and_a_refused_model_says_so(engine: Engine, clock: Clock) -> None:
    number = add(engine, clock)
    gate = [{"check": "assessment", "passed": False, "value": None, "bar": "2 @ 2026-06-24"}]
    with transaction(engine) as conn:
        models.record_gate(conn, number, gate, refused=True)
        (row,) = models.model_rows(conn, model_id=number)
    assert (row.state, row.gate, row.assessment) == ("refused", gate, None)


def test_a_model_that_serves_is_not_refused_while_it_does(engine: Engine, clock: Clock) -> None:
    number = add(engine, clock, active=True)
    with transaction(engine) as conn:
        models.record_gate(conn, number, [], refused=True)
        assert models.model_rows(conn)[0].state == "serving"


@pytest.fixture
def made(clock: Clock) -> Callable[..., Assessment]:
    """An assessment of algorithm 2 that holds for the year."""

    def make(id: str = "PIA-1", algorithm: str = "2", made_on: str = "2026-01-01") -> Assessment:
        return Assessment(id, algorithm, "影响评估", date.fromisoformat(made_on), date(2026, 12, 31), "沈祺", clock())

    return make


def test_an_assessment_covers_its_version_on_its_days(engine: Engine, made: Callable[..., Assessment]) -> None:
    with transaction(engine) as conn:
        add_assessment(conn, made())
        add_assessment(conn, made("PIA-2", made_on="2026-03-01"))
        asked = [
            ("2", "2026-01-01"),
            ("2", "2026-03-01"),
            ("2", "2026-12-31"),
            ("2", "2027-01-01"),
            ("3", "2026-03-01"),
        ]
        found = [covering(conn, version, date.fromisoformat(day)) for version, day in asked]
        assert [one.id if one else None for one in found] == ["PIA-1", "PIA-2", "PIA-2", None, None]
        assert assessment_by_id(conn, "PIA-1") == made()
        assert [one.id for one in assessments(conn)] == ["PIA-2", "PIA-1"]


@pytest.mark.parametrize(
    "statement", ["delete from impact_assessment", "update impact_assessment set valid_until = '2030-01-01'"]
)
def test_an_assessment_is_kept_as_it_was_recorded(
    engine: Engine, made: Callable[..., Assessment], statement: str
) -> None:
    with transaction(engine) as conn:
        add_assessment(conn, made())
    with pytest.raises(IntegrityError, match="never changed"), transaction(engine) as conn:
        conn.execute(text(statement))
