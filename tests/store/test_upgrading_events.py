"""A database from before events kept their tries forgets how often they failed, and nothing else of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from pushsvc.store import schema
from pushsvc.store.session import transaction
from tests.databases import at_step


@pytest.fixture
def older(engine: Engine) -> Iterator[Engine]:
    """An empty database at the step before."""
    with at_step(engine, "0014") as made:
        yield made


def test_an_event_that_failed_before_gets_all_its_tries_anew(older: Engine) -> None:
    with transaction(older) as conn:
        conn.execute(
            text("""
            insert into policy (ref, family, event, kind, title, agency, topic, region, body, checksum, imported_at)
            values ('a', 'a', 'new:a', 'fund', '办法', '局', 'talent', '990105', '第一条', 'x', now())
        """)
        )
        conn.execute(
            text("""
            insert into policy_event (policy_id, kind, key, detail, at) values
            (1, 'deadline', 'x', '{"days": 7, "failed": 3000}', now()), (1, 'deadline', 'y', '{"days": 3}', now())
        """)
        )
    schema.upgrade(older)
    with transaction(older) as conn:
        found = conn.execute(text("select detail, tries, again_at, error_code from policy_event order by id")).all()
    assert [tuple(row) for row in found] == [({"days": 7}, 0, None, None), ({"days": 3}, 0, None, None)]
