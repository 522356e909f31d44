"""A database from before models had a state keeps the model in use, and remembers since when."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from pushsvc.store import models, schema
from pushsvc.store.session import transaction
from tests.databases import at_step


@pytest.fixture
def older(engine: Engine) -> Iterator[Engine]:
    """An empty database at the step before."""
    with at_step(engine, "0010") as made:
        yield made


def test_the_model_in_use_stays_in_use(older: Engine) -> None:
    rows = [("{}", False), ("{}", True), ('{"version": "m-7"}', True), ("{}", False)]
    with transaction(older) as conn:
        for card, active in rows:
            statement = (
                "insert into model (card, arrays, checksum, active, created_at) values (:card, '', 'x', :active, now())"
            )
            conn.execute(text(statement), {"card": card, "active": active})
    schema.upgrade(older)
    with transaction(older) as conn:
        found = {row.id: row.state for row in models.model_rows(conn)}
        (served,) = models.history(conn)
        row = models.serving_row(conn)
    assert found == {1: "stored", 2: "retired", 3: "serving", 4: "stored"}
    assert row is not None
    assert (served.model_id, served.since, served.why) == (3, row.created_at, "upgrade")
    assert row.card == {"version": "m-7"}


def test_where_no_model_was_in_use_none_is(older: Engine) -> None:
    schema.upgrade(older)
    with transaction(older) as conn:
        assert models.serving_candidates(conn) == models.history(conn) == models.model_rows(conn) == []
