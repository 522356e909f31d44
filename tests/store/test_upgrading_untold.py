"""A campaign that was over before campaigns looked again at whom they refused as told tells nobody old news."""

from __future__ import annotations

from sqlalchemy import Engine, text

from pushsvc.store import schema
from pushsvc.store.session import transaction
from tests.databases import at_step

_POLICY = """insert into policy (ref, family, event, kind, title, agency, topic, region, body, checksum, imported_at)
    values ('a', 'a', 'new:a', 'fund', '办法', '局', 'talent', '990105', '第一条', 'x', now())"""
_CAMPAIGN = """insert into campaign (policy_id, family, event, title, doors, author, state, created_at, finished_at)
    values (1, 'a', 'new:a', '办法', '{}', '李萌', :state, now(), :finished_at)"""


def test_only_what_still_runs_looks_again(engine: Engine) -> None:
    with at_step(engine, "0017") as older:
        with transaction(older) as conn:
            conn.execute(text(_POLICY))
            for state, moment in (("running", None), ("finished", "2026-06-01T00:00:00Z")):
                conn.execute(text(_CAMPAIGN), {"state": state, "finished_at": moment})
        schema.upgrade(older)
        with transaction(older) as conn:
            found = conn.execute(text("select state, untold_at is null, untold_rank from campaign order by id")).all()
    assert [tuple(row) for row in found] == [("running", True, None), ("finished", False, None)]
